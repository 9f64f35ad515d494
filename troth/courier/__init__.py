"""SMTP: letters leave here, one connection at a time; whatever happens comes back as a Delivery.

    offered = courier.offer(letter.envelope_from, letter.to, letter.raw)
    if isinstance(offered, Offer):
        …                       # commit "sending"
        delivery = offered.send()

`deliver` does both at once, for callers that have committed "sending" before. A Courier belongs to one thread.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from troth.courier.line import Account, Line, Stopped, Timeouts, dial, trust
from troth.courier.replies import Reply, about_the_sender, provider_id, refusal
from troth.model import Address
from troth.outbox import At, Delivery, Halt, Outcome

__all__ = ["Account", "Courier", "Offer", "Timeouts", "trust"]

_BARE = re.compile(rb"\r\n|\r|\n")
_NO_PATH = re.compile(r"[\s<>\x00-\x1f\x7f]")
_LEADING_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class _Envelope:
    """A letter as the server will hear of it; `quiet`: bounces are not wanted (it was to go out as `<>`)."""

    sender: str
    to: Address
    size: int
    quiet: bool
    eight_bit: bool
    utf8: bool


class Offer:
    """A letter whose envelope the server has taken; nothing of its text has been said. To be sent, or left alone."""

    def __init__(self, carry: Callable[[], Delivery]) -> None:
        self._carry = carry

    def send(self) -> Delivery:
        """DATA, the text and the dot. An offer serves once, and only until its courier makes the next one."""
        return self._carry()


class Courier:
    """Sends through one account. It keeps its connection from letter to letter until that is too old or too much used.

    `null_sender_refused` becomes true when the server would not take `<>`, and is remembered from then on.
    """

    def __init__(self, account: Account, null_sender_refused: bool = False) -> None:
        self.account = account
        self.null_sender_refused = null_sender_refused
        self._line: Line | None = None
        self._ended = False

    def deliver(self, envelope_from: str, to: Address, raw: bytes) -> Delivery:
        """One attempt, from connecting to the reply to the dot. "sending" must have been committed before."""
        offered = self.offer(envelope_from, to, raw)
        return offered.send() if isinstance(offered, Offer) else offered

    def offer(self, envelope_from: str, to: Address, raw: bytes) -> Offer | Delivery:
        """Connect where need be, MAIL and RCPT. `envelope_from` "" is `<>`. A Delivery means that nothing was sent."""
        if _NO_PATH.search(envelope_from + to):
            return Delivery(Outcome.FAILED, At.MAIL, None, "the address cannot be given to a mail server")
        wire = on_the_wire(raw)
        try:
            line, envelope = self._agreed(_envelope(envelope_from, to, wire))
        except Stopped as stop:
            if stop.delivery.pause is not None:
                self.close()
            return stop.delivery
        return Offer(partial(self._carry, line, envelope, wire))

    def greet(self) -> Delivery | None:
        """Connect, log in and take leave; what stood in the way, None if nothing did. No letter is spoken of."""
        try:
            self._fresh()
        except Stopped as stop:
            return stop.delivery
        finally:
            self.close()
        return None

    def rest(self) -> None:
        """Close the connection if it has been idle for too long; for a caller that has nothing to send just now."""
        if self._line is not None and self._worn(self._line):
            self.close()

    def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def break_off(self) -> None:
        """End whatever goes on, at once and for good; may be called by another thread. A dot in doubt is UNKNOWN."""
        self._ended = True
        if (line := self._line) is not None:
            line.break_off()

    def _agreed(self, envelope: _Envelope) -> tuple[Line, _Envelope]:
        """A line on which the envelope stands, `<>` replaced where it is refused. Raises Stopped."""
        if envelope.sender == "" and self.null_sender_refused:
            envelope = self._named(envelope)
        try:
            return self._proposed(envelope), envelope
        except Stopped as stop:
            if envelope.sender or not about_the_sender(stop.delivery):
                raise
        envelope = self._named(envelope)
        line = self._proposed(envelope)
        self.null_sender_refused = True
        return line, envelope

    def _named(self, envelope: _Envelope) -> _Envelope:
        return replace(envelope, sender=self.account.address, utf8=envelope.utf8 or not self.account.address.isascii())

    def _proposed(self, envelope: _Envelope) -> Line:
        """The envelope, over the line we have or, should the server have closed that meanwhile, over a new one."""
        self.rest()
        if self._line is not None and self._line.open:
            try:
                return _propose(self._line, envelope)
            except Stopped as stop:
                if stop.delivery.pause not in (Halt.BUSY, Halt.UNREACHABLE):
                    raise
        return _propose(self._fresh(), envelope)

    def _fresh(self) -> Line:
        self.close()
        self._line = dial(self.account)
        try:
            if self._ended:
                self._line.break_off()
            self._line.set_up(self.account)
        except BaseException:
            self.close()
            raise
        return self._line

    def _worn(self, line: Line) -> bool:
        return line.carried >= self.account.per_connection or time.monotonic() - line.last_used > self.account.idle

    def _carry(self, line: Line, envelope: _Envelope, wire: bytes) -> Delivery:
        delivery = _sent(line, envelope, wire)
        if envelope.sender == "" and about_the_sender(delivery):
            delivery = self._again_by_name(self._named(envelope), wire, delivery)
        if delivery.pause is not None:
            self.close()
        self.rest()
        return replace(delivery, null_sender_refused=envelope.quiet and self.null_sender_refused)

    def _again_by_name(self, envelope: _Envelope, wire: bytes, refused: Delivery) -> Delivery:
        """Some servers refuse `<>` only at the dot. A 5xx there is a sure "not delivered", so once more is safe."""
        try:
            line = self._proposed(envelope)
        except Stopped:
            return refused
        delivery = _sent(line, envelope, wire)
        self.null_sender_refused = delivery.outcome is Outcome.SENT
        return delivery


def on_the_wire(raw: bytes) -> bytes:
    """A mail's bytes as DATA wants them: every line ended by CR LF alone (RFC 5321, 2.3.8), leading dots doubled."""
    ends = raw.count(b"\r\n")
    if raw.count(b"\n") != ends or raw.count(b"\r") != ends:
        raw = _BARE.sub(b"\r\n", raw)
    wire = _LEADING_DOT.sub(b"..", raw)
    return wire if wire.endswith(b"\r\n") else wire + b"\r\n"


def _envelope(sender: str, to: Address, wire: bytes) -> _Envelope:
    header = wire.partition(b"\r\n\r\n")[0]
    utf8 = not (sender.isascii() and to.isascii() and header.isascii())
    return _Envelope(sender, to, len(wire), quiet=sender == "", eight_bit=not wire.isascii(), utf8=utf8)


def _propose(line: Line, envelope: _Envelope) -> Line:
    """MAIL and RCPT. Raises Stopped."""
    _check(line, envelope)
    if line.standing is not None and (said := line.say("RSET", At.MAIL)).code != 250:
        raise Stopped(refusal(said, At.MAIL))
    line.standing = envelope
    if line.offers("pipelining"):
        line.put([_mail(line, envelope), _rcpt(line, envelope)], At.MAIL)
        _heard_both(line)
    else:
        _agree(line.say(_mail(line, envelope), At.MAIL), At.MAIL)
        _agree(line.say(_rcpt(line, envelope), At.RCPT), At.RCPT)
    return line


def _heard_both(line: Line) -> None:
    said = line.hear(At.MAIL)
    if said.code // 100 != 2 and said.code != 421:
        with suppress(Stopped):  # RCPT is answered too, and must not be taken for the answer to what comes next
            line.hear(At.RCPT)
    _agree(said, At.MAIL)
    _agree(line.hear(At.RCPT), At.RCPT)


def _agree(said: Reply, at: At) -> None:
    if said.code // 100 != 2:
        raise Stopped(refusal(said, at))


def _check(line: Line, envelope: _Envelope) -> None:
    if line.size_limit is not None and envelope.size > line.size_limit:
        words = f"the letter has {envelope.size} bytes and the server takes {line.size_limit}"
        raise Stopped(Delivery(Outcome.FAILED, At.MAIL, None, words))
    if envelope.utf8 and not line.offers("smtputf8"):
        words = "the address has letters outside ASCII, and the server does not offer SMTPUTF8"
        raise Stopped(Delivery(Outcome.FAILED, At.MAIL, None, words))


def _mail(line: Line, envelope: _Envelope) -> str:
    words = [f"MAIL FROM:<{envelope.sender}>"]
    words += [f"SIZE={envelope.size}"] if line.offers("size") else []
    words += ["BODY=8BITMIME"] if envelope.eight_bit and line.offers("8bitmime") else []
    words += ["SMTPUTF8"] if envelope.utf8 else []
    return " ".join(words)


def _rcpt(line: Line, envelope: _Envelope) -> str:
    never = " NOTIFY=NEVER" if envelope.quiet and line.offers("dsn") else ""
    return f"RCPT TO:<{envelope.to}>{never}"


def _sent(line: Line, envelope: _Envelope, wire: bytes) -> Delivery:
    if line.standing is not envelope:
        return Delivery(Outcome.DEFERRED, At.DATA, None, "the offer had lapsed before the letter was sent")
    try:
        said = line.say("DATA", At.DATA)
        if said.code != 354:
            return refusal(said, At.DATA)
        said = line.send_text(wire)
    except Stopped as stop:
        return stop.delivery
    line.standing, line.carried, line.last_used = None, line.carried + 1, time.monotonic()
    if said.code // 100 != 2:
        return refusal(said, At.END)
    return Delivery(Outcome.SENT, At.END, said.code, said.words, provider_id=provider_id(said.words))
