"""The gate: groups A1 to A26 of the bar for mail responders, row by row, and the misses known of other programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth import message
from troth.gate import (
    TABLE,
    History,
    House,
    Reason,
    ReturnPath,
    authenticated,
    client_of,
    refuse,
    return_path_agrees,
)
from troth.model import Address, Message

US = Address("hello@harbour.example")
HOUSE = House(
    own=frozenset({US, Address("info@harbour.example"), Address("letters@post.example")}),
    domains=frozenset({"harbour.example"}),
    colleagues=frozenset({Address("ada@harbour.example"), Address("ada@home.example")}),
    not_clients=("*@supplier.example", "press@*"),
    forms=(Address("web@harbour.example"),),
    authserv_id="mx.harbour.example",
)
PLAIN = {
    "Return-Path": "<jo@client.example>",
    "From": "Jo Marsh <jo@client.example>",
    "To": "hello@harbour.example",
    "Subject": "Order 1182",
    "Message-ID": "<1@client.example>",
}


def mail(*more: tuple[str, str], **instead: str | None) -> Message:
    """A person's plain mail, with fields exchanged (underscores for hyphens, None for none) and others added on top."""
    exchanged = {name.replace("_", "-").lower(): value for name, value in instead.items()}
    text = exchanged.pop("text", "The brochures came out wrong.")
    fields = {name.lower(): (name, value) for name, value in PLAIN.items()}
    kept: list[tuple[str, str | None]] = [exchanged_field(pair, exchanged) for pair in fields.values()]
    new = [(name, value) for name, value in exchanged.items() if name not in fields]
    lines = [f"{name}: {value}\n" for name, value in [*more, *kept, *new] if value is not None]
    return message.parse(f"{''.join(lines)}\n{text}\n".encode())


def exchanged_field(pair: tuple[str, str], exchanged: dict[str, str | None]) -> tuple[str, str | None]:
    name, value = pair
    return name, exchanged.get(name.lower(), value)


def reason(of: Message, house: House = HOUSE, history: History | None = None) -> Reason | None:
    refusal = refuse(of, house, history)
    return refusal.reason if refusal else None


def test_a_persons_plain_mail_passes() -> None:
    assert refuse(mail(), HOUSE) is None


def test_the_table_has_every_reason_once_and_in_order() -> None:
    assert [row.reason for row in TABLE] == list(Reason)


@pytest.mark.parametrize(
    "value",
    [
        "auto-replied",
        "auto-generated",
        "AUTO-REPLIED",
        "auto-notified",
        "x-foo",
        "(why) auto-replied",
        "auto-replied ; x=y",
        "auto-replied; owner-email=x",
        "auto-generated (rejected)",
        "Auto-Replied ",
    ],
)
def test_what_is_auto_submitted_is_automatic(value: str) -> None:
    assert reason(mail(Auto_Submitted=value)) is Reason.AUTOMATIC


@pytest.mark.parametrize("value", ["no", "No ", "NO", "no (human)", "(by hand) no", "no; x=y"])
def test_auto_submitted_no_is_a_person(value: str) -> None:
    assert reason(mail(Auto_Submitted=value)) is None


def test_any_of_several_auto_submitted_fields_counts() -> None:
    assert reason(mail(("Auto-Submitted", "no"), ("Auto-Submitted", "auto-replied"))) is Reason.AUTOMATIC


@pytest.mark.parametrize("value", ["<>", "<> ", "< >", ""])
def test_a_null_return_path_wants_no_answer(value: str) -> None:
    assert reason(mail(return_path=value)) is Reason.NULL_SENDER


def test_only_the_topmost_return_path_counts() -> None:
    assert reason(mail(("Return-Path", "<>"))) is Reason.NULL_SENDER
    assert reason(mail(("Return-Path", "<jo@client.example>"), return_path="<>")) is None


@pytest.mark.parametrize(
    ("path", "wanted", "refused"),
    [
        (None, ReturnPath.REQUIRED, True),
        (None, ReturnPath.OPTIONAL, False),
        (None, ReturnPath.IGNORE, True),
        ("<evil@rival.example>", ReturnPath.REQUIRED, True),
        ("<evil@rival.example>", ReturnPath.OPTIONAL, True),
        ("<evil@rival.example>", ReturnPath.IGNORE, True),
        ("<b-1=x@mail.client.example>", ReturnPath.REQUIRED, False),
        ("<JO@Client.Example>", ReturnPath.REQUIRED, False),
    ],
)
def test_return_path_must_agree_with_from(path: str | None, wanted: ReturnPath, refused: bool) -> None:
    house = House(own=frozenset({US}), return_path=wanted)
    assert reason(mail(return_path=path), house) is (Reason.SENDER_NOT_VERIFIED if refused else None)


@pytest.mark.parametrize("local", ["bounces", "bounces+jo=x", "no-reply", "jo-bounces"])
def test_a_person_whose_bounces_go_to_a_machine_gets_no_letter_and_is_heard(local: str) -> None:
    refused = refuse(mail(return_path=f"<{local}@client.example>"), HOUSE)
    assert refused is not None
    assert refused.reason is Reason.SENDER_NOT_VERIFIED
    assert refused.reason.is_client_mail


def test_a_dmarc_pass_makes_up_for_a_return_path_only_where_the_owner_said_so() -> None:
    passed = [("Authentication-Results", "mx.harbour.example; dmarc=pass header.from=client.example")]
    other = mail(*passed, return_path="<x@mailer.example>")
    assert reason(other, House(own=frozenset({US}), authserv_id="mx.harbour.example")) is Reason.SENDER_NOT_VERIFIED
    ignoring = House(own=frozenset({US}), authserv_id="mx.harbour.example", return_path=ReturnPath.IGNORE)
    assert reason(other, ignoring) is None


@pytest.mark.parametrize(
    ("sender", "path", "agrees"),
    [
        ("jo@client.example", "jo@client.example", True),
        ("jo@a.client.co.uk", "b@c.client.co.uk", True),
        ("jo@client.co.uk", "jo@rival.co.uk", False),
        ("jo@client.github.io", "jo@rival.github.io", False),
        ("jo@client.example", "jo@notclient.example", False),
        ("jo@bücher.example", "jo@xn--bcher-kva.example", True),
    ],
)
def test_return_path_agrees_within_a_registered_domain(sender: str, path: str, agrees: bool) -> None:
    assert return_path_agrees(mail(From=f"<{sender}>", return_path=f"<{path}>")) is agrees


@pytest.mark.parametrize(
    "sender", ["hello@harbour.example", "hello+1@harbour.example", "letters@post.example", "new@harbour.example"]
)
def test_our_own_addresses_are_never_answered(sender: str) -> None:
    assert reason(mail(From=f"<{sender}>", return_path=f"<{sender}>")) is Reason.OWN_ADDRESS
    assert reason(mail(return_path=f"<{sender}>")) is Reason.OWN_ADDRESS


@pytest.mark.parametrize("sender", ["ada@harbour.example", "Ada@Home.Example"])
def test_a_colleague_is_no_client(sender: str) -> None:
    assert reason(mail(From=f"<{sender}>", return_path=f"<{sender}>")) is Reason.COLLEAGUE


@pytest.mark.parametrize("sender", ["anna@supplier.example", "press@anything.example"])
def test_who_is_listed_as_no_client_is_none(sender: str) -> None:
    assert reason(mail(From=f"<{sender}>", return_path=f"<{sender}>")) is Reason.NOT_A_CLIENT


def test_a_name_that_only_ends_alike_is_still_a_client() -> None:
    assert reason(mail(From="<a@notsupplier.example>", return_path="<a@notsupplier.example>")) is None


@pytest.mark.parametrize(
    "local",
    [
        "MAILER-DAEMON",
        "LISTSERV",
        "majordomo",
        "owner-prints",
        "prints-request",
        "bounce-123",
        "bounces+jo=x",
        "no-reply",
        "noreply",
        "do-not-reply",
        "donotreply",
        "no_reply",
        "postmaster",
        "orders-noreply",
        "notifications",
    ],
)
def test_an_address_nobody_reads_is_not_answered(local: str) -> None:
    assert reason(mail(From=f"<{local}@client.example>", return_path=f"<{local}@client.example>")) in (
        Reason.SYSTEM_ADDRESS,
        Reason.BOUNCE,
    )


@pytest.mark.parametrize(
    "local", ["nora", "auto", "bounty", "noel.reply", "daemona", "ownership", "jo.request", "rootes", "requests"]
)
def test_a_name_that_looks_a_little_like_a_systems_is_a_person(local: str) -> None:
    assert reason(mail(From=f"<{local}@client.example>", return_path=f"<{local}@client.example>")) is None


@pytest.mark.parametrize(
    "name",
    [
        "List-Id",
        "List-Help",
        "list-subscribe",
        "LIST-UNSUBSCRIBE",
        "List-Post",
        "List-Owner",
        "List-Archive",
        "Mailing-List",
    ],
)
def test_list_mail_is_known_by_any_of_its_fields(name: str) -> None:
    assert reason(mail((name, "<mailto:x@list.example>"))) is Reason.LIST


@pytest.mark.parametrize("value", ["bulk", "BULK", "junk", "list", "auto_reply", " bulk ", "auto-reply"])
@pytest.mark.parametrize("name", ["Precedence", "PRECEDENCE", "X-Precedence", "precedence"])
def test_bulk_is_known_by_precedence_whatever_its_case(name: str, value: str) -> None:
    assert reason(mail((name, value))) is Reason.BULK


def test_other_precedences_are_no_bulk() -> None:
    assert reason(mail(("Precedence", "first-class"))) is None
    assert reason(mail(("Precedence", "special-delivery"))) is None
    assert reason(mail(("Feedback-ID", "1:2:3:esp"))) is Reason.BULK


@pytest.mark.parametrize("value", ["All", "OOF", "AutoReply", "DR, OOF", "dr,autoreply", "NDR, RN, ALL"])
def test_what_asks_for_no_automatic_answer_gets_none(value: str) -> None:
    assert reason(mail(X_Auto_Response_Suppress=value)) is Reason.SUPPRESSED


@pytest.mark.parametrize("value", ["None", "DR", "NDR", "RN, NRN", "DR, RN, NRN", ""])
def test_receipts_alone_suppressed_suppress_no_answer(value: str) -> None:
    assert reason(mail(X_Auto_Response_Suppress=value)) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Autoreply", "yes"),
        ("x-autorespond", ""),
        ("X-Autoresponse", "x"),
        ("X-AutoReply-From", "x@y.example"),
        ("X-Mail-Autoreply", "x"),
        ("X-Autogenerated", "Reply"),
        ("X-FC-MachineGenerated", "true"),
        ("X-MS-Exchange-Inbox-Rules-Loop", "x@y.example"),
        ("X-AMAZON-MAIL-RELAY-TYPE", "notification"),
        ("Delivered-To", "Autoresponder"),
        ("X-POST-MessageClass", "9; Autoresponder"),
        ("X-No-Ack", "yes"),
        ("X-Ack", "no"),
        ("X-Loop", "x@y.example"),
    ],
)
def test_the_marks_programs_used_before_the_standard_are_known(name: str, value: str) -> None:
    assert reason(mail((name, value))) is Reason.AUTOMATIC


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Order",
        "Auto reply: x",
        "Automatische Antwort: Auftrag",
        "Abwesenheitsnotiz",
        "Réponse automatique : x",
        "Out of Office: x",
        "Respuesta automática: x",
        "Automatisch antwoord: x",
        "Autosvar: x",
        "OOO: x",
    ],
)
def test_a_notice_of_absence_is_known_by_its_subject_alone(subject: str) -> None:
    found = reason(mail(Subject=subject))
    assert found is Reason.OUT_OF_OFFICE
    assert found.is_client_mail  # the subject only makes it probable: a complaint in it is still read


@pytest.mark.parametrize(
    "subject", ["Automatic gate broken", "Out of paper", "Absolutely wrong", "Office chairs", "Vacations brochure"]
)
def test_a_subject_that_begins_a_little_alike_is_a_persons(subject: str) -> None:
    assert reason(mail(Subject=subject)) is None


@pytest.mark.parametrize(
    "fields",
    [[("X-Spam-Flag", "YES")], [("X-Spam-Status", "Yes, score=9.1")], [("x-spam-flag", "yes")]],
)
def test_what_a_filter_marked_is_spam(fields: list[tuple[str, str]]) -> None:
    assert reason(mail(*fields)) is Reason.SPAM
    assert reason(mail(("X-Spam-Status", "No, score=-1"))) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"To": "somebody@else.example"}, Reason.NOT_ADDRESSED_TO_US),
        ({"To": "undisclosed-recipients:;"}, Reason.NOT_ADDRESSED_TO_US),
        ({"To": None}, Reason.NOT_ADDRESSED_TO_US),
        ({"To": "hello@harbour.example.evil.example"}, Reason.NOT_ADDRESSED_TO_US),
        ({"To": "x@else.example", "Cc": "info@harbour.example"}, Reason.COPIED_ONLY),
        ({"To": "x@else.example", "Resent_To": "hello@harbour.example"}, Reason.COPIED_ONLY),
        ({"Cc": "x@else.example"}, Reason.SEVERAL_RECIPIENTS),
        ({"To": "hello@harbour.example, x@else.example"}, Reason.SEVERAL_RECIPIENTS),
        ({"Cc": "ada@harbour.example"}, None),
        ({"Cc": "jo@client.example"}, None),
        ({"To": "Hello+orders@Harbour.Example"}, None),
        ({"To": "Print: hello@harbour.example;"}, None),
    ],
)
def test_a_mail_must_be_addressed_to_us_alone(fields: dict[str, str | None], expected: Reason | None) -> None:
    assert reason(mail(**fields)) is expected


@pytest.mark.parametrize("sender", [None, "nobody", "<>", "undisclosed:;", "Jo Marsh"])
def test_without_a_sender_there_is_nobody_to_answer(sender: str | None) -> None:
    assert reason(mail(From=sender)) is Reason.NO_SENDER


@pytest.mark.parametrize("sender", ["a@b.example, c@d.example", "<a@b.example> <c@d.example>"])
def test_several_senders_are_not_answered(sender: str) -> None:
    assert reason(mail(From=sender)) is Reason.SEVERAL_SENDERS
    assert reason(mail(("From", "ada@harbour.example"))) is Reason.SEVERAL_SENDERS


def test_a_display_name_is_no_address() -> None:
    found = mail(From="ada@harbour.example <evil@rival.example>", return_path="<evil@rival.example>")
    assert found.author == "evil@rival.example"
    assert mail(From='"ada@harbour.example" <evil@rival.example>').author == "evil@rival.example"


@pytest.mark.parametrize("text", ["", " \n\n", "...\n--\n"])
def test_a_mail_without_words_is_empty(text: str) -> None:
    assert reason(mail(text=text)) is Reason.EMPTY


def test_a_letter_of_our_own_is_never_answered() -> None:
    assert reason(mail(X_Troth_Letter="k-1")) is Reason.OWN_MESSAGE
    assert reason(mail(), history=History(own_letter=True)) is Reason.OWN_MESSAGE


NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (History(before_first_start=True, already_seen=True), Reason.BEFORE_FIRST_START),
        (History(arrived=NOW - timedelta(hours=13), now=NOW, oldest=timedelta(hours=12)), Reason.TOO_OLD),
        (History(arrived=NOW - timedelta(hours=11), now=NOW, oldest=timedelta(hours=12)), None),
        (History(arrived=NOW + timedelta(hours=11), now=NOW, oldest=timedelta(hours=12)), None),
        (History(already_seen=True), Reason.ALREADY_SEEN),
        (History(limit="1 acknowledgement per day"), Reason.LIMIT),
        (History(silence_asked=True, parted=True), Reason.SILENCE_ASKED),
        (History(parted=True), Reason.PARTED),
    ],
)
def test_history_is_asked_last(history: History, expected: Reason | None) -> None:
    assert reason(mail(), history=history) is expected
    assert reason(mail(Auto_Submitted="auto-replied"), history=history) is Reason.AUTOMATIC


def test_a_limit_is_told_in_its_own_words() -> None:
    refusal = refuse(mail(), HOUSE, History(limit="3 letters per 30 days {x}"))
    assert refusal is not None
    assert refusal.words == "3 letters per 30 days {x}"


def test_what_a_form_sent_is_a_clients_mail_without_a_letter() -> None:
    form = mail(
        From="<web@harbour.example>", return_path="<>", Reply_To="jo@client.example", Auto_Submitted="auto-generated"
    )
    assert reason(form) is Reason.SENDER_NOT_VERIFIED
    assert Reason.SENDER_NOT_VERIFIED.is_client_mail
    assert client_of(form, HOUSE) == "jo@client.example"
    assert client_of(mail(Reply_To="other@rival.example"), HOUSE) == "jo@client.example"


def test_no_clients_mail_is_what_programs_and_our_own_people_write() -> None:
    no_clients = {one for one in Reason if not one.is_client_mail}
    assert {Reason.BOUNCE, Reason.COLLEAGUE, Reason.OWN_MESSAGE, Reason.NOT_A_CLIENT, Reason.LIST} <= no_clients
    assert not no_clients & {Reason.SUPPRESSED, Reason.COPIED_ONLY, Reason.SENDER_NOT_VERIFIED, Reason.LIMIT}


OURS = ("Received", "from edge by mx.harbour.example with LMTP; x")
FOREIGN = ("Received", "from x by mx.rival.example with SMTP; x")


def results(text: str) -> tuple[str, str]:
    return "Authentication-Results", text


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([results("mx.harbour.example; dmarc=pass header.from=client.example")], True),
        ([results("mx.harbour.example 1; spf=pass; dmarc=fail (p=none) header.from=client.example")], False),
        ([results("MX.Harbour.Example; DMARC=PASS")], True),
        ([results("mx.harbour.example; dkim=pass header.d=client.example")], True),
        ([results("mx.harbour.example; dkim=pass header.i=@mail.client.example")], True),
        ([results("mx.harbour.example; dkim=pass header.d=rival.example; spf=pass")], None),
        ([results("mx.harbour.example; spf=pass smtp.mailfrom=rival.example")], None),
        ([results("mx.harbour.example; none")], None),
        ([results("mx.harbour.example.rival.example; dmarc=pass")], None),
        ([results("mx.rival.example; dmarc=pass")], None),
        ([results("mx.harbour.example; spf=fail (dmarc=pass) smtp.mailfrom=x")], None),
        ([results('mx.harbour.example; spf=fail reason="; dmarc=pass"')], None),
        ([results("mx.harbour.example; xdmarc=pass; dmarc=passed")], None),
        ([results("mx.harbour.example; dmarc=fail"), results("mx.harbour.example; dmarc=pass")], False),
        ([results("mx.rival.example; dmarc=fail"), results("mx.harbour.example; dmarc=pass")], True),
        ([OURS, results("mx.harbour.example; dmarc=pass")], True),
        ([OURS, FOREIGN, results("mx.harbour.example; dmarc=pass")], None),
        ([OURS, results("mx.harbour.example; dmarc=pass"), FOREIGN], True),
        ([], None),
    ],
)
def test_only_the_trusted_servers_own_results_are_believed(
    fields: list[tuple[str, str]], expected: bool | None
) -> None:
    assert authenticated(mail(*fields), HOUSE) is expected
    assert authenticated(mail(*fields), House()) is None


def test_a_mail_that_fails_dmarc_gets_no_letter() -> None:
    failed = mail(results("mx.harbour.example; dmarc=fail"))
    assert reason(failed) is Reason.SENDER_NOT_VERIFIED


@given(st.binary(max_size=600))
def test_the_gate_has_an_answer_for_any_bytes(raw: bytes) -> None:
    refusal = refuse(message.parse(raw), HOUSE)
    assert refusal is None or refusal.words
