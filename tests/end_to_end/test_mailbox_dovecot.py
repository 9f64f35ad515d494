"""The mailbox and the watch on a real Dovecot."""

from __future__ import annotations

import email
import email.policy
import imaplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from functools import partial
from itertools import count
from resource import RUSAGE_SELF, getrusage

import pytest

from tests.servers import Dovecot
from tests.test_mailbox_watch import Recorder, eventually, watched
from troth.mailbox import Account, Mailbox, Phase, Role, Stop, Wake, Watch, Watermark

pytestmark = pytest.mark.server
_names = count(1)


@pytest.fixture
def name() -> str:
    return f"mailbox{next(_names)}"


def account(dovecot: Dovecot, name: str, timeout: float = 10) -> Account:
    return Account(name, dovecot.host, dovecot.imap_port, name, lambda: dovecot.user(name), "none", timeout=timeout)


def letter(number: int = 1, text: str = "Where is it?") -> bytes:
    head = f"From: jo@client.example\r\nTo: hello@harbour.example\r\nMessage-ID: <{number}@client.example>\r\n"
    return f"{head}Subject: Order {number}\r\n\r\n{text}\r\n".encode()


@contextmanager
def watching(of: Account, receiver: Recorder, *, poll: float = 60, role: Role = Role.INBOX) -> Iterator[None]:
    stop = Stop()
    thread = threading.Thread(target=Watch(of, role, receiver, poll=poll, stop=stop).run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()
        stop.close()


def flags_of(dovecot: Dovecot, name: str) -> list[str]:
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port, timeout=10) as client:
        client.login(name, dovecot.user(name))
        client.select("INBOX", readonly=True)
        return [repr(line) for line in client.fetch("1:*", "(FLAGS)")[1]]


def test_two_thousand_old_mails_are_learnt_and_none_is_received(dovecot: Dovecot, name: str) -> None:
    dovecot.fill(name, (letter(number) for number in range(2000)))
    receiver = Recorder()
    with watching(account(dovecot, name), receiver):
        eventually(watched(receiver), 30)
        dovecot.deliver(name, letter(2001))
        eventually(lambda: receiver.received)
    assert len(set(receiver.learnt)) == 2000
    assert receiver.received == [(2001, False)]


def test_mail_is_received_as_soon_as_the_server_announces_it(dovecot: Dovecot, name: str) -> None:
    """Dovecot takes half a second to announce a mail; what is ours is the time from there."""
    receiver = Recorder()
    later = []
    with watching(account(dovecot, name), receiver), idling(dovecot, name) as line:
        eventually(watched(receiver))
        for number in range(1, 4):
            time.sleep(0.1)  # into IDLE
            dovecot.deliver(name, letter(number))
            while b"EXISTS" not in line():
                pass
            announced = time.monotonic()
            eventually(partial(receiver.has, number))
            later.append(time.monotonic() - announced)
    assert min(later) < 0.1  # it announces to one session up to a tenth of a second after the other


@contextmanager
def idling(dovecot: Dovecot, name: str) -> Iterator[Callable[[], bytes]]:
    """A bare client in IDLE; reads a line."""
    with socket.create_connection((dovecot.host, dovecot.imap_port), timeout=10) as sock, sock.makefile("rb") as lines:
        sock.sendall(f"a LOGIN {name} {dovecot.user(name)}\r\nb SELECT INBOX\r\nc IDLE\r\n".encode())
        while not lines.readline().startswith(b"+"):
            pass
        yield lines.readline


def test_mail_delivered_while_the_server_restarts_is_found(dovecot: Dovecot, name: str) -> None:
    receiver = Recorder()
    with watching(account(dovecot, name), receiver, poll=1):
        eventually(watched(receiver))
        dovecot.stop()
        time.sleep(1.5)
        dovecot.start()
        began = time.monotonic()
        dovecot.deliver(name, letter())
        eventually(lambda: receiver.received, 10)
        assert time.monotonic() - began < 1 + 5


def test_a_killed_session_is_replaced_at_once(dovecot: Dovecot, name: str) -> None:
    receiver = Recorder()
    with watching(account(dovecot, name), receiver):
        eventually(watched(receiver))
        time.sleep(0.1)
        assert dovecot.kill_imap_processes()
        dovecot.deliver(name, letter())
        eventually(lambda: receiver.received, 5)


def test_a_frozen_session_is_found_out_within_poll_and_5_seconds(dovecot: Dovecot, name: str) -> None:
    receiver = Recorder()
    with watching(account(dovecot, name), receiver, poll=1):
        eventually(watched(receiver))
        time.sleep(0.1)
        assert dovecot.freeze_imap_processes()
        began = time.monotonic()
        dovecot.deliver(name, letter())
        eventually(lambda: receiver.received, 10)
        assert time.monotonic() - began < 1 + 5
        dovecot.thaw_imap_processes()


def test_new_uids_bring_old_mails_as_maybe_known(dovecot: Dovecot, name: str) -> None:
    dovecot.deliver(name, letter(1), letter(2))
    receiver = Recorder()
    with watching(account(dovecot, name), receiver):
        eventually(watched(receiver))
    assert receiver.learnt == [1, 2]
    before = receiver.mark
    dovecot.forget_uids(name)
    with watching(account(dovecot, name), receiver):
        eventually(lambda: len(receiver.received) == 2)
        dovecot.deliver(name, letter(3))
        eventually(lambda: len(receiver.received) == 3)
    assert sorted(resync for _, resync in receiver.received) == [False, True, True]
    assert before
    assert receiver.mark
    assert receiver.mark.uidvalidity != before.uidvalidity
    assert receiver.mark.phase is Phase.NEW


def test_no_flag_but_the_keyword_is_changed(dovecot: Dovecot, name: str) -> None:
    dovecot.deliver(name, letter(1), letter(2))
    receiver = Recorder(keyword="$Complaint")
    with Mailbox(account(dovecot, name)) as mailbox:
        receiver.mark = Watermark(mailbox.open("INBOX").uidvalidity, 0)
    with watching(account(dovecot, name), receiver):
        eventually(lambda: len(receiver.received) == 2)
        eventually(lambda: all("$Complaint" in line for line in flags_of(dovecot, name)))
    assert not [line for line in flags_of(dovecot, name) if "Seen" in line]


def test_sent_is_found_and_watched(dovecot: Dovecot, name: str) -> None:
    receiver = Recorder()
    with watching(account(dovecot, name), receiver, role=Role.SENT):
        eventually(watched(receiver))
        with Mailbox(account(dovecot, name)) as mailbox:
            assert mailbox.sent_folder() == "Sent"
            uid = mailbox.append("Sent", letter(), flags=[r"\Seen"])
        eventually(lambda: receiver.received)
    assert receiver.uids == [uid]


def test_a_large_mail_comes_without_its_weight(dovecot: Dovecot, name: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "jo@client.example", "hello@harbour.example", "Scans"
    mail.set_content("Please see the scans.\n")
    mail.add_alternative("<p>Please see the scans.</p>", subtype="html")
    for number in range(3):
        mail.add_attachment(bytes(3_000_000), "application", "pdf", filename=f"Größe {number}.pdf")
    dovecot.deliver(name, bytes(mail))
    with Mailbox(account(dovecot, name)) as mailbox:
        mailbox.open("INBOX")
        (fetched,) = mailbox.fetch([1])
    assert fetched.size > 12_000_000
    assert len(fetched.raw) < 10_000
    parsed = email.message_from_bytes(fetched.raw, policy=email.policy.default)
    plain = parsed.get_body(("plain",))
    assert plain
    assert plain.get_content().strip() == "Please see the scans."
    assert [part.get_filename() for part in parsed.iter_attachments()] == [f"Größe {n}.pdf" for n in range(3)]


def test_a_mail_of_a_thousand_nested_parts_is_still_brought(dovecot: Dovecot, name: str) -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(1000))
    dovecot.deliver(name, b"From: jo@client.example\r\n" + nested + b"\r\n" + b"x\r\n" * 60_000, letter())
    with Mailbox(account(dovecot, name)) as mailbox:
        mailbox.open("INBOX")
        assert [mail.uid for mail in mailbox.fetch(mailbox.uids_above(0))] == [1, 2]


def test_a_mail_expunged_between_search_and_fetch_is_skipped(dovecot: Dovecot, name: str) -> None:
    dovecot.deliver(name, letter(1), letter(2))
    with Mailbox(account(dovecot, name)) as mailbox:
        mailbox.open("INBOX")
        uids = mailbox.uids_above(0)
        with imaplib.IMAP4(dovecot.host, dovecot.imap_port, timeout=10) as client:
            client.login(name, dovecot.user(name))
            client.select("INBOX")
            client.store("1", "+FLAGS", r"(\Deleted)")
            client.expunge()
        assert [mail.uid for mail in mailbox.fetch(uids)] == [2]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_watch_within_tls_is_woken(dovecot: Dovecot, name: str, tls: str) -> None:
    port = dovecot.imaps_port if tls == "implicit" else dovecot.imap_port
    secure = Account(name, dovecot.tls_name, port, name, lambda: dovecot.user(name), tls, dovecot.ca_file)  # type: ignore[arg-type]  # a parameter is but a str
    receiver = Recorder()
    with watching(secure, receiver):
        eventually(watched(receiver))
        dovecot.deliver(name, letter())
        eventually(lambda: receiver.received)


def test_a_password_outside_ascii_logs_in(dovecot: Dovecot, name: str) -> None:
    password = dovecot.user(name, "pâss wörd")
    of = Account(name, dovecot.host, dovecot.imap_port, name, lambda: password, "none")
    with Mailbox(of) as mailbox:
        assert mailbox.capabilities


def test_an_idle_watch_takes_next_to_no_processor_time(dovecot: Dovecot, name: str) -> None:
    receiver = Recorder()
    with watching(account(dovecot, name), receiver):
        eventually(watched(receiver))
        time.sleep(0.2)
        before = getrusage(RUSAGE_SELF)
        time.sleep(2)
        after = getrusage(RUSAGE_SELF)
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < 0.02


def test_a_folder_that_is_written_to_while_it_is_waited_for_wakes_the_wait(dovecot: Dovecot, name: str) -> None:
    with Mailbox(account(dovecot, name)) as mailbox:
        mailbox.open("INBOX")
        timer = threading.Timer(0.2, dovecot.deliver, (name, letter()))
        timer.start()
        assert mailbox.wait(10) is Wake.NEWS
        timer.join()
