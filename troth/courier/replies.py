"""What an SMTP reply means for the letter and for the channel (RFC 5321, 4.2; enhanced codes: RFC 3463)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from troth.outbox import At, Delivery, Halt, Outcome

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")
_RATE_WORDS = re.compile(
    r"\brate\b|too many (?:mails?|messages|recipients|connections|requests)|too (?:fast|quickly)|throttl|quota|"
    r"slow down|limit (?:reached|exceeded)|exceed\w* .{0,40}(?:limit|rate)|submission.{0,20}limit",
    re.IGNORECASE,
)
_GREYLISTED = re.compile(r"gr[ea]y.?list", re.IGNORECASE)
_CLOSED_TO_US = re.compile(r"relay", re.IGNORECASE)  # every letter would fail, so none is to blame
_LOG_IN_FIRST = re.compile(r"authentication (?:is )?required|must authenticate", re.IGNORECASE)
_SENDER_WORDS = re.compile(
    r"sender|return.?path|mail.?from|null|send ?as|from address|envelope|empty address|<>", re.IGNORECASE
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")

_ABOUT_THE_RECIPIENT = re.compile(r"5\.(?:1\.(?:1|2|3|6|10)|2\.\d+|4\.4)")
_NO_ROOM_AT_SERVER = ("4.3.1", "4.3.2", "4.5.3")
_OUR_QUOTA_IS_USED_UP = "5.4.5"  # Gmail's daily limit: permanent in form, over by tomorrow

_PROVIDER_IDS = (
    re.compile(r"\bqueued as ([\w.-]{4,80})", re.IGNORECASE),  # Postfix and kin
    re.compile(r"\bid=([\w-]{6,80})"),  # Exim
    re.compile(r"(<[^<>@\s]{1,200}@[^<>@\s]{1,100}>)"),  # Exchange: the Message-ID it gave
    re.compile(r"^(?:2\.0\.0 )?ok \s*\d{9,11} ([\w.-]{8,80}) - gsmtp", re.IGNORECASE),  # Gmail
    re.compile(r"^2\.0\.0 (\w{8,40}) message accepted", re.IGNORECASE),  # sendmail
    re.compile(r"^ok ([0-9a-f-]{30,80})$", re.IGNORECASE),  # Amazon SES: its Message-ID's left side
    re.compile(r"\bqueued \(?([0-9a-f-]{20,60}(?:\.\d+)?)\)?", re.IGNORECASE),  # Haraka
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's reply; `words` is one clean line. `code` -1: none could be read."""

    code: int
    words: str

    @property
    def enhanced(self) -> str:
        """The enhanced status code (RFC 2034), "" without one."""
        found = _ENHANCED.match(self.words)
        return found.group() if found else ""


def reply(code: int, text: bytes) -> Reply:
    return Reply(code, clean(text.decode("utf-8", "replace")))


def clean(text: str) -> str:
    """One line fit for the journal."""
    return " ".join(_UNPRINTABLE.sub(" ", text[:2000]).split())[:300]


def refusal(said: Reply, at: At) -> Delivery:
    """What a reply means that is not the one hoped for."""
    return Delivery(_outcome(said, at), at, said.code if said.code > 0 else None, said.words, _pause(said, at))


def about_the_sender(said: Delivery) -> bool:
    """Whether a refusal may well be one of `<>`, so that another envelope sender is worth trying."""
    if said.code is None or said.code < 500 or said.pause not in (None, Halt.REFUSED):
        return False
    if said.at is At.MAIL:
        return True
    if said.at is At.RCPT:
        return not _ABOUT_THE_RECIPIENT.match(said.words)
    return said.at is At.END and bool(_SENDER_WORDS.search(said.words))


def provider_id(words: str) -> str | None:
    """The queue id or Message-ID that the reply to the dot names, where its form is known."""
    found = (pattern.search(words) for pattern in _PROVIDER_IDS)
    return next((match.group(1) for match in found if match), None)


def _outcome(said: Reply, at: At) -> Outcome:
    if at is At.END and not 400 <= said.code < 600:
        return Outcome.UNKNOWN
    permanent = said.code >= 500 and at.about_the_letter and _pause(said, at) is None
    return Outcome.FAILED if permanent else Outcome.DEFERRED


def _pause(said: Reply, at: At) -> Halt | None:
    if said.code == 421:
        return Halt.BUSY
    if said.code in (530, 535) or (at is At.AUTH and said.code >= 500):
        return Halt.CREDENTIALS
    if at is At.STARTTLS:
        return Halt.UNTRUSTED
    if said.code < 400:  # not one of the answers there are here: the talk is out of step
        return Halt.UNREACHABLE
    if not at.about_the_letter:
        return Halt.REFUSED if said.code >= 500 else Halt.BUSY
    return _pause_at_an_envelope(said, at) or (Halt.RATE if _is_rate(said) else None)


def _pause_at_an_envelope(said: Reply, at: At) -> Halt | None:
    if at not in (At.MAIL, At.RCPT) or said.code < 500:
        return None
    if _LOG_IN_FIRST.search(said.words):
        return Halt.CREDENTIALS
    return Halt.REFUSED if _CLOSED_TO_US.search(said.words) else None


def _is_rate(said: Reply) -> bool:
    if said.enhanced == _OUR_QUOTA_IS_USED_UP:
        return True
    if said.code not in (450, 451, 452) or _GREYLISTED.search(said.words) or said.enhanced.startswith("4.2."):
        return False  # 4.2.x speaks of one mailbox
    return said.code == 452 or said.enhanced in _NO_ROOM_AT_SERVER or bool(_RATE_WORDS.search(said.words))
