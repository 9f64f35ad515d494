"""What the sender newly wrote, apart from what he quoted or forwarded and from what closes his mail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from troth.message import phrases

LINES = 20_000
LINE = 600  # characters of a line that are looked at; the line itself is kept whole

_VERBS = frozenset(verb for verb in phrases.WROTE if " " not in verb)
_TELLING = re.compile(r"[:：@<>\d]|^\s*[>|*_=#~+–—-]")  # no other line can begin what is old
_WHEN = re.compile(
    rf"\d{{1,2}}[:.h]\d{{2}}(?!\d)|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\s?\d{{1,2}}[-/.]\s?\d{{2,4}}"
    rf"|\d{{1,2}}\.?(?:st|nd|rd|th)?[\s-]+(?:de\s+)?(?:{phrases.MONTHS})\w*|(?:{phrases.MONTHS})\w*\.?[\s-]+\d{{1,2}}|\d{{4}}\s?[年년]",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>\"(),:;]{1,80}@[^\s<>\"(),:;]{1,120}")
_ANGLED = re.compile(r"[<(][^\s<>()@]{1,80}@[^\s<>()]{1,120}[>)]")
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d{2}(?!\d)")
_LEADS = re.compile(
    r"[\s>*_|-]{0,12}(?:on|at|in message|am|le|el|il giorno|il|op|em|den|på|dne|dnia|w dniu|dňa|dana"
    r"|în|la|vào|ha|ma|\d{1,4}[.\-/年년 ]"
    r"|(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|ma|woe|wo|vr|za|zo|man|tir|tirs|ons|tor|tors|fre|lør|søn|mån|tis|lör|sön|pon|wt|śr|czw|pt|sob|niedz|pá|út|st|čt|ne|po|пн|вт|ср|чт|пт|сб|вс|пон|seg|ter|qua|qui|sex)\w{0,8}\.?,?"
    r"|在|於|于|понед\w*|вторник|сред\w|четверг|пятниц\w|суббот\w|воскрес\w*)(?:\s|(?<=[年년在於于])|(?<=\d[.\-/]))",
    re.IGNORECASE,
)
_DATED_ADDRESS = re.compile(
    r"[\s>*]{0,6}(?:\w{2,12}[.,]{1,2}\s)?\d{1,4}[-/.年 ].{0,120}[<(]\s?[^\s<>()@]{1,80}@[^\s<>()]{1,120}[>)]\s{0,3}:?$"
)
_DATED_ISO = re.compile(r"20\d\d-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \w.{0,60}$")
_ORIGINAL = re.compile(
    rf"[\s>*|]{{0,6}}[-_=]{{2,}}\s*\*?(?:{phrases.ORIGINAL})\*?\s*:?\s*[-_=]{{2,}}\*?\s*$|[\s>*]{{0,6}}(?:{phrases.BEGIN})\s*[:：]?\s*$",
    re.IGNORECASE,
)
_MARKED = re.compile(r"\s{0,3}(?:>(?!>>\s*>>>)|[A-Z][A-Za-z]{0,3}>|\|(?:\s|$))")
_RULE = re.compile(r"\s*(?:(?:[-_=*#~+–—]\s?){2,}|[\u1427\u141f\u1433]+)\s*$")  # the last: marks of tracking programs
_NO_VERBS = ("absent", "present", "essent", "consent", "resent", "bsent")
_DIGIT = re.compile(r"\d")
_DELIMITER = re.compile(r"(?:--|—|__|–-|- -)\s*$")
_DEVICE = re.compile(rf"\W{{0,3}}(?:{phrases.DEVICES})[\s).>\]]{{0,4}}$", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+$|\s?[<(]\s?(?:https?:|mailto:|www\.)[^<>()\s]*[>)]|[\[\]]")
_EXCUSE = re.compile(r"excuse|forgive|brevity|typ[oe]|spelling", re.IGNORECASE)
_SENTENCE = re.compile(r"[,;!?]\s|\.\s+\w")
_CLOSING = re.compile(rf"\W{{0,3}}(?:{phrases.CLOSINGS})[\s,.!;:)/*-]{{0,6}}$", re.IGNORECASE)
_CONFIDENTIAL = re.compile(rf"[\W_]{{0,12}}(?:{phrases.CONFIDENTIAL})", re.IGNORECASE)
_LIST_FOOTER = re.compile(r"mailing list|unsubscribe|listinfo|list-?manager", re.IGNORECASE)
_LEAD_INSIDE = re.compile(r"\s(?:On|Am|Le|El|Op|Em|Il|Den) (?=(?:\w{2,9}[.,]{0,2} ){0,2}\d)")
_CONTACT = re.compile(
    r"(?:[\w .:-]{0,12}[\w.+-]{1,60}@[\w.-]{3,80}|(?:[\w .:]{0,12})\+?[\d() /.-]{7,24}|(?:https?://|www\.)\S{3,80})$",
    re.IGNORECASE,
)
_DASHED_NAME = re.compile(r"-{1,2}\s?[A-ZÀ-Þ][\w.'-]*(?: [A-ZÀ-Þ][\w.'-]*){0,2}\s*$")
_AFTERTHOUGHT = re.compile(r"\s*(?:p\.?\s?s\b|n\.?\s?b\b|ps\b)|.*\?", re.IGNORECASE)
_HEADER = {name: kind for kind, names in phrases.HEADER_NAMES.items() for name in names.split("|")}


@dataclass(frozen=True, slots=True)
class NewText:
    """A mail's text in its three parts; `text` is never empty where any of it is not.

    `own`: it holds words of the sender's own; else `text` is what he quoted or forwarded.
    """

    text: str
    quoted: str = ""
    signature: str = ""
    own: bool = True


def new_text(plain: str) -> NewText:
    """Part a plain text. What stands between or below quoted lines belongs to the new text."""
    lines = plain.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    sorted_ = _sort(lines[:LINES])
    signed = _signed(sorted_.new)
    kept, closing = sorted_.new[:signed], sorted_.new[signed:]
    text = _joined(kept)
    signature = _joined([*closing, *sorted_.signature])
    quoted = _joined(sorted_.quoted) + ("\n" + "\n".join(lines[LINES:]) if len(lines) > LINES else "")
    if text:
        return NewText(text, quoted, signature)
    above = _header_end(sorted_.quoted)
    forwarded = _joined(sorted_.quoted[above:])
    if forwarded:
        return NewText(forwarded, _joined(sorted_.quoted[:above]), signature, own=False)
    return NewText(quoted.strip() or signature or plain.strip(), "", signature if quoted.strip() else "", own=False)


@dataclass(slots=True)
class _Sorted:
    """The lines of a text by what they are, while it is being read."""

    new: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)
    signature: list[str] = field(default_factory=list)
    closing: bool = False  # past "-- "
    written: bool = False  # whether `new` holds a word


def _sort(lines: list[str]) -> _Sorted:
    out, at = _Sorted(), 0
    while at < len(lines):
        at = _old(out, lines, at) or _plain(out, lines, at)
    return out


def _old(out: _Sorted, lines: list[str], at: int) -> int:
    """Take quoted lines that begin here; answers where they end, or 0 where none begin."""
    line = lines[at][:LINE]
    if not _TELLING.search(line) or line.isspace():
        return 0
    if _MARKED.match(line):
        end = at + 1
    elif _rest_is_old(lines, at):
        end = len(lines)
    elif length := _attribution(lines, at):
        end = at + length if _marked_next(lines, at + length) else len(lines)
        _keep_before(out, line)
    else:
        return 0
    out.quoted += lines[at:end]
    out.closing = False
    return end


def _plain(out: _Sorted, lines: list[str], at: int) -> int:
    """Take one line that nobody quoted."""
    line = lines[at]
    stripped = line[:LINE].strip()
    if out.written and not out.closing and _closes(lines, at, stripped):
        out.closing = True
        if _DELIMITER.match(stripped):
            return at + 1
    signature = out.closing or (5 < len(stripped) < 160 and _apart(out, lines, at) and _device(stripped))
    (out.signature if signature else out.new).append(line)
    out.written |= bool(stripped) and not signature
    return at + 1


def _closes(lines: list[str], at: int, stripped: str) -> bool:
    """Whether everything from here to the next quotation closes the mail."""
    if not stripped:
        return False
    return (
        (len(stripped) < 4 and _DELIMITER.match(stripped) is not None)
        or (not lines[at - 1].strip() and _CONFIDENTIAL.match(stripped) is not None)
        or (stripped.startswith("_____") and _LIST_FOOTER.search("\n".join(lines[at + 1 : at + 4])[:LINE]) is not None)
    )


def _apart(out: _Sorted, lines: list[str], at: int) -> bool:
    """Whether a line begins or ends a paragraph, or follows one that a device added."""
    if at == 0 or at + 1 == len(lines) or not lines[at - 1].strip() or not lines[at + 1].strip():
        return True
    return bool(out.signature) and out.signature[-1] is lines[at - 1]


def _device(stripped: str) -> bool:
    said = _LINK.sub("", stripped)
    return _DEVICE.match(said) is not None and (_EXCUSE.search(said) is not None or not _SENTENCE.search(said))


def _marked_next(lines: list[str], at: int) -> bool:
    following = next((line for line in lines[at : at + 5] if line.strip()), "")
    return _MARKED.match(following[:LINE]) is not None


def _keep_before(out: _Sorted, line: str) -> None:
    """Some programs put the attribution on the last line of the answer."""
    inside = _LEAD_INSIDE.search(line) if not _LEADS.match(line) else None
    if inside:
        out.new.append(line[: inside.start()])
        out.written = True


def _rest_is_old(lines: list[str], at: int) -> bool:
    """Whether everything from here on is old: a forwarded mail, or one under its own header lines."""
    line = lines[at][:LINE].strip()
    if (line[0] in "-_=*>|" or line[-1] in ":：") and _ORIGINAL.match(line):
        return True
    if _RULE.match(line):
        below = next((number for number in range(at + 1, min(at + 4, len(lines))) if lines[number].strip()), None)
        return below is not None and _kind(lines[below]) is not None and _header_block(lines, below)
    return _kind(line) is not None and _header_block(lines, at)


def _kind(line: str) -> str | None:
    """Which header line this is the quotation of."""
    head, colon, _ = line[:40].replace("：", ":", 1).partition(":")
    return _HEADER.get(head.strip(" *>|\t\xa0").lower()) if colon else None


def _header_block(lines: list[str], at: int) -> bool:
    """Whether header lines of a mail stand here: two kinds with an address, or three that only mail has.

    A traveller's "From: London, To: Leeds, Date: 3 May" is no such block.
    """
    kinds: set[str] = set()
    others = 0
    block = lines[at : at + 12]
    for line in block:
        kind = _kind(line)
        others += kind is None and bool(line.strip())
        if others > 3 or (kinds and len(kinds) >= 3 and not line.strip()):
            break
        kinds |= {kind} if kind else set()
    if "from" not in kinds and ("subject" not in kinds or len(kinds) < 3):
        return False
    addressed = any("@" in line[:LINE] for line in block[:8])
    return len(kinds) >= (2 if addressed else 3) and (addressed or not kinds.isdisjoint(("subject", "sent")))


def _attribution(lines: list[str], at: int) -> int:
    """How many lines from here say who wrote what follows, and when; 0 where none do."""
    first = lines[at][:LINE]
    lead = _DIGIT.search(first) is not None and _LEADS.match(first) is not None
    spread = 7 if lead else (3 if "@" in first or "<" in first or " via " in first else 1)
    ends = ":：->.*" if lead or spread > 1 else ":："
    joined = ""
    for taken, line in enumerate(lines[at : at + spread], 1):
        text = line[:LINE].strip()
        joined = f"{joined} {text}" if joined else text
        if len(joined) > 500 or (taken > 1 and _MARKED.match(line) and text[1:].strip()[:2] not in ("wr", "")):
            return 0
        if joined and joined[-1] in ends and _attributes(joined, lead, lines, at + taken):
            return taken
    return 0


def _attributes(text: str, lead: bool, lines: list[str], after: int) -> bool:
    if _ends_with_verb(text):
        if _ADDRESS.search(text) or (lead and _WHEN.search(text)):
            return text[-1] != "." or _marked_next(lines, after)
        return len(text) < 160 and _marked_next(lines, after)
    if text[-1] in ":：" and (lead or "@" in text) and not _VERBS.isdisjoint(text.lower().split()):
        return _WHEN.search(text) is not None
    if text[-1] in ":：" and _TIME.search(text) and _ANGLED.search(text):
        return True
    return (lead or "@" in text) and (_DATED_ADDRESS.match(text) or _DATED_ISO.match(text)) is not None


def _ends_with_verb(text: str) -> bool:
    tail = text[-40:].rstrip(" :：.>*_-").lower()
    return tail.endswith(phrases.WROTE) and not tail.endswith(_NO_VERBS)


def _signed(lines: list[str]) -> int:
    """Where the closing formula and the name under it begin, or the number of lines without one."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if len(filled) < 2:
        return len(lines)
    for back, number in enumerate(reversed(filled[1:])):
        below = [lines[other] for other in filled[len(filled) - back :]]
        if back > 10 or any(len(line) > 90 for line in below) or sum(len(line.split()) for line in below) > 40:
            break
        if any(_AFTERTHOUGHT.match(line) for line in below):
            break
        if len(lines[number]) < 80 and _CLOSING.match(lines[number].strip()):
            return number
    return _named(lines, filled)


def _named(lines: list[str], filled: list[int]) -> int:
    """Where "-Jo Marsh" stands last, or a block of lines that say how to reach somebody."""
    last = filled[-1]
    if _DASHED_NAME.match(lines[last].strip()) and _ends_a_thought(lines[filled[-2]]):
        return last
    blank = next((number for number in range(last, filled[0], -1) if not lines[number].strip()), None)
    block = lines[blank + 1 : last + 1] if blank is not None else []
    contacts = sum(_CONTACT.match(line.strip()) is not None for line in block)
    if blank is not None and 3 <= len(block) <= 8 and contacts >= 2 and all(len(line) < 70 for line in block):
        return blank
    return len(lines)


def _ends_a_thought(line: str) -> bool:
    """Whether the line above a name is no item of a list, and announces none."""
    return line.lstrip()[:1] not in ("-", "*", "•") and line.rstrip()[-1:] not in (":", "：")


def _header_end(lines: list[str]) -> int:
    """Where the header lines above a forwarded mail end."""
    inside = False
    for number, line in enumerate(lines):
        kind = _kind(line)
        inside = kind is not None or (inside and bool(line.strip()))
        if not (inside or not line.strip() or _RULE.match(line[:LINE]) or _ORIGINAL.match(line[:LINE].strip())):
            return number
    return 0


def _joined(lines: list[str]) -> str:
    """Lines as one text, without rules and white space at its end."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _RULE.match(lines[end - 1][:LINE])):
        end -= 1
    return "\n".join(line.rstrip() for line in lines[:end]).strip("\n")
