"""Which mails are recorded already, those included whose client was forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, select

from troth.model import Address, Client, Seen
from troth.store.schema import bounded, mails
from troth.store.statements import several

MOST_RECIPIENTS = 20
_AT_ONCE = 900

_KNOWN = select(mails.c.identity).where(mails.c.identity.in_(several("identities")))


def forgotten(identity: str) -> str:
    """What is left of a mail's identity once its client is forgotten: enough to know the mail again."""
    return "forgotten:" + hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()


def already(connection: Connection, identities: Sequence[str]) -> frozenset[str]:
    """Which of these mails are recorded."""
    stored = {form: each for each in identities for form in (bounded(each), forgotten(bounded(each)))}
    forms, found = list(stored), set[str]()
    for at in range(0, len(forms), _AT_ONCE):  # both databases bound the parameters of a statement
        rows = connection.execute(_KNOWN, {"identities": forms[at : at + _AT_ONCE]})
        found.update(stored[row.identity] for row in rows)
    return frozenset(found)


def exchange_rows(seen: Seen, client: Client | None) -> list[dict[str, object]]:
    return [{"address": each, "at": seen.arrived, "mail": seen.identity} for each in exchange_addresses(seen, client)]


def exchange_addresses(seen: Seen, client: Client | None) -> Sequence[Address]:
    """Under which addresses a mail counts as passed between the business and a client.

    A mail of ours counts for everybody it was written to, so that he has it in his history should he write later.
    """
    addresses = seen.to[:MOST_RECIPIENTS] if seen.ours else _sender(seen, client)
    return list(dict.fromkeys(addresses))


def _sender(seen: Seen, client: Client | None) -> tuple[Address, ...]:
    if seen.author is not None and (client is None or seen.author in client.addresses):
        return (seen.author,) if seen.client else ()
    return tuple(sorted(client.addresses)[:1]) if client else ()
