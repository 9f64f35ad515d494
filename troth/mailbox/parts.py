"""A large mail without its weight: which parts are worth fetching, and a valid mail made of them.

Pure: a BODYSTRUCTURE (RFC 3501, 7.4.2) and fetched bytes in, bytes out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from troth.mailbox.answers import UnreadableError, Value

MAX_TEXTS = 6
MAX_PARTS = 200
MAX_DEPTH = 20

Parameters = tuple[tuple[bytes, bytes], ...]

_TEXTS = {b"plain", b"html", b"calendar", b"enriched", b"richtext"}
_REPORTS = {b"message/delivery-status", b"message/disposition-notification", b"message/feedback-report",
            b"message/global-delivery-status", b"text/rfc822-headers", b"message/global-headers"}  # fmt: skip
_UNPRINTABLE = re.compile(rb"[\x00-\x1f\x7f]+")
_NO_TOKEN = re.compile(rb"[^A-Za-z0-9!#$&*+.^_`{|}~%'-]+")
_FIELD = re.compile(rb"^[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*", re.MULTILINE)
_OF_CONTENT = re.compile(rb"content-(?:type|transfer-encoding)[ \t]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A node of a mail's structure. `section` is what FETCH calls it; types and encodings are in small letters."""

    section: str
    kind: bytes
    parameters: Parameters = ()
    encoding: bytes = b""
    disposition: bytes = b""
    disposition_parameters: Parameters = ()
    children: tuple[Part, ...] = ()

    @property
    def is_multipart(self) -> bool:
        return self.kind.startswith(b"multipart/")

    @property
    def is_returned_mail(self) -> bool:
        return self.kind in {b"message/rfc822", b"message/global"}


def read_structure(value: Value) -> Part:
    """The structure of a BODYSTRUCTURE item. Raises UnreadableError."""
    try:
        root = _read(value, "", 0)
    except (IndexError, TypeError, StopIteration) as why:
        raise UnreadableError from why
    return root if root.is_multipart else replace(root, section="1")


def wanted(root: Part) -> list[str]:
    """Sections with words in them, in order: texts that are no attachments, reports, headers of returned mails."""
    leaves = [part for part in _leaves(root) if _is_text(part)]
    return [f"{part.section}.HEADER" if part.is_returned_mail else part.section for part in leaves[:MAX_TEXTS]]


def rebuild(header: bytes, root: Part, bodies: Mapping[str, bytes]) -> bytes:
    """A valid mail of the header and the fetched sections; what was not fetched is an empty part with its name."""
    if not root.is_multipart:
        return closed(header) + bodies.get("1", b"")
    boundary = _boundary(bodies)
    out = [_without_content_fields(header), *_content_fields(root, boundary), b"\r\n"]
    _emit_children(root, boundary, bodies, out)
    return b"".join(out)


def closed(header: bytes) -> bytes:
    """The header with the empty line at its end, which one that was cut off has lost."""
    return header if header.endswith((b"\r\n\r\n", b"\n\n")) else _ended(header) + b"\r\n"


def _read(value: Value, section: str, depth: int) -> Part:
    if not isinstance(value, list) or depth > MAX_DEPTH:
        raise UnreadableError
    return _read_multipart(value, section, depth) if isinstance(value[0], list) else _read_leaf(value, section)


def _read_multipart(value: list[Value], section: str, depth: int) -> Part:
    count = next(index for index, each in enumerate(value) if not isinstance(each, list))
    prefix = f"{section}." if section else ""
    children = [
        _read(child, f"{prefix}{number}", depth + 1) for number, child in enumerate(value[:MAX_PARTS][:count], 1)
    ]
    disposition, parameters = _disposition(value[count + 2 :])
    return Part(
        section,
        b"multipart/" + _token(value[count]),
        _parameters(value[count + 1] if len(value) > count + 1 else None),
        disposition=disposition,
        disposition_parameters=parameters,
        children=tuple(children),
    )


def _read_leaf(value: list[Value], section: str) -> Part:
    kind = _token(value[0]) + b"/" + _token(value[1])
    fixed = 8 if kind.startswith(b"text/") else 10 if kind == b"message/rfc822" else 7
    disposition, parameters = _disposition(value[fixed + 1 :])
    return Part(section, kind, _parameters(value[2]), _token(value[5]), disposition, parameters)


def _disposition(extension: list[Value]) -> tuple[bytes, Parameters]:
    """The extension data begins with it, after the MD5 or, in a multipart, after the parameters."""
    first = extension[0] if extension else None
    if not isinstance(first, list) or not first:
        return b"", ()
    return _token(first[0]), _parameters(first[1] if len(first) > 1 else None)


def _parameters(value: Value) -> Parameters:
    pairs = value if isinstance(value, list) else []
    return tuple(
        (_token(name), _clean(text))
        for name, text in zip(pairs[::2], pairs[1::2], strict=False)
        if isinstance(name, bytes) and isinstance(text, bytes)
    )[:20]


def _token(value: Value) -> bytes:
    return _NO_TOKEN.sub(b"", value)[:100].lower() if isinstance(value, bytes) else b""


def _clean(text: bytes) -> bytes:
    return _UNPRINTABLE.sub(b" ", text[:600])


def _leaves(part: Part) -> Iterator[Part]:
    if not part.is_multipart:
        yield part
    for child in part.children:
        yield from _leaves(child)


def _is_text(part: Part) -> bool:
    if part.kind in _REPORTS or part.is_returned_mail:
        return True
    family, _, subtype = part.kind.partition(b"/")
    return family == b"text" and subtype in _TEXTS and part.disposition != b"attachment"


def _boundary(bodies: Mapping[str, bytes]) -> bytes:
    boundary = b"=_part"
    while any(b"--" + boundary in body for body in bodies.values()):
        boundary += b"_"
    return boundary


def _emit_children(parent: Part, boundary: bytes, bodies: Mapping[str, bytes], out: list[bytes]) -> None:
    for child in parent.children:
        inner = boundary + b"." + child.section.encode()
        out.append(b"--" + boundary + b"\r\n")
        out.extend(_content_fields(child, inner))
        out.append(b"\r\n")
        if child.is_multipart:
            _emit_children(child, inner, bodies, out)
        else:
            out.append(_content(child, bodies))
    out.append(b"--" + boundary + b"--\r\n")


def _content(part: Part, bodies: Mapping[str, bytes]) -> bytes:
    body = bodies.get(f"{part.section}.HEADER" if part.is_returned_mail else part.section, b"")
    if part.encoding == b"base64" and b"\n" in body:
        body = body[: body.rindex(b"\n")]  # cut off within a line it would decode to rubbish at its end
    return _ended(body)


def _content_fields(part: Part, boundary: bytes) -> Iterator[bytes]:
    # Only the header of a returned mail is there: that has a type of its own (RFC 6522, 4).
    kind = b"text/rfc822-headers" if part.is_returned_mail else part.kind
    parameters = tuple(pair for pair in part.parameters if pair[0] != b"boundary")
    if part.is_multipart:
        parameters += ((b"boundary", boundary),)
    yield b"Content-Type: " + kind + _written(parameters) + b"\r\n"
    if part.encoding and not part.is_multipart:
        yield b"Content-Transfer-Encoding: " + part.encoding + b"\r\n"
    if part.disposition:
        yield b"Content-Disposition: " + part.disposition + _written(part.disposition_parameters) + b"\r\n"


def _written(parameters: Parameters) -> bytes:
    return b"".join(b";\r\n " + name + b"=" + _quoted(name, text) for name, text in parameters)


def _quoted(name: bytes, text: bytes) -> bytes:
    if name.endswith(b"*"):  # RFC 2231: an extended value is no quoted string
        return _NO_TOKEN.sub(b"", text)
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _without_content_fields(header: bytes) -> bytes:
    fields = (field.group() for field in _FIELD.finditer(_ended(header)))
    return b"".join(field for field in fields if field.strip() and not _OF_CONTENT.match(field))


def _ended(text: bytes) -> bytes:
    return text if text.endswith(b"\n") or not text else text + b"\r\n"
