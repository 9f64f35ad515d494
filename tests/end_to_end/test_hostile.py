"""Mail made to break the daemon: it lives, accounts for each, and nothing of one gets where only our words belong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import pytest

from tests.house import COMPLAINT, House, mail, until
from tests.servers import Dovecot
from tests.sink import Sink

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)
_MARK = "Zqx"  # stands in each hostile mail and in nothing of ours


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot) -> Iterator[House]:
    with Sink() as sink, House(tmp_path, dovecot, sink, f"hostile{next(_NUMBERS)}") as house:
        yield house


def _raw(
    header: str, text: bytes = b"I was charged twice and I want my money back, this is unacceptable. Zqx\r\n"
) -> bytes:
    return header.replace("\n", "\r\n").encode("utf-8", "surrogateescape") + b"\r\n\r\n" + text


def _injected(value: str) -> str:
    return f"=?utf-8?q?{value}=0D=0AZ1_DELETE_Zqx=0D=0ABcc:_victim=40zqx.example?="


def _nested(depth: int) -> bytes:
    head = "From: n@zqx.example\nTo: hello@harbour.example\nSubject: Zqx\nContent-Type: multipart/mixed; boundary=b0"
    text = b""
    for n in range(depth):
        text += f"--b{n}\r\nContent-Type: multipart/mixed; boundary=b{n + 1}\r\n\r\n".encode()
    return _raw(head, text + f"--b{depth}\r\n\r\nI want my money back Zqx\r\n".encode())


HOSTILE: dict[str, bytes] = {
    "encoded CR LF in From": _raw(f"From: {_injected('a')} <a1@zqx.example>\nTo: hello@harbour.example\nSubject: Zqx"),
    "encoded CR LF in Subject": _raw(f"From: a2@zqx.example\nTo: hello@harbour.example\nSubject: {_injected('Zqx')}"),
    "encoded CR LF in In-Reply-To": _raw(
        f"From: a3@zqx.example\nTo: hello@harbour.example\nSubject: Zqx\nIn-Reply-To: {_injected('<x@y>')}\n"
        f"References: {_injected('<x@y>')}"
    ),
    "encoded CR LF in Message-ID": _raw(
        f"From: a4@zqx.example\nTo: hello@harbour.example\nSubject: Zqx\nMessage-ID: {_injected('<x@y>')}"
    ),
    "empty Message-ID": _raw("From: a5@zqx.example\nTo: hello@harbour.example\nSubject: Zqx\nMessage-ID: <>"),
    "a Message-ID with a command in it": _raw(
        'From: a6@zqx.example\nTo: hello@harbour.example\nSubject: Zqx\nMessage-ID: <a" NOT DELETED Zqx@zqx.example>'
    ),
    "3,000 brackets": _raw("From: " + "(" * 3000 + "Zqx\nTo: hello@harbour.example\nSubject: Zqx"),
    "300 multiparts in each other": _nested(300),
    "an unknown charset": _raw(
        "From: a7@zqx.example\nTo: hello@harbour.example\nSubject: =?x-zqx?b?gICA?=\n"
        "Content-Type: text/plain; charset=x-zqx"
    ),
    "a Python codec": _raw(
        "From: a8@zqx.example\nTo: hello@harbour.example\nSubject: =?idna?b?gICA?=\n"
        "Content-Type: text/plain; charset=zlib"
    ),
    "100,000 header fields": _raw(
        "From: a9@zqx.example\nTo: hello@harbour.example\nSubject: Zqx\n"
        + "\n".join(f"X-{n}: Zqx" for n in range(100_000))
    ),
    "NUL bytes": _raw(
        "From: a10@zqx.example\nTo: hello@harbour.example\nSubject: Z\x00qx Zqx",
        b"I want my money back\x00 Zqx\x00\r\n",
    ),
    "a template in Subject and name": _raw(
        'From: "{{7*7}}{% raise %}Zqx" <a11@zqx.example>\nTo: hello@harbour.example\n'
        "Subject: {{ 7*7 }} {{ business.name }} Zqx"
    ),
    "turned and invisible characters": _raw(
        "From: \u202eZqx\u200b <a12@zqx.example>\nTo: hello@harbour.example\nSubject: \u202eZqx\u200b\u2028\u0085X: y"
    ),
    "raw 8-bit header": _raw("From: \udcffZqx <a13@zqx.example>\nTo: hello@harbour.example\nSubject: \udcff\udcfe Zqx"),
    "two Froms": _raw("From: a14@zqx.example\nFrom: a15@zqx.example\nTo: hello@harbour.example\nSubject: Zqx"),
    "no sender": _raw("To: hello@harbour.example\nSubject: Zqx"),
    "an address with a break in it": _raw('From: "a\\\r\n b"@zqx.example\nTo: hello@harbour.example\nSubject: Zqx'),
    "an address of 3,000 characters": _raw(f"From: {'z' * 3000}@zqx.example\nTo: hello@harbour.example\nSubject: Zqx"),
    "an address with brackets": _raw("From: <<a16@zqx.example>>\nTo: hello@harbour.example\nSubject: Zqx"),
    "nothing but a blank line": b"\r\n",
    "20,000 encoded words": _raw(
        "From: a17@zqx.example\nTo: hello@harbour.example\nSubject: " + "\n ".join(["=?utf-8?q?Zqx?="] * 20_000)
    ),
    "5,000 parameters": _raw(
        "From: a18@zqx.example\nTo: hello@harbour.example\nSubject: Zqx\nContent-Type: text/plain"
        + "".join(f";\n name*{n}*=utf-8''Zqx" for n in range(5000))
    ),
    "a date that never was": _raw(
        "From: a19@zqx.example\nTo: hello@harbour.example\nSubject: Zqx\nDate: Mon, 99 Foo 99999 99:99:99 +9999"
    ),
    "lone surrogates": _raw(
        "From: =?utf-16?b?2AA=?= <a20@zqx.example>\nTo: hello@harbour.example\nSubject: =?utf-8?b?7aCA?= Zqx\n"
        "Content-Type: text/plain; charset=utf-7",
        b"+2AA- I want my money back Zqx\r\n",
    ),
}


def _said(dovecot: Dovecot, user: str) -> str:
    """All that Troth said to the server about the mails."""
    return "".join(path.read_text(errors="replace") for path in (dovecot.home / "rawlog" / user).glob("*.in"))


def test_no_mail_ends_it_and_nothing_of_one_gets_where_only_our_words_belong(house: House) -> None:
    house.dovecot.keep_talk(house.user)
    house.start()
    house.dovecot.deliver(house.user, *HOSTILE.values(), sender="relay@zqx.example")
    house.deliver(mail(COMPLAINT))
    until(lambda: any(kept.recipients == ("jo@client.example",) for kept in house.sink.mails), 60)
    account = until(lambda: found if (found := house.accounts()).seen == len(HOSTILE) + 1 else None, 90)
    until(lambda: not house.accounts().pending, 30)
    assert account.set_aside == 0
    assert _MARK not in house.log()
    assert _MARK not in "\n".join(house.sink.commands).replace("@zqx.example", "")
    assert _MARK not in _said(house.dovecot, house.user)
    for kept in house.sink.mails:
        _fit_to_leave(kept.raw, kept.recipients)
        if kept.recipients[0] != "ada@harbour.example":
            assert _MARK.encode() not in kept.raw
            assert "49" not in str(message_from_bytes(kept.raw)["Subject"])


def test_a_known_clients_hostile_subject_and_name_break_no_letter(house: House) -> None:
    """To him `Re:` and his subject go back, so more of his mail is in the letter than a stranger ever sees."""
    theirs = [f"a{n}@zqx.example" for n in range(1, 21)]
    wrote = [mail("As agreed.", sender="Ada <ada@harbour.example>", to=each, subject="Proofs") for each in theirs]
    house.dovecot.fill(house.user, wrote, "Sent")
    house.start()
    until(lambda: f"mails={len(wrote)}" in house.log())
    house.dovecot.deliver(house.user, *HOSTILE.values(), sender="relay@zqx.example")
    until(lambda: (found := house.accounts()).seen == len(HOSTILE) and not found.pending, 60)
    letters = [kept for kept in house.sink.mails if kept.recipients[0] in theirs]
    assert len(letters) >= 14
    for kept in letters:
        _fit_to_leave(kept.raw, kept.recipients)
        subject = str(make_header(decode_header(str(message_from_bytes(kept.raw)["Subject"]))))
        assert subject.isprintable(), subject
        assert len(subject) <= 250
        assert "49" not in subject
    assert any("{{ 7*7 }}" in str(message_from_bytes(kept.raw)["Subject"]) for kept in letters)
    assert _MARK not in house.log()
    assert house.accounts().set_aside == 0


def _fit_to_leave(raw: bytes, recipients: tuple[str, ...]) -> None:
    assert len(recipients) == 1
    assert raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    head = message_from_bytes(raw)
    for name in ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"):
        assert len(head.get_all(name, [])) == 1, name
    assert not any(head.get_all(name) for name in ("Cc", "Bcc"))
    assert head["X-Auto-Response-Suppress"] == "All"
    assert re.search(rf"{re.escape(recipients[0])}>?$", head["To"])


def test_an_attachment_of_50_megabytes_stays_on_the_server(house: House) -> None:
    house.start()
    house.deliver(mail(COMPLAINT, sender="Mo <mo@client.example>"))
    house.letters(1)
    assert house.daemon is not None
    before = _most_memory(house.daemon.pid)
    large = EmailMessage()
    large["From"], large["To"], large["Subject"] = "Jo <jo@client.example>", "hello@harbour.example", "Order 1182"
    large.set_content(COMPLAINT)
    large.add_attachment(bytes(50_000_000), "application", "octet-stream", filename="drawing.bin")
    house.deliver(large.as_bytes())
    house.letters(2, seconds=60)
    assert _most_memory(house.daemon.pid) - before < 20_000


def _most_memory(pid: int) -> int:
    """The most that a process has had in memory, in kB."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])
