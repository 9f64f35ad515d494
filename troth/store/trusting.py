"""Tokens of mails to colleagues, and what may be undone under them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from troth.model import Address, Case, Concern, LetterState, Promise, Purpose, Token, Tone, Undoing
from troth.store.promising import promise_fields, promise_of
from troth.store.schema import tokens, undoings
from troth.store.statements import add_new, put
from troth.store.values import Fields, Found, case_fields, case_of

_TOKEN = select(tokens).where(tokens.c.id == bindparam("wanted"))
_REVOKE = (
    update(tokens)
    .where(tokens.c.id == bindparam("of"), tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_TOKENS = select(tokens.c.id, tokens.c.about)
_LEAVE = update(tokens).where(tokens.c.id == bindparam("of")).values(about=bindparam("left"))
_UNDOINGS = select(undoings)
_FORGET = delete(undoings).where(undoings.c.token == bindparam("of"))
_UNDOING = select(undoings.c.changes).where(undoings.c.token == bindparam("wanted"))


def issue(connection: Connection, token: Token) -> None:
    add_new(connection, tokens, [token_fields(token)])


def token_fields(token: Token) -> Fields:
    return {
        "id": token.id,
        "person": token.person,
        "purpose": token.purpose.value,
        "about": about_json(token.about),
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    }


def token(connection: Connection, id_: str) -> Token | None:
    row = connection.execute(_TOKEN, {"wanted": id_}).one_or_none()
    return token_of(row) if row else None


def token_of(row: Found) -> Token:
    return Token(
        id=row.id,
        person=Address(row.person),
        purpose=Purpose(row.purpose),
        about=about_of(row.about),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def revoke(connection: Connection, id_: str, at: datetime) -> None:
    """Let a token act no more; of several revocations the first stands."""
    connection.execute(_REVOKE, {"of": id_, "at": at})


def keep_undoing(connection: Connection, undoing: Undoing) -> None:
    put(connection, undoings, [{"token": undoing.token, "changes": changes_json(undoing)}])


def undoing(connection: Connection, token_id: str) -> Undoing | None:
    changes = connection.execute(_UNDOING, {"wanted": token_id}).scalar()
    return undoing_of(token_id, changes) if changes else None


def forget(connection: Connection, gone: frozenset[str]) -> frozenset[str]:
    """Take out of tokens, and of what may be undone, everything that has one of these keys; the ids of those tokens."""
    touched: set[str] = set()
    for row in connection.execute(_TOKENS).all():
        about = about_of(row.about)
        left = tuple(Concern() if gone.intersection(_keys(each)) else each for each in about)
        if left != about:
            connection.execute(_LEAVE, {"of": row.id, "left": about_json(left)})
            touched.add(row.id)
    for row in connection.execute(_UNDOINGS).all():
        if not gone.isdisjoint(_strings(json.loads(row.changes))):
            connection.execute(_FORGET, {"of": row.token})
    return frozenset(touched)


def _keys(concern: Concern) -> Iterator[str]:
    return (each for each in (concern.mail, concern.case, concern.letter, concern.promise) if each is not None)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings(list(value.values()))
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def about_json(about: tuple[Concern, ...]) -> str:
    rows = [(each.mail, each.case, each.letter, each.promise) for each in about]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def about_of(text: str) -> tuple[Concern, ...]:
    return tuple(Concern(*row) for row in json.loads(text))


def changes_json(undoing: Undoing) -> str:
    changes = {
        "cases": [(_case_json(before), _case_json(after)) for before, after in undoing.cases],
        "promises": [(_promise_json(before), _promise_json(after)) for before, after in undoing.promises],
        "letters": undoing.letters,
        "hushed": undoing.hushed,
        "corrected": [(mail, _tones(before), _tones(after)) for mail, before, after in undoing.corrected],
    }
    return json.dumps(changes, ensure_ascii=False, separators=(",", ":"), default=_instant_json)


def undoing_of(token_id: str, changes: str) -> Undoing:
    said = json.loads(changes, object_hook=_instant_of)
    return Undoing(
        token=token_id,
        cases=tuple((_case(before), case_of(SimpleNamespace(**after))) for before, after in said["cases"]),
        promises=tuple((_promise(before), promise_of(SimpleNamespace(**after))) for before, after in said["promises"]),
        letters=tuple((key, LetterState(before), LetterState(after)) for key, before, after in said["letters"]),
        hushed=tuple((key, before, after) for key, before, after in said["hushed"]),
        corrected=tuple(
            (mail, _tone_set(before), frozenset(map(Tone, after))) for mail, before, after in said["corrected"]
        ),
    )


def _case_json(case: Case | None) -> Mapping[str, object] | None:
    return case_fields(case) if case else None


def _promise_json(promise: Promise | None) -> Mapping[str, object] | None:
    return promise_fields(promise) if promise else None


def _case(fields: Mapping[str, Any] | None) -> Case | None:
    return case_of(SimpleNamespace(**fields)) if fields else None


def _promise(fields: Mapping[str, Any] | None) -> Promise | None:
    return promise_of(SimpleNamespace(**fields)) if fields else None


def _tones(tone: frozenset[Tone] | None) -> list[str] | None:
    return None if tone is None else sorted(tone)


def _tone_set(tone: list[str] | None) -> frozenset[Tone] | None:
    return None if tone is None else frozenset(map(Tone, tone))


def _instant_json(value: object) -> dict[str, str]:
    if not isinstance(value, datetime):
        raise TypeError(f"no part of an undoing: {value!r}")
    return {"instant": value.isoformat()}


def _instant_of(fields: dict[str, Any]) -> object:
    return datetime.fromisoformat(fields["instant"]) if fields.keys() == {"instant"} else fields
