"""Between rows and the values of the model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row

from troth.model import (
    Address,
    Case,
    CaseState,
    Client,
    Evidence,
    Exchange,
    FollowUp,
    Letter,
    LetterKind,
    LetterState,
    Match,
    Mode,
    Nature,
    Occasion,
    Seen,
    Severity,
    Stage,
    Standing,
    Tone,
    Verdict,
    Written,
)

MOST_MATCHES = 40

Fields = Mapping[str, object]
Found = Row[*tuple[Any, ...]]


def mail_fields(seen: Seen) -> dict[str, object]:
    return {
        "identity": seen.identity,
        "inbox": seen.inbox,
        "folder": seen.folder,
        "uidvalidity": seen.uidvalidity,
        "uid": seen.uid,
        "arrived": seen.arrived,
        "thread": seen.thread,
        "ours": seen.ours,
        "automatic": seen.automatic,
        "learnt": seen.learnt,
        "authenticated": seen.authenticated,
        "standing": seen.standing.value,
        "because": seen.because,
        "evidence": seen.evidence.value,
        "nature": seen.nature.value,
        "message_id": seen.message_id,
        "author": seen.author,
        "author_name": seen.author_name,
        "client": seen.client,
        "case_key": seen.case,
        "language": seen.language,
        "refusal": seen.refusal,
        "subject": seen.subject,
        "recipients": _list(seen.to),
        "references": _list(seen.references),
        "verdict": verdict_json(seen.verdict),
        "text": seen.text,
        "header": _header(seen),
    }


def seen_of(row: Found) -> Seen:
    return Seen(
        identity=row.identity,
        inbox=row.inbox,
        folder=row.folder,
        uidvalidity=row.uidvalidity,
        uid=row.uid,
        arrived=row.arrived,
        thread=row.thread,
        ours=row.ours,
        message_id=row.message_id,
        author=row.author,
        author_name=row.author_name,
        client=row.client,
        case=row.case_key,
        to=tuple(Address(each) for each in json.loads(row.recipients)),
        subject=row.subject,
        text=row.text,
        language=row.language,
        references=tuple(json.loads(row.references)),
        nature=Nature(row.nature),
        automatic=row.automatic,
        evidence=Evidence(row.evidence),
        refusal=row.refusal,
        verdict=verdict_of(row.verdict),
        authenticated=row.authenticated,
        learnt=row.learnt,
        standing=Standing(row.standing),
        because=row.because,
        attachments=_attachments_of(row.header),
        fields=_fields_of(row.header),
    )


def _header(seen: Seen) -> str | None:
    if not seen.fields and not seen.attachments:
        return None
    return json.dumps({"fields": seen.fields, "attachments": seen.attachments}, ensure_ascii=False)


def _fields_of(header: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in json.loads(header)["fields"]) if header else ()


def _attachments_of(header: str | None) -> tuple[str, ...]:
    return tuple(json.loads(header)["attachments"]) if header else ()


def exchange_of(row: Found) -> Exchange:
    return Exchange(
        identity=row.identity,
        at=row.arrived,
        thread=row.thread,
        ours=row.ours,
        automatic=row.automatic,
        by=row.author,
        evidence=Evidence(row.evidence),
        because=row.because,
    )


def verdict_json(verdict: Verdict | None) -> str | None:
    """A verdict as JSON, with no more matches than a person would read."""
    if verdict is None:
        return None
    return json.dumps(
        {
            "tone": sorted(verdict.tone),
            "sure": sorted(verdict.sure),
            "doubtful": sorted(verdict.doubtful),
            "scores": dict(verdict.scores),
            "severity": verdict.severity,
            "tags": verdict.tags,
            "matches": [
                (match.rule, match.phrase, match.where, match.weight, match.negated, match.start, match.end)
                for match in verdict.matches[:MOST_MATCHES]
            ],
            "language": verdict.language,
            "sentence": verdict.sentence,
            "notes": verdict.notes,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def verdict_of(text: str | None) -> Verdict | None:
    if text is None:
        return None
    said = json.loads(text)
    return Verdict(
        tone=frozenset(Tone(each) for each in said["tone"]),
        sure=frozenset(Tone(each) for each in said["sure"]),
        doubtful=frozenset(Tone(each) for each in said["doubtful"]),
        scores={Tone(tone): score for tone, score in said["scores"].items()},
        severity=Severity(said["severity"]) if said["severity"] else None,
        tags=tuple(said["tags"]),
        matches=tuple(Match(*match) for match in said["matches"]),
        language=said["language"],
        sentence=said["sentence"],
        notes=tuple(said["notes"]),
    )


def client_fields(client: Client) -> dict[str, object]:
    """What is known of a client, but for his key and revision."""
    return {
        "name": client.name,
        "known": client.known,
        "stage": client.stage.value,
        "last_colleague": client.last_colleague,
        "silence_asked_at": client.silence_asked_at,
        "bounced": _list(sorted(client.bounced)),
        "first_seen": client.first_seen,
        "absent_until": client.absent_until,
        "hushed_at": client.hushed_at,
    }


def client_of(row: Found, addresses: frozenset[Address]) -> Client:
    return Client(
        key=row.key,
        addresses=addresses,
        revision=row.revision,
        name=row.name,
        known=row.known,
        stage=Stage(row.stage),
        last_colleague=row.last_colleague,
        silence_asked_at=row.silence_asked_at,
        bounced=frozenset(Address(each) for each in json.loads(row.bounced)),
        first_seen=row.first_seen,
        absent_until=row.absent_until,
        hushed_at=row.hushed_at,
    )


def case_fields(case: Case) -> dict[str, object]:
    return {
        "key": case.key,
        "client": case.client,
        "inbox": case.inbox,
        "thread": case.thread,
        "mail": case.mail,
        "state": case.state.value,
        "severity": case.severity.value,
        "opened_at": case.opened_at,
        "received_at": case.received_at,
        "tags": _list(case.tags),
        "answered_at": case.answered_at,
        "answered_by": case.answered_by,
        "closed_at": case.closed_at,
        "assignee": case.assignee,
        "round": case.round,
        "occasion": case.occasion.value,
        "sure": case.sure,
        "snoozed_until": case.snoozed_until,
    }


def case_of(row: Found | SimpleNamespace) -> Case:
    return Case(
        key=row.key,
        client=row.client,
        inbox=row.inbox,
        thread=row.thread,
        mail=row.mail,
        state=CaseState(row.state),
        severity=Severity(row.severity),
        opened_at=row.opened_at,
        received_at=row.received_at,
        tags=tuple(json.loads(row.tags)),
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        closed_at=row.closed_at,
        assignee=row.assignee,
        round=row.round,
        occasion=Occasion(row.occasion),
        sure=row.sure,
        snoozed_until=row.snoozed_until,
    )


def follow_up_fields(follow_up: FollowUp, done_at: datetime | None = None) -> dict[str, object]:
    return {
        "key": follow_up.key,
        "occasion": follow_up.occasion.value,
        "step": follow_up.step,
        "inbox": follow_up.inbox,
        "client": follow_up.client,
        "address": follow_up.address,
        "mail": follow_up.mail,
        "anchor": follow_up.anchor,
        "due_at": follow_up.due_at,
        "case_key": follow_up.case,
        "round": follow_up.round,
        "planned_at": follow_up.planned_at,
        "done_at": done_at,
        "promise": follow_up.promise,
    }


def follow_up_of(row: Found) -> FollowUp:
    return FollowUp(
        key=row.key,
        occasion=Occasion(row.occasion),
        step=row.step,
        inbox=row.inbox,
        client=row.client,
        address=row.address,
        mail=row.mail,
        anchor=row.anchor,
        due_at=row.due_at,
        case=row.case_key,
        round=row.round,
        planned_at=row.planned_at,
        promise=row.promise,
    )


def letter_fields(letter: Letter) -> dict[str, object]:
    return {
        "key": letter.key,
        "inbox": letter.inbox,
        "kind": letter.kind.value,
        "purpose": letter.purpose,
        "address": letter.to,
        "subject": letter.subject,
        "message_id": letter.message_id,
        "envelope_from": letter.envelope_from,
        "state": letter.state.value,
        "created": letter.created,
        "mode": letter.mode.value,
        "because": letter.because,
        "client": letter.client,
        "case_key": letter.case,
        "mail": letter.mail,
        "expires": letter.expires,
        "attempts": letter.attempts,
        "next_try": letter.next_try,
        "sent_at": letter.sent_at,
        "provider_id": letter.provider_id,
        "filed": letter.filed,
        "raw": letter.raw,
    }


def letter_of(row: Found, raw: bytes = b"") -> Letter:
    return Letter(
        key=row.key,
        inbox=row.inbox,
        kind=LetterKind(row.kind),
        purpose=row.purpose,
        to=row.address,
        subject=row.subject,
        message_id=row.message_id,
        envelope_from=row.envelope_from,
        raw=raw,
        state=LetterState(row.state),
        created=row.created,
        mode=Mode(row.mode),
        because=row.because,
        client=row.client,
        case=row.case_key,
        mail=row.mail,
        expires=row.expires,
        attempts=row.attempts,
        next_try=row.next_try,
        sent_at=row.sent_at,
        provider_id=row.provider_id,
        filed=row.filed,
        filed_uid=row.filed_uid,
    )


def written_of(row: Found) -> Written:
    return Written(
        key=row.key,
        kind=LetterKind(row.kind),
        purpose=row.purpose,
        state=LetterState(row.state),
        decided_at=row.created,
        mode=Mode(row.mode),
        case=row.case_key,
        mail=row.mail,
        message_id=row.message_id,
    )


def _list(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) if values else "[]"
