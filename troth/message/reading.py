"""The way from bytes to a Message, step by step."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troth.message import absence, addressing, bounces, markup, nature
from troth.message.charset import codec_of, decode
from troth.message.header import Header, printable, split
from troth.message.language import detect_language
from troth.message.parts import MESSAGE_BYTES, Part, Reading, body, part
from troth.message.reply import NewText, new_text
from troth.model import Address, Message, Nature

TEXT_CHARS = 256 * 1024
ATTACHMENTS = 100
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\xa0\u200b\ufeff]")


def parse(raw: bytes, *, languages: Sequence[str] = ()) -> Message:
    """One mail's bytes as a Message. Never raises: a broken mail has less in it, and its `defects` say so.

    `languages` (ISO 639-1) are the business's own: `language` is one of them or None. All is bounded before it is read:
    16 MiB, 256 KiB of header, 1,000 fields of 64 KiB, 500 parts 50 deep, 1 MiB a part, 256 Ki characters of text.
    """
    try:
        return _parse(raw, languages)
    except Exception as error:  # noqa: BLE001  # a mail nobody foresaw must not stop the ones after it
        return Message(identity=_hash(raw[:MESSAGE_BYTES]), defects=(f"could not be read: {type(error).__name__}",))


def _parse(raw: bytes, languages: Sequence[str]) -> Message:
    data = raw[:MESSAGE_BYTES]
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    reading = Reading(data)
    header, start = split(data)
    tree = part(reading, header, start, len(data))
    charset = _charset(tree)
    content = _Content(reading, header, tree, charset)
    defects = (*header.defects, *reading.defects, *(("more than 16 MiB",) if len(raw) > MESSAGE_BYTES else ()))
    return _message(content, languages, defects)


@dataclass(frozen=True, slots=True)
class _Content:
    reading: Reading
    header: Header
    tree: Part
    charset: str | None


def _charset(tree: Part) -> str | None:
    """The charset raw 8-bit header fields are in, where they are not UTF-8: most likely that of the text."""
    named = [known for one in tree.walk() if (known := one.parameters.get("charset"))]
    telling = (one for one in named if codec_of(one) not in (None, "cp1252", "utf-8"))
    return next(telling, named[0] if named else None)


def _message(content: _Content, languages: Sequence[str], defects: tuple[str, ...]) -> Message:
    header, charset = content.header, content.charset
    fields = header.decoded(charset)
    subject = next((value for name, value in fields if name == "subject"), "")
    whole = _text(content)
    written = new_text(whole)
    message_id = addressing.message_id(header.first("message-id"))
    date = addressing.date(header.first("date")) if header.has("date") else None
    from_ = addressing.parties(header.all("from"), charset)
    bounce = bounces.read(_signs(content, fields, subject, whole, from_[0].address if from_ else None))
    kind = Nature.BOUNCE if bounce else nature.of(header, content.tree, content.reading.data, fields, whole)
    return Message(
        identity=_identity(message_id, content, from_[0].address.encode() if from_ else header.first("from"), subject),
        message_id=message_id,
        from_=from_,
        from_fields=len(header.all("from")),
        sender=addressing.one_party(header.first("sender"), charset),
        reply_to=addressing.parties(header.all("reply-to"), charset),
        to=addressing.parties(header.all("to"), charset),
        cc=addressing.parties(header.all("cc"), charset),
        return_path=addressing.return_path(header.all("return-path")),
        subject=subject[:2000],
        date=date,
        in_reply_to=addressing.message_ids(header.first("in-reply-to")),
        references=addressing.message_ids(header.first("references")),
        text=written.text,
        quoted=written.quoted,
        signature=written.signature,
        own_words=written.own,
        language=_language(subject, written, languages),
        nature=kind,
        bounce=bounce,
        absent_until=absence.until(whole, date) if kind is Nature.OUT_OF_OFFICE else None,
        attachments=tuple(_attachments(content.tree)),
        fields=fields,
        defects=defects,
    )


def _signs(
    content: _Content, fields: tuple[tuple[str, str], ...], subject: str, text: str, author: Address | None
) -> bounces.Signs:
    sender = addressing.one_party(content.header.first("sender"), content.charset)
    return bounces.Signs(
        data=content.reading.data,
        header=content.header,
        tree=content.tree,
        subject=subject,
        text=text,
        sender=author or (sender.address if sender else None),
        sender_name=next((value for name, value in fields if name == "from"), "")[:300],
        null_sender=addressing.return_path(content.header.all("return-path")) == "",
    )


def _language(subject: str, written: NewText, languages: Sequence[str]) -> str | None:
    if not languages:
        return None
    return detect_language(written.text, languages) or (
        detect_language(f"{subject}\n{written.text}", languages) if len(written.text) < 200 else None
    )


def _identity(message_id: str | None, content: _Content, sender: bytes, subject: str) -> str:
    """Message-ID and a hash of what no server changes: date, sender, subject and the first text's bytes."""
    leaf = next((part for part in content.tree.walk() if not part.parts), content.tree)
    text = b"".join(body(content.reading.data, leaf)[:64_000].split())
    date = content.header.first("date")
    digest = _hash(b"\0".join([date, sender, subject.encode("utf-8", "replace"), text]))
    return f"{message_id} {digest}" if message_id else digest


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _text(content: _Content) -> str:
    """The whole text of the mail as a reader sees it; the text of an enclosed mail where it has none of its own."""
    texts = list(_texts(content.reading, content.tree, enclosed=False))
    if not any(text.strip() for text in texts):
        texts = list(_texts(content.reading, content.tree, enclosed=True))
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())[:TEXT_CHARS]


def _texts(reading: Reading, tree: Part, *, enclosed: bool) -> Iterator[str]:
    if tree.kind == "multipart/alternative":
        yield from _alternative(reading, tree, enclosed=enclosed)
    elif tree.parts:
        yield from _of_parts(reading, tree, enclosed=enclosed)
    elif tree.kind == "message/rfc822" and enclosed and reading.left > 0:
        reading.left -= 10
        header, start = split(reading.data, tree.start, tree.end)
        yield from _texts(reading, part(reading, header, start, tree.end, 10), enclosed=False)
    elif not tree.attached or (enclosed and not tree.file_name):
        yield _leaf(reading, tree)


def _of_parts(reading: Reading, tree: Part, *, enclosed: bool) -> Iterator[str]:
    """The texts of a multipart; of multipart/related the first that has one, of a report all but its data."""
    total = 0
    for child in tree.parts:
        named = child.kind.startswith("text/") and child.file_name and total
        for text in () if named else _texts(reading, child, enclosed=enclosed):
            total += len(text.strip())
            yield text
        if total > TEXT_CHARS or (total and tree.kind == "multipart/related"):
            return


def _alternative(reading: Reading, tree: Part, *, enclosed: bool) -> Iterator[str]:
    """The plainest alternative that says anything."""
    ordered = sorted(tree.parts, key=lambda one: one.kind != "text/plain")
    for child in ordered:
        texts = [text for text in _texts(reading, child, enclosed=enclosed) if text.strip()]
        if texts:
            yield from texts
            return


def _leaf(reading: Reading, of: Part) -> str:
    if of.kind not in ("text/plain", "text/html", "text/enriched", "text/richtext") and not _unheard_of(of.kind):
        return ""
    data = body(reading.data, of)
    text = decode(data, of.parameters.get("charset"))
    if of.kind in ("text/html", "text/enriched"):
        return markup.to_text(text)
    return _UNSEEN.sub(_seen, text) if _UNSEEN.search(text) else text


def _seen(found: re.Match[str]) -> str:
    return {"\r": "\n", "\xa0": " ", "\f": "\n"}.get(found[0], "")


def _unheard_of(kind: str) -> bool:
    """A kind of text that nobody registered is read as plain (RFC 2046, 4.1.4); calendars, cards and tables are not."""
    return kind in (
        "text/text",
        "text/x-plain",
        "text/markdown",
        "text/x-markdown",
        "text/unknown",
        "text",
        "plain/text",
    )


def _attachments(tree: Part) -> Iterator[str]:
    """The names of what is attached; a mail in a mail is named by its kind."""
    for number, one in enumerate(leaf for leaf in tree.walk() if not leaf.parts):
        if number > ATTACHMENTS:
            return
        name = one.file_name
        if name or one.attached or one.kind == "message/rfc822":
            yield printable(name or one.kind).replace("/", "_")[:120]
