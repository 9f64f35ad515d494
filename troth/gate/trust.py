"""Whether a mail comes from whom it says: the trusted server's own results, and Return-Path."""

from __future__ import annotations

import re
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from troth.gate.reasons import House
from troth.model import Message, address, domain_of


def authenticated(message: Message, house: House) -> bool | None:
    """Whether From is whom it says, by the trusted server's DMARC result or aligned DKIM; None where neither is there.

    Only the topmost Authentication-Results with exactly our server's name counts, and only above the first Received
    that another site wrote (RFC 8601, 4.1 and 5): everything below may have come with the mail.
    """
    if not house.authserv_id or not message.author:
        return None
    results = _trusted_results(message, house.authserv_id.lower())
    dmarc = [result for method, result, _ in results if method == "dmarc"]
    if "fail" in dmarc:
        return False
    if "pass" in dmarc:
        return True
    aligned = any(
        method == "dkim" and result == "pass" and _same_site(signer, domain_of(message.author))
        for method, result, signer in results
    )
    return True if aligned else None


def return_path_agrees(message: Message) -> bool | None:
    """Whether Return-Path is the author's address or of the same registered domain; None where the field is absent."""
    if message.return_path is None:
        return None
    sender, author = address(message.return_path), message.author
    if sender is None or author is None:
        return False
    return sender == author or _same_site(domain_of(sender), domain_of(author))


_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"?')
_RESULT = re.compile(r"\s*([a-z-]{2,20})(?:\s*/\s*\d+)?\s*=\s*([a-z]{2,12})(?![\w-])", re.IGNORECASE)
_SIGNER = re.compile(r"\sheader\.(?:d|i)\s*=\s*@?(?:[^\s;@]*@)?([\w.-]{1,253})", re.IGNORECASE)
_BY = re.compile(r"(?:^|\s)by\s+([\w.-]{1,253})", re.IGNORECASE)


def _trusted_results(message: Message, server: str) -> list[tuple[str, str, str]]:
    """Method, result and signing domain of each result of the one field that is believed."""
    topmost = next((value for name, value in message.fields if name == "received"), "")  # the last hop is ours
    sites = {_site(server), _written_by(topmost)}
    for name, value in message.fields:
        if name == "received" and _written_by(value) not in sites:
            return []
        if name == "authentication-results":
            who, _, rest = _without_comments(value).partition(";")
            if (who.split() or [""])[0].lower() == server:
                return [_result(one) for one in rest.split(";")]
    return []


def _result(text: str) -> tuple[str, str, str]:
    found, signer = _RESULT.match(text), _SIGNER.search(text)
    return (found[1].lower(), found[2].lower(), signer[1].lower() if signer else "") if found else ("", "", "")


def _without_comments(value: str) -> str:
    """A field without what others may have put words into: its quoted strings and comments."""
    text = _QUOTED.sub("", value)
    for _ in range(10):  # each takes the innermost comments
        before, text = text, _COMMENT.sub("", text)
        if text == before:
            break
    return text.partition("(")[0]


def _written_by(received: str) -> str:
    found = _BY.search(_without_comments(received))
    return _site(found[1]) if found else ""


def _same_site(one: str, other: str) -> bool:
    return bool(one) and _site(one) == _site(other)


@lru_cache(maxsize=4096)
def _site(domain: str) -> str:
    """The registered domain, by the Public Suffix List; a public suffix stands for nothing but itself."""
    domain = domain.lower().strip(".")
    return _suffixes().privatesuffix(domain) or domain


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
