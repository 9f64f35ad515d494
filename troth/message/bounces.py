"""Bounces: those of RFC 3464, and the many that mail programs wrote before it and beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from troth.message import notices
from troth.message.addressing import message_id
from troth.message.charset import decode
from troth.message.header import Header, split
from troth.message.parts import Part, body
from troth.model import Address, Bounce, address

LOOKED_AT = 24 * 1024  # characters of the text; what a bounce has to say stands at its top

_POSTMASTERS = re.compile(notices.POSTMASTERS, re.IGNORECASE)
_POSTMASTER_NAMES = re.compile(notices.POSTMASTER_NAMES, re.IGNORECASE)
_SUBJECT = re.compile(notices.UNDELIVERED_SUBJECTS, re.IGNORECASE)
_SAYS_SO = re.compile(notices.UNDELIVERED, re.IGNORECASE)
_CODES = re.compile(r"(?<![\d.])(?:5\d\d[ -]|#?[45]\.\d{1,3}\.\d{1,3}(?!\.?\d)|55[0-9]\b|4[25]\d[ -])")
_RETURNED = re.compile(notices.RETURNED, re.IGNORECASE | re.MULTILINE)
_HEADERS_INSIDE = re.compile(
    r"^[>\s]{0,4}(?:Received|Return-Path|Message-ID|X-Mailer|MIME-Version|Subject|From|To|Date): ?\S",
    re.MULTILINE | re.IGNORECASE,
)
_RETURNED_KINDS = ("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers")
_TRACE = re.compile(r"^[>\s]{0,8}(?:Received: (?:from|by) |Message-ID: ?<)", re.MULTILINE | re.IGNORECASE)
_ID_INSIDE = re.compile(rb"^[> \t]{0,4}Message-ID:[ \t]*(?:\n[ \t]+)?(<[^<>\s]{3,400}>)", re.IGNORECASE | re.MULTILINE)
_FIELD_ADDRESS = re.compile(rb"(?:[a-z0-9/ -]{1,20};)?\s*<?([^<>\s;]{1,100}@[^<>\s;]{1,200})>?", re.IGNORECASE)
_FAILED = re.compile(r"(?<![\w.+-])(\w[\w.!#$%&'*+/?^{|}~-]{0,63}@(?:[\w-]{1,63}\.)+[\w-]{2,63})")
_NO_REPLY = re.compile(r"(?:^|[._-])no[._-]?reply", re.IGNORECASE)
_NOTIFIED = re.compile(r"\"notificationType\"\s*:\s*\"Bounce\"")  # Amazon SES through SNS
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY_CODE = re.compile(r"(?<!\d)([45])\d\d(?=[ -])")


@dataclass(frozen=True, slots=True)
class Signs:
    """What the recognition of a bounce looks at, gathered once."""

    data: bytes
    header: Header
    tree: Part
    subject: str
    text: str
    sender: Address | None
    sender_name: str
    null_sender: bool


def read(signs: Signs) -> Bounce | None:
    """What a bounce says, or None for a mail that is none."""
    reports = [
        part for part in signs.tree.walk() if part.kind in ("message/delivery-status", "message/global-delivery-status")
    ]
    if reports or signs.tree.parameters.get("report-type", "").lower() == "delivery-status":
        return _standard(signs, reports)
    if signs.header.has("x-failed-recipients") or _looks_like_one(signs):
        return _other(signs)
    return None


def _standard(signs: Signs, reports: list[Part]) -> Bounce:
    groups = [header for part in reports for header in _groups(body(signs.data, part))]
    groups = [group for group in groups if group.has("final-recipient") or group.has("original-recipient")]
    failed = [group for group in groups if group.first("action")[:7].lower() != b"delayed"]
    actions = {group.first("action").strip().lower()[:7] for group in groups if group.has("action")}
    recipients = [known for group in failed or groups if (known := _recipient(group))]
    status = next(
        (decode(group.first("status")).strip()[:12] for group in failed or groups if group.has("status")), None
    )
    if not recipients:
        return _other(signs)
    delayed = bool(actions) and actions <= _NOT_FAILED
    permanent = _permanent(actions, status)
    return Bounce(tuple(dict.fromkeys(recipients)), permanent, status, _returned_id(signs), delayed)


_NOT_FAILED = frozenset({b"delayed", b"deliver", b"relayed", b"expande"})


def _groups(report: bytes) -> list[Header]:
    """The groups of fields of a delivery report (RFC 3464, 2.1): one about the mail, one for each recipient."""
    lines = report.replace(b"\r\n", b"\n").strip()
    return [split(group.strip(b"\n") + b"\n\n")[0] for group in re.split(rb"\n[ \t]*\n", lines)[:200]]


def _recipient(group: Header) -> Address | None:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        found = _FIELD_ADDRESS.search(group.first(name)[:400])
        if found and (known := address(decode(found[1]))):
            return known
    return None


def _permanent(actions: set[bytes], status: str | None) -> bool | None:
    if actions and actions <= _NOT_FAILED:
        return False
    if status and status[:1] in "45":
        return status[0] == "5"
    return True if b"failed" in actions else None


def _looks_like_one(signs: Signs) -> bool:
    """A mail from a mail system that says it could not deliver. A person who forwards a bounce is no mail system."""
    top = signs.text[:4000]
    if _system(signs):
        return _subject(signs) or _SAYS_SO.search(top) is not None or _CODES.search(top) is not None
    if _NOTIFIED.search(top):
        return True
    if signs.null_sender or _POSTMASTER_NAMES.search(signs.sender_name) or _unattended(signs):
        return (_subject(signs) or _SAYS_SO.search(top) is not None) and (_encloses(signs) or _says_both(signs))
    return _says_both(signs) and not signs.header.has("in-reply-to") and _unpersonal(signs) and _shows(signs)


def _subject(signs: Signs) -> bool:
    return _SUBJECT.search(signs.subject[:300]) is not None


def _says_both(signs: Signs) -> bool:
    return _subject(signs) and _SAYS_SO.search(signs.text[:4000]) is not None


def _shows(signs: Signs) -> bool:
    """Whether the mail shows what no person would write down: a trace of the mail's way, or a code of RFC 3463."""
    if any(part.kind in _RETURNED_KINDS for part in signs.tree.walk()):
        return True
    return _TRACE.search(signs.text[:LOOKED_AT]) is not None or _STATUS.search(signs.text[:4000]) is not None


def _unattended(signs: Signs) -> bool:
    return bool(signs.sender and _NO_REPLY.search(signs.sender))


def _system(signs: Signs) -> bool:
    return bool(signs.sender and _POSTMASTERS.match(signs.sender)) or (
        signs.sender is None and _POSTMASTER_NAMES.search(signs.sender_name) is not None
    )


def _unpersonal(signs: Signs) -> bool:
    """Nobody answers or forwards by hand here."""
    return not re.match(r"\s*(?:re|aw|fwd?|wg|tr|rv|sv|vs)\s*:", signs.subject, re.IGNORECASE)


def _encloses(signs: Signs) -> bool:
    """Whether the mail that came back, or its header, is enclosed or copied into the text."""
    if any(part.kind in _RETURNED_KINDS for part in signs.tree.walk()):
        return True
    top = signs.text[:LOOKED_AT]
    return _RETURNED.search(top) is not None or len(_HEADERS_INSIDE.findall(top)) >= 3


def _other(signs: Signs) -> Bounce:
    told = decode(signs.header.first("x-failed-recipients"))
    said = _before_returned(signs.text[:LOOKED_AT])
    found = [known for text in _FAILED.findall(told or said)[:50] if (known := address(text.rstrip(".")))]
    recipients = tuple(dict.fromkeys(one for one in found if one != signs.sender and not _POSTMASTERS.match(one)))
    status = _STATUS.search(said)
    code = status or _REPLY_CODE.search(said)
    permanent = code[1] == "5" if code and code[1] in "45" else None
    delayed = permanent is not True and _STILL.search(f"{signs.subject[:300]}\n{said}") is not None
    return Bounce(recipients[:20], permanent, status[0] if status else None, _returned_id(signs), delayed)


_STILL = re.compile(notices.STILL_TRYING, re.IGNORECASE)


def _before_returned(text: str) -> str:
    found = _RETURNED.search(text)
    inside = _HEADERS_INSIDE.search(text)
    ends = [match.start() for match in (found, inside) if match and match.start() > 40]
    return text[: min(ends)] if ends else text


def _returned_id(signs: Signs) -> str | None:
    """The Message-ID of the mail that came back: from the part that holds it, else from the text."""
    for part in signs.tree.walk():
        if part.kind in _RETURNED_KINDS:
            enclosed = body(signs.data, part)[:64_000].replace(b"\r\n", b"\n")
            if found := message_id(split(enclosed.lstrip(b"\n") + b"\n\n")[0].first("message-id")):
                return found
    own = message_id(signs.header.first("message-id"))
    copied = (message_id(one) for one in _ID_INSIDE.findall(signs.data[signs.tree.start : signs.tree.start + 256_000]))
    return next((one for one in copied if one and one != own), None)
