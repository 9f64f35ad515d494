"""The gate before real mail: who gets no letter, for what reason, and whose complaint is heard all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from itertools import count
from pathlib import Path

import pytest

from tests.house import COMPLAINT, House, mail, until
from tests.servers import Dovecot
from tests.sink import Sink

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)


@pytest.fixture
def house(tmp_path: Path, dovecot: Dovecot) -> Iterator[House]:
    with Sink() as sink, House(tmp_path, dovecot, sink, f"gate{next(_NUMBERS)}") as house:
        yield house


@dataclass(frozen=True)
class Sent:
    """One complaint as it comes: `path` is its envelope sender; why it gets no letter, and whether it opens a case."""

    reason: str | None
    path: str = "jo@client.example"
    sender: str = "jo@client.example"
    to: str = "hello@harbour.example"
    fields: dict[str, str] = field(default_factory=dict)
    case: bool = True


FORGED = "mx.harbour.example; dmarc=fail header.from=client.example"
CASES: dict[str, Sent] = {
    "plain": Sent(None),
    "another mailbox of his domain": Sent(None, path="orders@mail.client.example"),
    "another domain in Return-Path": Sent("sender not verified", path="jo@other.example"),
    "a machine takes his bounces": Sent("sender not verified", path="bounces+1@client.example"),
    "a null Return-Path": Sent("null sender", path="", case=False),
    "a failed DMARC": Sent("sender not verified", fields={"Authentication_Results": FORGED}),
    "results of somebody else": Sent(None, fields={"Authentication_Results": FORGED.replace("mx.", "mx2.")}),
    "sent to an alias": Sent(None, to="info@harbour.example"),
    "sent to a sub-address": Sent(None, to="hello+order@harbour.example"),
    "sent to nobody of ours": Sent("not addressed to us", to="somebody@else.example"),
    "copied only": Sent("copied only", to="somebody@else.example", fields={"Cc": "hello@harbour.example"}),
    "others outside too": Sent("several recipients", to="hello@harbour.example, pat@else.example"),
    "from ourselves": Sent("own address", sender="hello+x@harbour.example", path="hello@harbour.example", case=False),
    "from a colleague": Sent("colleague", sender="ada@harbour.example", path="ada@harbour.example", case=False),
    "from a colleague's other address": Sent(
        "colleague", sender="sam.fox@home.example", path="sam.fox@home.example", case=False
    ),
    "a supplier": Sent("not a client", sender="x@supplier.example", path="x@supplier.example", case=False),
    "automatic": Sent("automatic", fields={"Auto_Submitted": "auto-notified"}, case=False),
    "by a person who says so": Sent(None, fields={"Auto_Submitted": "No (human)"}),
    "a list": Sent("list", fields={"List_Id": "<l.client.example>"}, case=False),
    "bulk": Sent("bulk", fields={"precedence": "Bulk"}, case=False),
    "suppressed": Sent("suppressed", fields={"X_Auto_Response_Suppress": "DR, AutoReply"}),
    "spam": Sent("spam", fields={"X_Spam_Flag": "YES"}, case=False),
    "our own loop": Sent("own message", fields={"X_Troth_Letter": "k"}, case=False),
}


def _numbered(number: int, sent: Sent) -> tuple[str, str, bytes]:
    """His own address for each, so that no limit for one client plays a part."""
    sender, path = (each.replace("jo@client", f"jo{number}@client") for each in (sent.sender, sent.path))
    return sender, path, mail(COMPLAINT, sender=sender, to=sent.to, **sent.fields)


def test_each_complaint_gets_its_letter_or_its_reason_and_its_case(house: House) -> None:
    house.edit("    poll:", "    authserv_id: mx.harbour.example\n    poll:")
    house.edit("plans:", 'not_clients: ["*@supplier.example"]\nplans:')
    house.start()
    all_of_them = {name: _numbered(number, sent) for number, (name, sent) in enumerate(CASES.items())}
    for _, path, raw in all_of_them.values():
        house.dovecot.deliver(house.user, raw, sender=path)
    until(lambda: (found := house.accounts()).seen == len(CASES) and not found.pending, 40)
    answered = {str(message_from_bytes(kept.raw)["To"]) for kept in house.sink.mails}
    journal = house.command("journal").stdout
    for name, (sender, _, _) in all_of_them.items():
        sent = CASES[name]
        assert (sender in answered) == (sent.reason is None), name
        if sent.reason and sent.reason not in ("own address", "colleague", "own message"):
            assert f"no letter  {sender}  {sent.reason}" in journal, (name, journal)
    cases = sum(sent.case for sent in CASES.values())
    assert house.counts("cases")["waiting"] == cases, journal


@pytest.mark.parametrize(
    ("setting", "path", "verdict", "answered"),
    [
        ("required", "jo@client.example", None, True),
        ("required", None, None, False),
        ("optional", None, None, True),
        ("optional", "jo@other.example", "pass", False),
        ("ignore", "jo@other.example", "pass", True),
        ("ignore", "jo@other.example", None, False),
        ("ignore", None, None, False),
        ("ignore", "", "pass", False),
    ],
)
def test_return_path_is_asked_for_as_the_owner_says(
    house: House, setting: str, path: str | None, verdict: str | None, *, answered: bool
) -> None:
    house.edit("return_path: optional", f"return_path: {setting}")
    house.edit("    poll:", "    authserv_id: mx.harbour.example\n    poll:")
    house.start()
    fields = (
        {"Authentication_Results": f"mx.harbour.example; dmarc={verdict} header.from=client.example"} if verdict else {}
    )
    raw = mail(COMPLAINT, sender="jo@client.example", **fields)
    if path is None:
        house.dovecot.fill(house.user, [raw])
    else:
        house.dovecot.deliver(house.user, raw, sender=path)
    account = until(lambda: found if (found := house.accounts()).seen and not found.pending else None)
    assert bool(house.sink.mails) == answered == bool(account.acknowledged)


def test_a_web_forms_client_gets_no_letter_and_his_complaint_is_heard(house: House) -> None:
    house.edit("plans:", "forms: [{from: web@harbour.example, client: reply-to}]\nplans:")
    house.start()
    house.dovecot.deliver(
        house.user,
        mail(COMPLAINT, sender="web@harbour.example", Reply_To="jo@client.example"),
        sender="www@host.example",
    )
    until(lambda: house.counts("cases")["waiting"] == 1)
    assert house.accounts().acknowledged == 0
    assert "jo@client.example" in house.command("journal", "jo@client.example").stdout
    assert all(kept.recipients == ("ada@harbour.example",) for kept in house.sink.mails)


def test_the_same_message_id_with_other_words_gets_no_second_letter(house: House) -> None:
    house.start()
    house.deliver(mail(COMPLAINT, Message_ID="<one@client.example>"))
    house.letters(1)
    house.deliver(mail(COMPLAINT + " Answer me!", Message_ID="<one@client.example>"))
    until(lambda: house.accounts().seen == 2 and not house.accounts().pending)
    assert [kept.recipients[0] for kept in house.sink.mails].count("jo@client.example") == 1
