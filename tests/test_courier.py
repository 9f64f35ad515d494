"""Letters leave over real sockets, to a server that misbehaves in every way the table below names."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sink import AUTHORITY, PLAIN_OFFERS, Act, Action, Sink
from troth.courier import Account, Courier, Offer, Timeouts, on_the_wire, trust
from troth.courier.line import Line, Stopped
from troth.courier.replies import clean, provider_id
from troth.model import Address, address
from troth.outbox import At, Delivery, Halt, Outcome

HELLO = Address("hello@harbour.example")
JO = Address("jo@client.example")
RAW = b"From: hello@harbour.example\r\nTo: jo@client.example\r\nSubject: Re: Order\r\n\r\nWe are on it.\r\n"
PATIENT = Timeouts(connect=10, command=10, text=10, end=10, quit=10)
HASTY = Timeouts(connect=10, command=0.3, text=10, end=0.3, quit=0.3)


def account(sink: Sink, **changes: object) -> Account:
    plain = Account("hello", HELLO, "localhost", sink.port, tls=sink.tls, timeouts=PATIENT)
    if sink.login:
        plain = replace(plain, username=sink.login[0], password=lambda: sink.login[1] if sink.login else "")
    if sink.tls != "none":
        plain = replace(plain, ca_file=AUTHORITY)
    return replace(plain, **changes)  # type: ignore[arg-type]  # one keyword stands for any field


@pytest.fixture
def couriers() -> Iterator[Callable[..., Courier]]:
    """Makes couriers for a sink and closes them at the end."""
    made: list[Courier] = []

    def make(sink: Sink, **changes: object) -> Courier:
        made.append(Courier(account(sink, **changes)))
        return made[-1]

    yield make
    for courier in made:
        courier.close()


Make = Callable[..., Courier]


def test_a_letter_arrives_as_it_was_written(couriers: Make) -> None:
    with Sink() as sink:
        delivery = couriers(sink).deliver(HELLO, JO, RAW)
        assert delivery.outcome is Outcome.SENT
        assert delivery.provider_id == "S000001"
        kept = sink.mails[0]
        assert (kept.sender, kept.recipients, kept.raw) == (HELLO, (JO,), RAW)


def test_nothing_of_the_text_is_said_before_the_offer_is_sent(couriers: Make) -> None:
    with Sink() as sink:
        offered = couriers(sink).offer("", JO, RAW)
        assert isinstance(offered, Offer)
        assert "DATA" not in sink.commands
        assert sink.mails == []
        assert offered.send().outcome is Outcome.SENT
        assert len(sink.mails) == 1


def test_an_offer_serves_once(couriers: Make) -> None:
    with Sink() as sink:
        offered = couriers(sink).offer("", JO, RAW)
        assert isinstance(offered, Offer)
        assert [offered.send().outcome, offered.send().outcome] == [Outcome.SENT, Outcome.DEFERRED]
        assert len(sink.mails) == 1


def test_a_lapsed_offer_never_reaches_the_next_ones_recipient(couriers: Make) -> None:
    with Sink() as sink:
        courier = couriers(sink)
        first = courier.offer("", JO, b"Subject: for Jo\r\n\r\n")
        second = courier.offer("", Address("al@client.example"), b"Subject: for Al\r\n\r\n")
        assert isinstance(first, Offer)
        assert isinstance(second, Offer)
        assert first.send().outcome is Outcome.DEFERRED
        assert second.send().outcome is Outcome.SENT
        assert [(kept.recipients, kept.raw) for kept in sink.mails] == [
            (("al@client.example",), b"Subject: for Al\r\n\r\n")
        ]


# where the server misbehaves, what it does, whether it keeps the mail, and what we make of it
MAPPING: list[tuple[str, Action, Outcome, At, int | None, Halt | None, bool]] = [
    ("GREETING", "421 4.3.2 closing", Outcome.DEFERRED, At.GREETING, 421, Halt.BUSY, False),
    ("GREETING", "450 4.3.2 later", Outcome.DEFERRED, At.GREETING, 450, Halt.BUSY, False),
    ("GREETING", "554 no service here", Outcome.DEFERRED, At.GREETING, 554, Halt.REFUSED, False),
    ("GREETING", "this is no mail server", Outcome.DEFERRED, At.GREETING, None, Halt.UNREACHABLE, False),
    ("GREETING", Act.DROP, Outcome.DEFERRED, At.GREETING, None, Halt.UNREACHABLE, False),
    ("GREETING", Act.HANG, Outcome.DEFERRED, At.GREETING, None, Halt.UNREACHABLE, False),
    ("EHLO", "421 4.7.0 go away", Outcome.DEFERRED, At.EHLO, 421, Halt.BUSY, False),
    ("EHLO", "550 5.7.1 not you", Outcome.DEFERRED, At.EHLO, 550, Halt.REFUSED, False),
    ("EHLO", Act.DROP, Outcome.DEFERRED, At.EHLO, None, Halt.UNREACHABLE, False),
    ("MAIL", "451 4.3.0 try again", Outcome.DEFERRED, At.MAIL, 451, None, False),
    ("MAIL", "421 4.7.0 too busy", Outcome.DEFERRED, At.MAIL, 421, Halt.BUSY, False),
    ("MAIL", "530 5.7.0 authentication required", Outcome.DEFERRED, At.MAIL, 530, Halt.CREDENTIALS, False),
    ("MAIL", "550 5.7.1 not from there", Outcome.FAILED, At.MAIL, 550, None, False),
    ("MAIL", Act.DROP, Outcome.DEFERRED, At.MAIL, None, Halt.UNREACHABLE, False),
    ("MAIL", Act.HANG, Outcome.DEFERRED, At.MAIL, None, Halt.UNREACHABLE, False),
    ("RCPT", "450 4.2.0 greylisted, try later", Outcome.DEFERRED, At.RCPT, 450, None, False),
    ("RCPT", "451 4.7.1 greylisted, you came back too quickly", Outcome.DEFERRED, At.RCPT, 451, None, False),
    ("RCPT", "450 4.7.1 rate limit exceeded", Outcome.DEFERRED, At.RCPT, 450, Halt.RATE, False),
    ("RCPT", "452 4.3.1 no room", Outcome.DEFERRED, At.RCPT, 452, Halt.RATE, False),
    ("RCPT", "452 4.2.2 his mailbox is full", Outcome.DEFERRED, At.RCPT, 452, None, False),
    ("RCPT", "421 4.7.28 too many", Outcome.DEFERRED, At.RCPT, 421, Halt.BUSY, False),
    ("RCPT", "550 5.1.1 nobody here by that name", Outcome.FAILED, At.RCPT, 550, None, False),
    ("RCPT", Act.DROP, Outcome.DEFERRED, At.RCPT, None, Halt.UNREACHABLE, False),
    ("RCPT", "554 5.7.1 Relay access denied", Outcome.DEFERRED, At.RCPT, 554, Halt.REFUSED, False),
    ("RCPT", "550 5.7.1 Authentication required", Outcome.DEFERRED, At.RCPT, 550, Halt.CREDENTIALS, False),
    ("RCPT", "451 4.3.0 out of order", Outcome.DEFERRED, At.RCPT, 451, None, False),
    ("RCPT", "450 4.2.1 he gets mail at too high a rate", Outcome.DEFERRED, At.RCPT, 450, None, False),
    ("DATA", "451 4.3.0 not now", Outcome.DEFERRED, At.DATA, 451, None, False),
    ("DATA", "554 5.5.1 no", Outcome.FAILED, At.DATA, 554, None, False),
    ("DATA", "250 what?", Outcome.DEFERRED, At.DATA, 250, Halt.UNREACHABLE, False),
    ("DATA", Act.DROP, Outcome.DEFERRED, At.DATA, None, Halt.UNREACHABLE, False),
    ("DATA", Act.HANG, Outcome.DEFERRED, At.DATA, None, Halt.UNREACHABLE, False),
    ("END", "451 4.7.1 try again later", Outcome.DEFERRED, At.END, 451, None, False),
    ("END", "452 4.3.1 no room", Outcome.DEFERRED, At.END, 452, Halt.RATE, False),
    ("END", "421 4.3.0 restarting", Outcome.DEFERRED, At.END, 421, Halt.BUSY, False),
    ("END", "554 5.7.1 looks like spam", Outcome.FAILED, At.END, 554, None, False),
    ("END", "550 5.4.5 daily sending limit exceeded", Outcome.DEFERRED, At.END, 550, Halt.RATE, False),
    ("END", "250 2.0.0 accepted", Outcome.SENT, At.END, 250, None, True),
    ("END", "200 good", Outcome.SENT, At.END, 200, None, True),
    ("END", "thank you", Outcome.UNKNOWN, At.END, None, Halt.UNREACHABLE, False),
    ("END", "354 go on", Outcome.UNKNOWN, At.END, 354, Halt.UNREACHABLE, False),
    ("END", Act.DROP, Outcome.UNKNOWN, At.END, None, Halt.UNREACHABLE, False),
    ("END", Act.HANG, Outcome.UNKNOWN, At.END, None, Halt.UNREACHABLE, False),
    ("END", Act.KEEP_AND_DROP, Outcome.UNKNOWN, At.END, None, Halt.UNREACHABLE, True),
    ("END", Act.KEEP_AND_HANG, Outcome.UNKNOWN, At.END, None, Halt.UNREACHABLE, True),
    ("QUIT", "421 4.3.2 bye", Outcome.SENT, At.END, 250, None, True),
    ("QUIT", "500 what", Outcome.SENT, At.END, 250, None, True),
    ("QUIT", Act.DROP, Outcome.SENT, At.END, 250, None, True),
    ("QUIT", Act.HANG, Outcome.SENT, At.END, 250, None, True),
]


def patience(action: Action) -> Timeouts:
    """Short only where the server is to be waited for in vain, so that a slow machine fails no test."""
    return HASTY if action in (Act.HANG, Act.KEEP_AND_HANG) else PATIENT


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "one by one"])
@pytest.mark.parametrize(("verb", "action", "outcome", "at", "code", "pause", "kept"), MAPPING)
def test_each_misbehaviour_has_its_outcome(
    couriers: Make, pipelining: bool, verb: str, action: Action, outcome: Outcome, at: At, code: int | None,
    pause: Halt | None, kept: bool,
) -> None:  # fmt: skip
    offers = PLAIN_OFFERS if pipelining else PLAIN_OFFERS[1:]
    with Sink(answers={verb: [action]}, offers=offers) as sink:
        delivery = couriers(sink, per_connection=1, timeouts=patience(action)).deliver(HELLO, JO, RAW)
        reached = At.RCPT if (pipelining, verb, action) == (True, "MAIL", Act.DROP) and delivery.at is At.RCPT else at
        assert (delivery.outcome, delivery.at, delivery.code, delivery.pause) == (outcome, reached, code, pause)
        assert len(sink.mails) == kept
        assert delivery.permanent is (outcome is Outcome.FAILED)


@pytest.mark.parametrize(("verb", "action", "outcome", "at", "code", "pause", "kept"), MAPPING)
def test_after_any_misbehaviour_the_next_letter_leaves(
    couriers: Make, verb: str, action: Action, outcome: Outcome, at: At, code: int | None, pause: Halt | None,
    kept: bool,
) -> None:  # fmt: skip
    with Sink(answers={verb: [action]}) as sink:
        courier = couriers(sink, timeouts=patience(action))
        courier.deliver(HELLO, JO, RAW)
        assert courier.deliver(HELLO, Address("al@client.example"), RAW).outcome is Outcome.SENT
        assert sink.mails[-1].recipients == ("al@client.example",)
        assert sink.connections == (1 if pause is None else 2)


REPLIES = ["421 4.7.0 x", "450 4.2.0 x", "550 5.7.1 sender", "550 5.1.1 x", "250 x", "354 x", "nonsense", Act.DROP]
SCRIPTS = st.fixed_dictionaries(
    {verb: st.lists(st.none() | st.sampled_from(REPLIES), max_size=4) for verb in ("MAIL", "RCPT", "DATA", "RSET")}
    | {"END": st.lists(st.none() | st.sampled_from([*REPLIES[:5], *REPLIES[6:], Act.KEEP_AND_DROP]), max_size=4)}
)


@given(SCRIPTS, st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_run_of_misbehaviours_makes_a_report_untrue(script: dict[str, list[Action]], pipelining: bool) -> None:
    with (
        Sink(answers=script, offers=PLAIN_OFFERS[not pipelining :]) as sink,
        closing(Courier(account(sink))) as courier,
    ):
        for number in range(8):
            before, raw = len(sink.mails), f"Subject: {number}\r\n\r\n".encode()
            delivery = courier.deliver("", Address(f"client{number}@client.example"), raw)
            kept = sink.mails[before:]
            assert len(kept) in {Outcome.SENT: (1,), Outcome.UNKNOWN: (0, 1)}.get(delivery.outcome, (0,))
            assert all((mail.raw, mail.recipients) == (raw, (f"client{number}@client.example",)) for mail in kept)


def test_a_line_that_breaks_within_the_text_has_delivered_nothing(couriers: Make) -> None:
    with Sink(answers={"TEXT": [Act.DROP]}) as sink:
        delivery = couriers(sink).deliver("", JO, RAW + b"a line of a picture, say\r\n" * 400_000)
        assert (delivery.outcome, delivery.at, delivery.pause) == (Outcome.DEFERRED, At.DATA, Halt.UNREACHABLE)


class BreaksAtTheDot(socket.socket):
    def sendall(self, data: bytes, flags: int = 0, /) -> None:  # type: ignore[override]  # the courier sends bytes
        if data == b".\r\n":
            raise BrokenPipeError
        super().sendall(data, flags)


def test_a_line_that_breaks_as_the_dot_is_handed_over_leaves_the_letter_in_doubt() -> None:
    with Sink() as sink, BreaksAtTheDot(socket.AF_INET) as broken:
        broken.connect(("127.0.0.1", sink.port))
        line = Line(account(sink), broken)
        line.set_up(account(sink))
        with pytest.raises(Stopped) as stop:
            line.send_text(b"text\r\n")
        line.close()
        assert (stop.value.delivery.outcome, stop.value.delivery.at) == (Outcome.UNKNOWN, At.END)


def test_a_greylisted_letter_arrives_exactly_once(couriers: Make) -> None:
    with Sink(answers={"RCPT": ["450 4.2.0 greylisted"]}) as sink:
        courier = couriers(sink)
        assert [courier.deliver("", JO, RAW).outcome for _ in range(2)] == [Outcome.DEFERRED, Outcome.SENT]
        assert len(sink.mails) == 1


def test_many_letters_share_one_connection(couriers: Make) -> None:
    with Sink() as sink:
        courier = couriers(sink)
        assert {courier.deliver("", JO, RAW).outcome for _ in range(20)} == {Outcome.SENT}
        assert (sink.connections, len(sink.mails)) == (1, 20)


def test_a_connection_carries_no_more_letters_than_its_limit(couriers: Make) -> None:
    with Sink() as sink:
        courier = couriers(sink, per_connection=3)
        for _ in range(7):
            courier.deliver("", JO, RAW)
        assert [kept.connection for kept in sink.mails] == [1, 1, 1, 2, 2, 2, 3]


def test_a_connection_that_was_idle_for_too_long_is_not_used_again(couriers: Make) -> None:
    with Sink() as sink:
        courier = couriers(sink, idle=0.05)
        courier.deliver("", JO, RAW)
        time.sleep(0.1)
        courier.rest()
        assert sink.commands[-1] == "QUIT"
        courier.deliver("", JO, RAW)
        assert sink.connections == 2


def test_a_server_that_hung_up_meanwhile_costs_a_connection_and_no_letter(couriers: Make) -> None:
    with Sink() as sink:
        courier = couriers(sink)
        courier.deliver("", JO, RAW)
        sink.cut()
        assert courier.deliver("", JO, RAW).outcome is Outcome.SENT
        assert sink.connections == 2


def test_a_server_that_counts_letters_for_a_connection_costs_no_letter(couriers: Make) -> None:
    with Sink(per_connection=2) as sink:
        courier = couriers(sink)
        assert {courier.deliver("", JO, RAW).outcome for _ in range(5)} == {Outcome.SENT}
        assert len(sink.mails) == 5


def test_a_refused_recipient_does_not_cost_the_connection(couriers: Make) -> None:
    with Sink(answers={"RCPT": ["550 5.1.1 nobody"]}) as sink:
        courier = couriers(sink)
        courier.deliver("", JO, RAW)
        assert courier.deliver("", JO, RAW).outcome is Outcome.SENT
        assert sink.connections == 1
        assert "RSET" in sink.commands


@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("MAIL", "550 5.7.1 null sender not permitted"),
        ("MAIL", "501 5.1.7 bad sender"),
        ("RCPT", "550 5.7.1 not with that sender"),
        ("RCPT", "554 5.7.1 relay access denied"),
        ("END", "554 5.7.60 you may not send as this sender"),
    ],
)
def test_where_the_empty_sender_is_refused_the_inbox_address_takes_its_place(
    couriers: Make, verb: str, reply: str
) -> None:
    with Sink(answers={verb: [reply]}) as sink:
        courier = couriers(sink)
        first, second = courier.deliver("", JO, RAW), courier.deliver("", JO, RAW)
        assert [first.outcome, second.outcome] == [Outcome.SENT, Outcome.SENT]
        assert first.null_sender_refused
        assert second.null_sender_refused
        assert [kept.sender for kept in sink.mails] == [HELLO, HELLO]
        assert sum(line.startswith("MAIL FROM:<>") for line in sink.commands) == 1


def test_an_unknown_recipient_is_no_refusal_of_the_empty_sender(couriers: Make) -> None:
    with Sink(answers={"RCPT": ["550 5.1.1 nobody"]}) as sink:
        courier = couriers(sink)
        assert courier.deliver("", JO, RAW).outcome is Outcome.FAILED
        assert not courier.null_sender_refused
        assert sum(line.startswith("MAIL") for line in sink.commands) == 1


def test_an_address_that_is_refused_by_either_name_leaves_the_empty_sender_in_use(couriers: Make) -> None:
    with Sink(answers={"RCPT": repeat("554 5.7.1 no")}) as sink:
        courier = couriers(sink)
        assert courier.deliver("", JO, RAW).outcome is Outcome.FAILED
        assert not courier.null_sender_refused


def test_acknowledgements_ask_for_no_bounce_and_other_letters_do_not_say(couriers: Make) -> None:
    with Sink() as sink:
        courier = couriers(sink)
        courier.deliver("", JO, RAW)
        courier.deliver(HELLO, JO, RAW)
        assert [kept.rcpt_options for kept in sink.mails] == [("NOTIFY=NEVER",), ()]


def test_nothing_is_asked_of_a_server_that_it_does_not_offer(couriers: Make) -> None:
    with Sink(offers=("HELP",)) as sink:
        couriers(sink).deliver("", JO, RAW)
        assert (sink.mails[0].mail_options, sink.mails[0].rcpt_options) == ((), ())


def test_the_size_is_declared_as_the_server_counts_it(couriers: Make) -> None:
    with Sink() as sink:
        couriers(sink).deliver("", JO, RAW)
        assert sink.mails[0].mail_options == (f"SIZE={len(RAW)}",)


def test_a_letter_that_is_too_large_is_not_attempted(couriers: Make) -> None:
    with Sink(offers=("SIZE 100",)) as sink:
        delivery = couriers(sink).deliver("", JO, RAW + b"x" * 100)
        assert delivery.outcome is Outcome.FAILED
        assert "the server takes 100" in delivery.words
        assert not any(line.startswith("MAIL") for line in sink.commands)


@pytest.mark.parametrize("offer", ["SIZE", "SIZE 0", "SIZE many"])
def test_a_size_without_a_limit_is_none(couriers: Make, offer: str) -> None:
    with Sink(offers=(offer,)) as sink:
        assert couriers(sink).deliver("", JO, RAW).outcome is Outcome.SENT


def test_an_international_domain_travels_in_letters_of_ascii(couriers: Make) -> None:
    to = address("jo@bücher.example")
    assert to is not None
    with Sink() as sink:
        couriers(sink).deliver("", to, RAW)
        assert sink.mails[0].recipients == ("jo@xn--bcher-kva.example",)
        assert "SMTPUTF8" not in sink.mails[0].mail_options


def test_a_local_part_outside_ascii_goes_by_smtputf8(couriers: Make) -> None:
    with Sink() as sink:
        assert couriers(sink).deliver("", Address("jö@client.example"), RAW).outcome is Outcome.SENT
        assert sink.mails[0].recipients == ("jö@client.example",)
        assert "SMTPUTF8" in sink.mails[0].mail_options


def test_a_local_part_outside_ascii_fails_in_clear_words_where_smtputf8_is_not_offered(couriers: Make) -> None:
    with Sink(offers=("PIPELINING",)) as sink:
        delivery = couriers(sink).deliver("", Address("jö@client.example"), RAW)
        assert delivery.outcome is Outcome.FAILED
        assert "SMTPUTF8" in delivery.words
        assert sink.mails == []


def test_eight_bit_text_is_declared(couriers: Make) -> None:
    with Sink() as sink:
        couriers(sink).deliver("", JO, RAW + "Grüße\r\n".encode())
        assert "BODY=8BITMIME" in sink.mails[0].mail_options
        assert "SMTPUTF8" not in sink.mails[0].mail_options


@pytest.mark.parametrize("bad", ["jo@client.example>\r\nRCPT TO:<al@x.example", "jo @x.example", "jo@x.example\n"])
def test_an_address_cannot_bring_a_command_with_it(couriers: Make, bad: str) -> None:
    with Sink() as sink:
        courier = couriers(sink)
        assert courier.deliver("", Address(bad), RAW).outcome is Outcome.FAILED
        assert courier.deliver(bad, JO, RAW).outcome is Outcome.FAILED
        assert sink.commands == []


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"a\r\n.\r\nb\r\n", b"a\r\n.\r\nb\r\n"),
        (b".\r\n", b".\r\n"),
        (b"a\n.\nRCPT TO:<x@y.example>\n", b"a\r\n.\r\nRCPT TO:<x@y.example>\r\n"),
        (b"a\r.\rb", b"a\r\n.\r\nb\r\n"),
        (b"..x\r\n", b"..x\r\n"),
        (b"", b"\r\n"),
    ],
)
def test_dots_and_bare_line_ends_cannot_end_the_text_early(couriers: Make, raw: bytes, kept: bytes) -> None:
    with Sink() as sink:
        assert couriers(sink).deliver("", JO, raw).outcome is Outcome.SENT
        assert [mail.raw for mail in sink.mails] == [kept]


@given(st.lists(st.sampled_from([b"a", b".", b"\r", b"\n", b"\r\n", b"\r\n.\r\n"]), max_size=20).map(b"".join))
def test_what_goes_on_the_wire_holds_no_dot_alone_on_a_line(raw: bytes) -> None:
    wire = on_the_wire(raw)
    lines = wire.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(line == b"." or b"\n" in line or b"\r" in line for line in lines)


def test_a_large_letter_arrives_whole(couriers: Make) -> None:
    raw = RAW + b"a line of a picture, say\r\n" * 100_000
    with Sink() as sink:
        assert couriers(sink).deliver("", JO, raw).outcome is Outcome.SENT
        assert sink.mails[0].raw == raw


# TLS and log-in


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_letters_leave_over_verified_tls(couriers: Make, tls: str) -> None:
    with Sink(tls=tls, login=("hello", "s3cret")) as sink:  # type: ignore[arg-type]  # one of its words
        assert couriers(sink).deliver("", JO, RAW).outcome is Outcome.SENT
        assert (sink.mails[0].encrypted, sink.mails[0].login) == (True, "hello")


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize("change", [{"ca_file": None}, {"host": "127.0.0.1"}], ids=["unknown authority", "wrong name"])
def test_no_password_goes_to_a_server_that_cannot_prove_its_name(
    couriers: Make, tls: str, change: dict[str, str | None]
) -> None:
    with Sink(tls=tls, login=("hello", "s3cret")) as sink:  # type: ignore[arg-type]  # one of its words
        delivery = couriers(sink, **change).deliver("", JO, RAW)
        assert (delivery.outcome, delivery.pause) == (Outcome.DEFERRED, Halt.UNTRUSTED)
        assert "certificate" in delivery.words.lower()
        assert not any(line.startswith(("AUTH", "MAIL")) for line in sink.commands)


@pytest.mark.parametrize("reply", ["454 4.7.0 not now", "501 5.5.4 what", "250 OK"])
def test_starttls_that_is_refused_ends_the_talk_before_the_password(couriers: Make, reply: str) -> None:
    with Sink(tls="starttls", login=("hello", "s3cret"), answers={"STARTTLS": [reply]}) as sink:
        assert couriers(sink).deliver("", JO, RAW).pause is Halt.UNTRUSTED
        assert not any(line.startswith(("AUTH", "MAIL")) for line in sink.commands)


def test_starttls_that_is_not_offered_ends_the_talk_before_the_password(couriers: Make) -> None:
    with Sink(login=("hello", "s3cret")) as sink:
        delivery = couriers(sink, tls="starttls", ca_file=AUTHORITY).deliver("", JO, RAW)
        assert (delivery.pause, delivery.words) == (Halt.UNTRUSTED, "the server does not offer STARTTLS")
        assert not any(line.startswith(("AUTH", "MAIL")) for line in sink.commands)


def test_what_is_said_before_tls_is_forgotten(couriers: Make) -> None:
    injected = "220 go ahead\r\n250-sink\r\n250 AUTH LOGIN\r\n535 5.7.8 no"
    with Sink(tls="starttls", login=("hello", "s3cret"), answers={"STARTTLS": [injected]}) as sink:
        assert couriers(sink).deliver("", JO, RAW).outcome is Outcome.SENT


def test_tls_is_at_least_1_2_and_verified_and_shared() -> None:
    context = trust(AUTHORITY)
    assert context.minimum_version.name == "TLSv1_2"
    assert (context.check_hostname, context.verify_mode.name) == (True, "CERT_REQUIRED")
    assert trust(AUTHORITY) is context


def test_an_authority_that_cannot_be_read_is_named() -> None:
    with pytest.raises(Stopped, match=r"nowhere\.pem"):
        trust("nowhere.pem")


def test_a_line_without_tls_leads_to_this_machine_alone(couriers: Make) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; asks which address of ours would be used
        except OSError:
            pytest.skip("this machine has no address but the loopback")
        outside = probe.getsockname()[0]
    with Sink(host=outside) as sink:
        delivery = couriers(sink, host=outside).deliver("", JO, RAW)
        assert (delivery.outcome, delivery.pause) == (Outcome.DEFERRED, Halt.UNTRUSTED)
        assert sink.commands == []


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN", "CRAM-MD5 PLAIN"])
def test_a_password_outside_ascii_logs_in(couriers: Make, mechanisms: str) -> None:
    with Sink(login=("hellö", "Schlüssel€"), mechanisms=mechanisms) as sink:
        assert couriers(sink).deliver("", JO, RAW).outcome is Outcome.SENT


def test_an_access_token_logs_in_by_xoauth2(couriers: Make) -> None:
    with Sink(login=("hello", "token"), mechanisms="XOAUTH2 PLAIN") as sink:
        assert couriers(sink, oauth=True).deliver("", JO, RAW).outcome is Outcome.SENT
        assert any(line.startswith("AUTH XOAUTH2") for line in sink.commands)


def test_a_refused_token_is_a_matter_of_credentials(couriers: Make) -> None:
    with Sink(
        login=("hello", "token"), mechanisms="XOAUTH2", answers={"AUTH": ["334 eyJzdGF0dXMiOiI0MDEifQ=="]}
    ) as sink:
        assert couriers(sink, oauth=True).deliver("", JO, RAW).pause is Halt.CREDENTIALS


def test_a_long_token_is_not_put_beside_the_command_where_a_line_may_have_512_octets(couriers: Make) -> None:
    token = "x" * 2000
    with Sink(login=("hello", token), mechanisms="XOAUTH2") as sink:
        assert couriers(sink, oauth=True, password=lambda: token).deliver("", JO, RAW).outcome is Outcome.SENT
        assert [line for line in sink.commands if line.startswith("AUTH")] == ["AUTH XOAUTH2"]


@pytest.mark.parametrize("token", ["token", "y" * 2000])
def test_oauthbearer_is_spoken_where_it_alone_is_offered(couriers: Make, token: str) -> None:
    with Sink(knows=lambda user, shown: (user, shown) == ("hello", token), mechanisms="PLAIN OAUTHBEARER") as sink:
        assert (
            couriers(sink, username="hello", oauth=True, password=lambda: token).deliver("", JO, RAW).outcome
            is Outcome.SENT
        )
        assert sink.mails[0].login == "hello"


@pytest.mark.parametrize("mechanisms", ["XOAUTH2", "OAUTHBEARER"])
def test_a_token_that_is_refused_is_spent_and_another_is_tried_once(couriers: Make, mechanisms: str) -> None:
    left, spent = ["stale", "fresh", "unused"], list[str]()

    def spend(token: str) -> None:
        spent.append(token)
        left.pop(0)

    with Sink(knows=lambda _, token: token == "fresh", mechanisms=mechanisms) as sink:
        courier = couriers(sink, username="hello", oauth=True, password=lambda: left[0], spent=spend)
        assert courier.deliver("", JO, RAW).outcome is Outcome.SENT
        assert (spent, sink.connections) == (["stale"], 1)


def test_a_second_refusal_and_one_of_the_only_token_are_matters_of_credentials(couriers: Make) -> None:
    for tokens, shown in ((["stale", "fresh", "unused"], 2), (["only", "only"], 1)):
        with Sink(knows=lambda *_: False, mechanisms="XOAUTH2") as sink:
            courier = couriers(
                sink,
                username="hello",
                oauth=True,
                password=lambda tokens=tokens: tokens[0],
                spent=lambda _, tokens=tokens: tokens.pop(0),
            )
            assert courier.deliver("", JO, RAW).pause is Halt.CREDENTIALS
            assert sum(line.startswith("AUTH") for line in sink.commands) == shown


def test_a_server_that_is_busy_spends_no_token(couriers: Make) -> None:
    spent = list[str]()
    with Sink(login=("hello", "t"), mechanisms="XOAUTH2", answers={"AUTH": ["454 4.7.0 temporary failure"]}) as sink:
        assert couriers(sink, oauth=True, spent=spent.append).deliver("", JO, RAW).pause is Halt.BUSY
    assert spent == []


def test_a_token_is_not_shown_where_no_way_to_show_it_is_offered(couriers: Make) -> None:
    with Sink(login=("hello", "token"), mechanisms="PLAIN LOGIN") as sink:
        found = couriers(sink, oauth=True).deliver("", JO, RAW)
        assert (found.pause, "no log-in known here" in found.words) == (Halt.CREDENTIALS, True)
        assert not [line for line in sink.commands if line.startswith("AUTH")]


@pytest.mark.parametrize(
    ("why", "pause"),
    [
        (ConnectionError("no answer from id.example: HTTP 503"), Halt.UNREACHABLE),
        (PermissionError("the sign-in has ended; run `troth login hello`"), Halt.SIGNED_OUT),
        (OSError("the provider refuses this client"), Halt.CREDENTIALS),
    ],
)
def test_why_there_is_no_token_is_told_by_who_can_mend_it(couriers: Make, why: OSError, pause: Halt) -> None:
    def none() -> str:
        raise why

    with Sink(login=("hello", "token"), mechanisms="XOAUTH2") as sink:
        found = couriers(sink, oauth=True, password=none).deliver("", JO, RAW)
    assert (found.outcome, found.pause, found.words) == (Outcome.DEFERRED, pause, str(why))


@pytest.mark.parametrize(
    ("reply", "pause"),
    [
        ("535 5.7.8 no", Halt.CREDENTIALS),
        ("534 5.7.9 an application password is needed", Halt.CREDENTIALS),
        ("504 5.5.4 unknown mechanism", Halt.CREDENTIALS),
        ("454 4.7.0 temporary failure", Halt.BUSY),
        ("421 4.7.0 too many log-ins", Halt.BUSY),
        (Act.DROP, Halt.UNREACHABLE),
    ],
)
def test_a_log_in_that_fails_stops_the_channel_and_leaves_the_letter(
    couriers: Make, reply: Action, pause: Halt
) -> None:
    with Sink(login=("hello", "s3cret"), answers={"AUTH": [reply]}) as sink:
        delivery = couriers(sink).deliver("", JO, RAW)
        assert (delivery.outcome, delivery.at, delivery.pause) == (Outcome.DEFERRED, At.AUTH, pause)
        assert "s3cret" not in str(delivery)


def test_a_greeting_logs_in_and_takes_leave_without_a_letter(couriers: Make) -> None:
    with Sink(tls="starttls", login=("hello", "s3cret")) as sink:
        assert couriers(sink).greet() is None
        assert [line.split()[0].upper() for line in sink.commands] == ["EHLO", "STARTTLS", "EHLO", "AUTH", "QUIT"]


def test_a_greeting_says_what_stood_in_the_way(couriers: Make) -> None:
    with Sink(login=("hello", "s3cret")) as sink:
        refused = couriers(sink, password=lambda: "wrong").greet()
        assert refused is not None
        assert (refused.at, refused.code, refused.pause) == (At.AUTH, 535, Halt.CREDENTIALS)


def test_a_server_without_a_log_in_we_know_is_named(couriers: Make) -> None:
    with Sink(login=("hello", "s3cret"), mechanisms="GSSAPI NTLM") as sink:
        delivery = couriers(sink).deliver("", JO, RAW)
        assert delivery.pause is Halt.CREDENTIALS
        assert "GSSAPI NTLM" in delivery.words


def test_a_password_that_cannot_be_read_is_a_matter_of_credentials(couriers: Make, tmp_path: Path) -> None:
    with Sink(login=("hello", "s3cret")) as sink:
        courier = couriers(sink, password=(tmp_path / "absent").read_text)
        assert courier.deliver("", JO, RAW).pause is Halt.CREDENTIALS


def test_a_line_whose_setting_up_went_wrong_is_not_used(couriers: Make) -> None:
    def forgets_once() -> str:
        if not asked:
            asked.append(True)
            raise LookupError("not yet")
        return "s3cret"

    asked: list[bool] = []
    with Sink(login=("hello", "s3cret")) as sink:
        courier = couriers(sink, password=forgets_once)
        with pytest.raises(LookupError):
            courier.deliver("", JO, RAW)
        assert courier.deliver("", JO, RAW).outcome is Outcome.SENT


def test_a_password_is_not_shown_with_its_account() -> None:
    assert "s3cret" not in repr(Account("hello", HELLO, "mail.example", username="hello", password=lambda: "s3cret"))


# the network


def test_a_port_that_nobody_listens_on_is_out_of_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    delivery = Courier(Account("hello", HELLO, "127.0.0.1", port, tls="none")).deliver("", JO, RAW)
    assert (delivery.outcome, delivery.at, delivery.pause) == (Outcome.DEFERRED, At.CONNECT, Halt.UNREACHABLE)
    assert f"127.0.0.1:{port}" in delivery.words


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 70 + ".example", "", "bad..name"])
def test_a_name_without_a_machine_is_out_of_reach(host: str) -> None:
    delivery = Courier(Account("hello", HELLO, host, 1, tls="none", timeouts=PATIENT)).deliver("", JO, RAW)
    assert (delivery.outcome, delivery.at) == (Outcome.DEFERRED, At.CONNECT)


def test_tls_spoken_to_a_server_without_it_is_no_endless_wait(couriers: Make) -> None:
    with Sink() as sink:
        delivery = couriers(sink, tls="implicit", ca_file=AUTHORITY).deliver("", JO, RAW)
        assert (delivery.outcome, delivery.at) == (Outcome.DEFERRED, At.CONNECT)


def test_another_thread_can_break_off_the_wait_for_the_dot(couriers: Make) -> None:
    with Sink(answers={"END": [Act.KEEP_AND_HANG]}) as sink:
        courier = couriers(sink, timeouts=Timeouts())
        timer = threading.Timer(0.2, courier.break_off)
        timer.start()
        began = time.monotonic()
        delivery = courier.deliver("", JO, RAW)
        timer.join()
        assert delivery.outcome is Outcome.UNKNOWN
        assert time.monotonic() - began < 5
        assert courier.deliver("", JO, RAW).outcome is Outcome.DEFERRED
        assert len(sink.mails) == 1


# what replies say


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("2.0.0 Ok: queued as 4XyZ12abc", "4XyZ12abc"),
        ("OK id=1rABcd-000Xyz-2K", "1rABcd-000Xyz-2K"),
        ("2.0.0 OK  1700000000 a1-20020a05600cm123wmb.12 - gsmtp", "a1-20020a05600cm123wmb.12"),
        ("2.0.0 OK <DB7PR04@prod.outlook.example> [Hostname=DB7PR04]", "<DB7PR04@prod.outlook.example>"),
        ("2.0.0 49K1x2Qq012345 Message accepted for delivery", "49K1x2Qq012345"),
        ("Ok 0102018b7c0d5a3e-11111111-2222-3333-4444-555555555555-000000",
         "0102018b7c0d5a3e-11111111-2222-3333-4444-555555555555-000000"),
        ("Message Queued (8CE9A2C0-1B7E-4D2C-9E66-0A1B2C3D4E5F.1)", "8CE9A2C0-1B7E-4D2C-9E66-0A1B2C3D4E5F.1"),
        ("OK", None),
        ("Great success", None),
    ],
)  # fmt: skip
def test_the_name_a_provider_gives_a_letter_is_found(words: str, name: str | None) -> None:
    assert provider_id(words) == name


def test_a_reply_becomes_one_clean_line() -> None:
    assert clean("no\r\nsuch \x1b[31muser\u202e \x00 here") == "no such [31muser here"
    assert len(clean("x" * 5000)) == 300


def test_a_delivery_is_told_in_one_line() -> None:
    assert str(Delivery(Outcome.FAILED, At.RCPT, 550, "5.1.1 nobody")) == "RCPT: 550 5.1.1 nobody"
