"""The tones that colleagues have given to mails, beside what the rulebook made of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from troth.model import Address, Correct, Tone
from troth.store.face import Correction, Remembered
from troth.store.schema import bounded, corrections, mails
from troth.store.statements import put
from troth.store.values import Found, verdict_of

_TONE = select(corrections.c.tone).where(corrections.c.mail == bindparam("wanted"))
_TAKE_BACK = delete(corrections).where(corrections.c.mail == bindparam("wanted"))
_LATEST = (
    select(corrections, mails.c.subject, mails.c.text, mails.c.language, mails.c.verdict)
    .join(mails, mails.c.identity == corrections.c.mail)
    .order_by(corrections.c.at.desc(), corrections.c.mail)
    .limit(bindparam("most"))
)

_UNTOUCHED = (
    select(mails.c.identity, mails.c.subject, mails.c.text, mails.c.language, mails.c.author, mails.c.author_name)
    .where(
        mails.c.client.is_not(None),
        mails.c.ours.is_(False),
        mails.c.automatic.is_(False),
        mails.c.text != "",
        mails.c.identity.not_in(select(corrections.c.mail)),
    )
    .order_by(mails.c.arrived.desc(), mails.c.identity)
    .limit(bindparam("most"))
)


def correct(connection: Connection, step: Correct, at: datetime) -> None:
    """Write down a colleague's word on a mail, or take it back."""
    if step.tone is None:
        connection.execute(_TAKE_BACK, {"wanted": bounded(step.mail)})
        return
    row = {"mail": step.mail, "tone": json.dumps(sorted(step.tone)), "corrected_by": step.by, "at": at}
    put(connection, corrections, [row])


def corrected(connection: Connection, mail: str) -> frozenset[Tone] | None:
    tone = connection.execute(_TONE, {"wanted": bounded(mail)}).scalar()
    return None if tone is None else tone_of(tone)


def latest(connection: Connection, limit: int) -> Sequence[Correction]:
    return [_correction(row) for row in connection.execute(_LATEST, {"most": limit})]


def untouched(connection: Connection, limit: int) -> Sequence[Remembered]:
    return [
        Remembered(
            row.identity,
            row.subject,
            row.text,
            row.language,
            Address(row.author) if row.author else None,
            row.author_name,
        )
        for row in connection.execute(_UNTOUCHED, {"most": limit})
    ]


def _correction(row: Found) -> Correction:
    return Correction(
        mail=row.mail,
        subject=row.subject,
        text=row.text,
        language=row.language,
        tone=tone_of(row.tone),
        verdict=verdict_of(row.verdict),
        by=Address(row.corrected_by) if row.corrected_by else None,
        at=row.at,
    )


def tone_of(text: str) -> frozenset[Tone]:
    return frozenset(map(Tone, json.loads(text)))
