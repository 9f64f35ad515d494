"""Bytes of a claimed charset to text: only codecs of mail are met, and nothing raises."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# Python's own codecs (idna, unicode_escape, zlib, rot13, undefined) must never be reached from a mail.
_KNOWN_NAMES = """
utf-8 utf-7 utf-16 utf-16-be utf-16-le utf-32 big5 big5hkscs cp950 gb18030 gb2312 gbk hz johab cp932 shift_jis
euc_jp iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_3 iso2022_jp_ext cp949 euc_kr iso2022_kr cp437 cp850
cp852 cp855 cp858 cp866 cp874 mac-roman mac-cyrillic mac-latin2 koi8-r koi8-u kz1048 tis-620 cp1250 cp1251
cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6
iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-11 iso8859-13 iso8859-14 iso8859-15 iso8859-16
"""
_KNOWN = frozenset(_KNOWN_NAMES.split())
# What mail programs write under a narrower name is nearly always the wider set (https://encoding.spec.whatwg.org/#names-and-labels).
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso2022_jp": "iso2022_jp_ext",
}
_SPELT = {
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "x-sjis": "shift_jis",
    "x-gbk": "gbk",
    "x-euc-jp": "euc_jp",
    "x-big5": "big5",
    "ks_c_5601-1987": "euc_kr",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "dos-862": "cp1255",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "cp-850": "cp850",
}
_SHIFTED = frozenset({"iso2022_jp_ext", "iso2022_kr", "hz", "utf-7"})
_WIDE = frozenset({"utf-16", "utf-16-be", "utf-16-le", "utf-32"})
_C1 = re.compile("[\x80-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_UTF8_PAIR = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@lru_cache(maxsize=256)
def codec_of(label: str) -> str | None:
    """The codec a charset label stands for; None for one that mail has no business with."""
    name = label.strip(" \t\"'").lower().partition("*")[0]
    try:
        found = codecs.lookup(_SPELT.get(name, name)).name
    except (LookupError, ValueError):
        return None
    found = _WIDER.get(found, found)
    return found if found in _KNOWN else None


def decode(data: bytes, label: str | None = None) -> str:
    """Text out of bytes that claim a charset. Never raises; what cannot be read becomes U+FFFD."""
    if data.isascii() and codec_of(label or "utf-8") not in _SHIFTED and b"\0" not in data:
        return data.decode("ascii")
    codec = codec_of(label) if label else None
    text = _decode(data, codec)
    return _SURROGATES.sub("\ufffd", text) if codec in _SHIFTED or codec in _WIDE else text


def _decode(data: bytes, codec: str | None) -> str:
    if codec is not None and codec.startswith(("utf-16", "utf-32")) and not _wide(data):
        codec = None
    if codec in (None, "utf-8", "cp1252"):
        return _western(data, codec)
    if codec == "iso2022_jp_ext" and not data.isascii():
        codec = "cp932"  # Japanese programs name the 7-bit set and send the other
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return _broken(data, codec)


def _western(data: bytes, codec: str | None) -> str:
    """UTF-8 where the bytes are UTF-8, whatever the label: no other text looks like it by chance."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if codec == "utf-8" or _UTF8_PAIR.search(data):
        replaced = data.decode("utf-8", "replace")
        if len(_UTF8_PAIR.findall(data)) * 4 > replaced.count("\ufffd"):
            return replaced
    return _cp1252(data)


def _cp1252(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:  # five bytes are no letters of cp1252
        return _C1.sub("\ufffd", data.decode("cp1252", "replace"))


def _broken(data: bytes, codec: str) -> str:
    """Text of a wrong label, or cut off in the middle of a letter."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(codec, "replace")


def _wide(data: bytes) -> bool:
    """Whether bytes can be UTF-16 at all; 8-bit text under that label decodes to Chinese signs."""
    return data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:2000].count(0) * 5 > len(data[:2000])
