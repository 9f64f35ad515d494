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
    if not said.permanent or said.code == 530:
        return False
    if said.at is At.MAIL:
        return True
    if said.at is At.RCPT:
        return not _ABOUT_THE_RECIPIENT.match(said.words)
    return bool(_SENDER_WORDS.search(said.words))


def provider_id(words: str) -> str | None:
    """The queue id or Message-ID that the reply to the dot names, where its form is known."""
    found = (pattern.search(words) for pattern in _PROVIDER_IDS)
    return next((match.group(1) for match in found if match), None)


def _outcome(said: Reply, at: At) -> Outcome:
    permanent = 500 <= said.code < 600
    if at is At.END and not permanent and not 400 <= said.code < 500:
        return Outcome.UNKNOWN
    fault_of_the_letter = at.about_the_letter and said.code not in (530, 535) and said.enhanced != _OUR_QUOTA_IS_USED_UP
    return Outcome.FAILED if permanent and fault_of_the_letter else Outcome.DEFERRED


def _pause(said: Reply, at: At) -> Halt | None:
    permanent = 500 <= said.code < 600
    if said.code in (530, 535) or (at is At.AUTH and permanent):
        return Halt.CREDENTIALS
    if said.code == 421:
        return Halt.BUSY
    if not at.about_the_letter:
        return _pause_before_the_letter(at, permanent)
    if said.enhanced == _OUR_QUOTA_IS_USED_UP or _is_rate(said):
        return Halt.RATE
    return Halt.UNREACHABLE if said.code < 400 else None


def _pause_before_the_letter(at: At, permanent: bool) -> Halt:
    if at is At.STARTTLS:
        return Halt.UNTRUSTED
    return Halt.REFUSED if permanent else Halt.BUSY


def _is_rate(said: Reply) -> bool:
    if said.code not in (450, 451, 452) or _GREYLISTED.search(said.words):
        return False
    full_server = said.code == 452 and not said.enhanced.startswith("4.2.")
    return full_server or said.enhanced in _NO_ROOM_AT_SERVER or bool(_RATE_WORDS.search(said.words))
