"""HTML to the text a reader sees, with quotation marked by "> " and signatures by "-- ".

A tokenizer that looks at each character a bounded number of times, and no tree: tree builders were measured to take
minutes over a megabyte of nested elements, and a mail's text needs none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

TEXT_CHARS = 256 * 1024

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})((?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+|[^<>]*+)>|<[!?/][^<>]*+>")
_SPACES = re.compile(r"[ \t\n\r\f\v\xa0]+")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\xad\u034f\0]")
_HUGE_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,}+;?")  # int() of thousands of digits raises
_BLOCK_NAMES = """
p div br tr li ul ol dl dt dd table tbody thead h1 h2 h3 h4 h5 h6 blockquote hr pre center address section
article header footer main nav form fieldset figure caption title body html
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_PARAGRAPHS = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "table", "hr"])
_SILENT = frozenset(["style", "script", "title", "head", "noscript", "template", "svg", "object", "xml", "select"])
_VOID = frozenset(
    ["br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "param", "source", "track", "wbr"]
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|\"|'|$)|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_HIDDEN_MARK = re.compile(r"(?:^|\s)hidden(?:\s|=|$)")
_ATTRIBUTE = re.compile(r"(?:class|id)\s*=\s*(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]+))", re.IGNORECASE)
_QUOTES = re.compile(
    r"gmail_quote(?!_container)|yahoo_quoted|moz-cite-prefix|protonmail_quote|tutanota_quote|zmail_extra|OutlookMessageHeader"
    r"|gmail_attr\b|moz-forward-container|divRplyFwdMsg|mail-editor-reference-message|freshdesk_quote|front-blockquote"
    r"|WordSection_quoted|cite\b",
    re.IGNORECASE,
)
_TO_THE_END = re.compile(r"divRplyFwdMsg|OutlookMessageHeader", re.IGNORECASE)
"""Outlook marks the header of the mail it answers; that mail's text follows beside it, not in it."""

_SIGNATURES = re.compile(
    r"gmail_signature\b(?!_prefix)|moz-signature|protonmail_signature_block(?!-user)|ms-outlook-mobile-signature|^Signature$",
    re.IGNORECASE,
)
_MARKED = re.compile(r"quote|cite|signature|Forward|forward|zmail|RplyFwd|OutlookMessage|gmail_attr|reference-message")
_INDENT = re.compile(r"margin:\s*0\s+0\s+0\s+40px;\s*border:\s*none", re.IGNORECASE)


@dataclass(slots=True)
class _Open:
    """A quoting element, and how many of its own name are open in it, itself included."""

    name: str
    count: int = 1


@dataclass(slots=True)
class _Page:
    """The text so far, and the elements that are open and matter."""

    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    quotes: list[_Open] = field(default_factory=list)
    size: int = 0
    pre: int = 0

    def break_line(self, paragraph: bool = False) -> None:
        text = _SPACES.sub(" ", "".join(self.line)).strip() if not self.pre else "".join(self.line).rstrip()
        self.line.clear()
        prefix = "> " * min(len(self.quotes), 20)
        if text:
            self.lines.append(prefix + text)
        elif self.lines and self.lines[-1].strip("> ") and paragraph:
            self.lines.append(prefix.rstrip())

    def add(self, text: str) -> None:
        if "&" in text:
            text = unescape(_HUGE_REFERENCE.sub(" ", text))
        if self.pre and "\n" in text:
            for line in text.split("\n")[:-1]:
                self.line.append(line)
                self.break_line(paragraph=True)
            text = text.rpartition("\n")[2]
        self.line.append(text)
        self.size += len(text)


def to_text(html: str) -> str:
    """The visible text of an HTML document or piece of one, bounded to TEXT_CHARS."""
    html = _without_comments(html)
    page, at, length = _Page(), 0, len(html)
    while page.size < TEXT_CHARS:
        found = _TAG.search(html, at)
        stop = found.start() if found else length
        if stop > at:
            page.add(html[at:stop])
        if not found:
            break
        at = found.end()
        if found[2]:
            at = _tag(page, found, html, at)
    page.break_line()
    return _INVISIBLE.sub("", "\n".join(page.lines)).strip("\n")


def _tag(page: _Page, found: re.Match[str], html: str, at: int) -> int:
    """Take in one tag; answers where reading goes on, which is past the end of what nobody sees."""
    closing, name, attributes = found[1], found[2].lower(), found[3]
    opens = not closing and name not in _VOID and attributes[-1:] != "/"
    if opens and (name in _SILENT or _unseen(attributes)):
        return _past(html, name, at)
    if name in _BLOCKS:
        page.break_line(name in _PARAGRAPHS or name == "br")
        if name == "pre":
            page.pre = max(0, page.pre + (-1 if closing else 1))
    elif name in ("td", "th"):
        page.line.append(" ")
    if attributes or page.quotes or name == "blockquote":
        _quotation(page, name, bool(closing), attributes)
    return at


def _unseen(attributes: str) -> bool:
    if "style" in attributes and _HIDDEN.search(attributes):
        return True
    return "hidden" in attributes and _HIDDEN_MARK.search(attributes) is not None


@lru_cache(maxsize=64)
def _ends(name: str) -> re.Pattern[str]:
    return re.compile(rf"<(/?){re.escape(name)}\b[^<>]*+>", re.IGNORECASE)


def _past(html: str, name: str, at: int) -> int:
    """The end of an element nobody sees. Nested ones of the same name are counted, a bounded number of them."""
    depth = 1
    for _ in range(2000):
        found = _ends(name).search(html, at)
        if not found:
            return len(html)
        depth += -1 if found[1] else 1
        at = found.end()
        if depth == 0 or (found[1] and name in ("style", "script", "title", "head")):
            return at
    return at


def _quotation(page: _Page, name: str, closing: bool, attributes: str) -> None:
    """Keep count of the quoting element that is open: its own name may nest inside it."""
    if not closing and _quoting(page, name, attributes[:2000]):
        to_the_end = not page.quotes and _TO_THE_END.search(attributes[:2000])
        page.quotes.append(_Open("" if to_the_end else name))
    elif page.quotes and page.quotes[-1].name == name:
        page.quotes[-1].count += -1 if closing else 1
        if page.quotes[-1].count == 0:
            page.quotes.pop()


def _quoting(page: _Page, name: str, attributes: str) -> bool:
    if name == "blockquote":
        return len(page.quotes) < 50 and not _INDENT.search(attributes)
    if not attributes or not _MARKED.search(attributes):
        return False
    named = " ".join("".join(groups) for groups in _ATTRIBUTE.findall(attributes))
    if page.lines and not page.quotes and _SIGNATURES.search(named):
        page.lines.append("-- ")
    return name in ("div", "span", "table") and len(page.quotes) < 50 and _QUOTES.search(named) is not None


def _without_comments(html: str) -> str:
    if "<!--" not in html:
        return html
    kept, at = [], 0
    while (start := html.find("<!--", at)) >= 0:
        kept.append(html[at:start])
        end = html.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, html[at:]])
