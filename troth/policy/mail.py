"""A client's mail has come: what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from troth import gate
from troth.model import (
    Address,
    Case,
    CaseState,
    ChangeCase,
    Enter,
    FollowUp,
    Ignore,
    Message,
    Nature,
    Occasion,
    OpenCase,
    Relationship,
    Schedule,
    Severity,
    Standing,
    Step,
    Tone,
    Verdict,
)
from troth.plan import Since
from troth.policy.business import Business, Inbox
from troth.policy.due import Occurrence, on_due
from troth.policy.timing import case_key, follow_up, is_acknowledgement, steps_since
from troth.relationship import matter_case, parted, recent_case

SILENT_TAGS = frozenset({"legal", "safety"})
"""Complaints with one of these tags get no letter, only tellings."""

KNOWN_ONLY = frozenset({gate.Reason.LIST, gate.Reason.BULK, gate.Reason.SPAM})
"""Refusals behind which a complaint opens a case only when the client is known: else every newsletter would."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail in an inbox with what was made of it. `client` is who it is from: the author, or a form's Reply-To.

    `answers_letter`: it refers to a letter of ours; `own_letter`: it is one.
    """

    message: Message
    verdict: Verdict
    inbox: Inbox
    arrived: datetime
    client: Address | None
    answers_letter: bool = False
    own_letter: bool = False
    form: bool = False
    before_first_start: bool = False
    authenticated: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided on a mail: its standing, the steps, the gate's refusal and the case it belongs to."""

    standing: Standing
    because: str
    steps: tuple[Step, ...] = ()
    refusal: gate.Refusal | None = None
    case: Case | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    """All that deciding on one mail looks at."""

    arrival: Arrival
    relationship: Relationship
    business: Business
    now: datetime
    refusal: gate.Refusal | None = None

    @property
    def verdict(self) -> Verdict:
        return self.arrival.verdict

    def ignored(self, because: str, case: Case | None = None) -> Decision:
        return Decision(Standing.NO_LETTER, because, (Ignore(because),), self.refusal, case)


def on_mail(arrival: Arrival, relationship: Relationship, business: Business, now: datetime) -> Decision:
    """Decide on a client's mail. `now` in UTC; `relationship` is that of `arrival.client` in this thread."""
    asked = _Question(arrival, relationship, business, now)
    refusal = gate.refuse(arrival.message, business.house, _history(asked))
    asked = replace(asked, refusal=refusal)
    if refusal is not None and not _client_mail(refusal, relationship):
        return asked.ignored(refusal.reason.value)
    if arrival.message.nature is not Nature.PERSON:
        return asked.ignored(refusal.reason.value if refusal else arrival.message.nature.value)
    case = matter_case(relationship, now)
    if case is not None:
        return _in_case(asked, case)
    return _new_case(asked) if Tone.COMPLAINT in arrival.verdict.tone else _no_complaint(asked)


def _history(asked: _Question) -> gate.History:
    arrival, business, relationship = asked.arrival, asked.business, asked.relationship
    return gate.History(
        before_first_start=arrival.before_first_start,
        arrived=arrival.arrived,
        now=asked.now,
        oldest=business.hours.later(arrival.arrived, business.oldest) - arrival.arrived,
        own_letter=arrival.own_letter,
        silence_asked=relationship.client.silence_asked_at is not None,
        parted=parted(relationship),
    )


def _client_mail(refusal: gate.Refusal, relationship: Relationship) -> bool:
    return refusal.reason.is_client_mail or (refusal.reason in KNOWN_ONLY and relationship.client.known)


def _in_case(asked: _Question, case: Case) -> Decision:
    if _thanks_alone(asked.verdict):
        return _thanked(asked, case)
    waiting = _waiting_again(case, asked.arrival)
    again = ChangeCase(waiting, "case waiting again", _again(case))
    planned, _ = _reconsider_now(asked, _rows(asked, Occasion.COMPLAINT, waiting, tells=True), waiting)
    reason = asked.refusal.reason.value if asked.refusal else "belongs to an open case"
    return Decision(Standing.NO_LETTER, reason, (again, *planned, Ignore(reason)), asked.refusal, waiting)


def _again(case: Case) -> str:
    return {
        CaseState.WAITING: "the client wrote again before anybody answered",
        CaseState.ANSWERED: "the client wrote again after the answer",
    }.get(case.state, "the client wrote again after the case was closed")


def _thanks_alone(verdict: Verdict) -> bool:
    return verdict.tone == {Tone.PRAISE} and Tone.COMPLAINT not in verdict.doubtful


def _thanked(asked: _Question, case: Case) -> Decision:
    if case.state is not CaseState.ANSWERED:
        return asked.ignored("thanks alone", case)
    settled = replace(case, state=CaseState.SETTLED, closed_at=asked.arrival.arrived)
    steps = (ChangeCase(settled, "case settled", "the client thanked for the answer"), Ignore("thanks alone"))
    return Decision(Standing.NO_LETTER, "thanks alone", steps, asked.refusal, settled)


def _waiting_again(case: Case, arrival: Arrival) -> Case:
    verdict = arrival.verdict
    return replace(
        case,
        state=CaseState.WAITING,
        received_at=max(case.received_at, arrival.arrived),
        severity=_graver(case.severity, verdict.severity),
        tags=tuple(dict.fromkeys((*case.tags, *verdict.tags))),
        closed_at=None,
        round=case.round + 1,
    )


def _graver(one: Severity, other: Severity | None) -> Severity:
    order = list(Severity)
    return max(one, other or Severity.LOW, key=order.index)


def _new_case(asked: _Question) -> Decision:
    verdict, case = asked.verdict, _case(asked)
    occasion = Occasion.MIXED if Tone.PRAISE in verdict.tone else Occasion.COMPLAINT
    sure = "sure" if Tone.COMPLAINT in verdict.sure else "not sure"
    opened = OpenCase(case, f"complaint, {sure} ({verdict.scores[Tone.COMPLAINT]:.1f})")
    no_letter = _complaint_without_letter(asked)
    letters = [] if no_letter else _rows(asked, occasion, case, tells=False)
    rows = [*letters, *_rows(asked, occasion, case, tells=True)]
    steps, standing = _reconsider_now(asked, rows, case)
    if no_letter or standing is None:
        because = no_letter or "the plan has no acknowledgement"
        return Decision(Standing.NO_LETTER, because, (opened, Ignore(because), *steps), asked.refusal, case)
    return Decision(*standing, (opened, *steps), asked.refusal, case)


def _case(asked: _Question) -> Case:
    arrival, client = asked.arrival, asked.relationship.client
    return Case(
        key=case_key(arrival.message.identity),
        client=client.key,
        inbox=arrival.inbox.name,
        thread=asked.relationship.thread,
        mail=arrival.message.identity,
        state=CaseState.WAITING,
        severity=arrival.verdict.severity or Severity.NORMAL,
        opened_at=arrival.arrived,
        received_at=arrival.arrived,
        tags=arrival.verdict.tags,
        assignee=client.last_colleague,
    )


def _complaint_without_letter(asked: _Question) -> str | None:
    silent = SILENT_TAGS.intersection(asked.verdict.tags)
    if asked.refusal is not None:
        return asked.refusal.reason.value
    if asked.arrival.form:
        return "web form"
    if silent:
        return f"complaint about {' and '.join(sorted(silent))}: for people only"
    if Tone.COMPLAINT not in asked.verdict.sure:
        return "complaint, not sure"
    return None if asked.arrival.inbox.sends else "no letters leave from this inbox"


def _rows(asked: _Question, occasion: Occasion, case: Case | None, *, tells: bool) -> list[FollowUp]:
    """The steps of the plan that count from the arrival, either its letters or its tellings, as rows."""
    arrival, plan = asked.arrival, asked.business.plans.of(occasion)
    rows = [
        follow_up(
            plan,
            step,
            occasion=occasion,
            inbox=arrival.inbox.name,
            client=asked.relationship.client.key,
            address=arrival.client or Address(""),
            mail=arrival.message.identity,
            anchor=arrival.arrived,
            hours=asked.business.hours,
            case=case,
        )
        for step in steps_since(plan, Since.RECEIVED)
        if bool(step.tell) is tells
    ]
    return [row for row in rows if row is not None]


def _reconsider_now(
    asked: _Question, rows: list[FollowUp], case: Case | None
) -> tuple[list[Step], tuple[Standing, str] | None]:
    """Schedule what lies ahead and reconsider at once what is due; with what it means for the mail's standing."""
    steps: list[Step] = []
    standing: tuple[Standing, str] | None = None
    occurrence = Occurrence.of(asked.arrival, asked.relationship.thread, case)
    for row in rows:
        first = is_acknowledgement(row, asked.business)
        decided: tuple[Step, ...] = (Schedule(row, f"{row.step}, {row.occasion}"),)
        if row.due_at <= asked.now:
            decided = on_due(row, occurrence, asked.relationship, asked.business, asked.now)
        steps.extend(decided)
        standing = standing_after(decided) if first else standing
    return steps, standing


def standing_after(steps: tuple[Step, ...]) -> tuple[Standing, str]:
    """What the outcome of a mail's acknowledgement means for its standing."""
    entered = [step for step in steps if isinstance(step, Enter)]
    return (entered[-1].standing, entered[-1].because) if entered else (Standing.PENDING, "acknowledgement planned")


def _no_complaint(asked: _Question) -> Decision:
    no_letter = _praise_without_letter(asked)
    if no_letter:
        return asked.ignored(no_letter)
    rows = [*_rows(asked, Occasion.PRAISE, None, tells=False), *_rows(asked, Occasion.PRAISE, None, tells=True)]
    steps, standing = _reconsider_now(asked, rows, None)
    if standing is None:
        return asked.ignored("the plan has no acknowledgement")
    return Decision(*standing, tuple(steps), asked.refusal)


def _praise_without_letter(asked: _Question) -> str | None:
    verdict = asked.verdict
    if asked.refusal is not None:
        return asked.refusal.reason.value
    if Tone.PRAISE not in verdict.tone:
        return "no tone"
    if asked.arrival.form:
        return "web form"
    if Tone.PRAISE not in verdict.sure:
        return "praise, not sure"
    if Tone.COMPLAINT in verdict.doubtful:
        return "praise, but a doubtful complaint beside it"
    if recent_case(asked.relationship, asked.now) is not None:
        return "praise, but a case is open or younger than 30 days"
    if asked.arrival.answers_letter:
        return "answers a letter of ours"
    return None if asked.arrival.inbox.sends else "no letters leave from this inbox"
