"""A client's mail has come: what follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from troth import gate
from troth.model import (
    Address,
    Case,
    CaseState,
    ChangeCase,
    ChangeClient,
    Enter,
    FollowUp,
    Ignore,
    Message,
    Nature,
    Note,
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
from troth.policy.course import answered_already, settled, waiting_again
from troth.policy.due import SILENT_TAGS, Occurrence, for_people, on_due
from troth.policy.silence import asks_for_silence
from troth.policy.thanks import thanks_alone
from troth.policy.timing import case_key, follow_up, is_acknowledgement, steps_since
from troth.relationship import AFTERMATH, THEIR_OWN, letter_was_last, matter_case, parted, recent_case

KNOWN_ONLY = frozenset({gate.Reason.LIST, gate.Reason.BULK, gate.Reason.SPAM})
"""Refusals behind which a complaint opens a case only when the client is known: else every newsletter would."""


_LONGEST_ABSENCE = 3 * AFTERMATH
_FOUND_LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail in an inbox with what was made of it. `client` is who it is from: the author, or a form's Reply-To.

    `answers_letter`: it refers to a letter of ours; `own_letter`: it is one. `flagged`: the server has it marked as
    answered; `refers_to_unseen`: to a mail of our domain that we do not know.
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
    flagged: bool = False
    refers_to_unseen: bool = False

    @property
    def doubt(self) -> str:
        """What there is in the mail itself that it may have been answered already."""
        return THEIR_OWN if self.flagged else ""


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
    asked, first = _heard(_Question(arrival, relationship, business, now))
    refusal = gate.refuse(arrival.message, business.house, _history(asked))
    asked, back = _back(replace(asked, refusal=refusal))
    decision = _decided(asked)
    return replace(decision, steps=(*first, *back, *decision.steps))


def _heard(asked: _Question) -> tuple[_Question, tuple[Step, ...]]:
    """With silence asked for in this very mail, which is honoured from now on and for ever."""
    arrival, client = asked.arrival, asked.relationship.client
    message = arrival.message
    if client.silence_asked_at is not None or message.nature is not Nature.PERSON or arrival.form:
        return asked, ()
    said = message.text if message.own_words else ""
    after = letter_was_last(asked.relationship, arrival.arrived)
    if not asks_for_silence(message.subject, said, answers_letter=arrival.answers_letter, after_letter=after):
        return asked, ()
    silent = replace(client, silence_asked_at=arrival.arrived)
    asked = replace(asked, relationship=replace(asked.relationship, client=silent))
    return asked, (ChangeClient(silent, "silence asked", "the client wrote that he wants no more letters"),)


def _back(asked: _Question) -> tuple[_Question, tuple[Step, ...]]:
    """With the client's address alive again, if mail to it has bounced: what passes the gate was written from it."""
    client, who, message = asked.relationship.client, asked.arrival.client, asked.arrival.message
    if who not in client.bounced or who != message.author or asked.refusal is not None:
        return asked, ()
    if message.nature is not Nature.PERSON:
        return asked, ()
    alive = replace(client, bounced=client.bounced - {who})
    asked = replace(asked, relationship=replace(asked.relationship, client=alive))
    return asked, (ChangeClient(alive, "address works again", "the client wrote from it"),)


def _decided(asked: _Question) -> Decision:
    arrival, refusal = asked.arrival, asked.refusal
    if arrival.message.nature is Nature.OUT_OF_OFFICE:
        return _away(asked)
    if refusal is not None and not _client_mail(refusal, asked.relationship):
        return asked.ignored(refusal.reason.value)
    if arrival.message.nature is not Nature.PERSON:
        return asked.ignored(refusal.reason.value if refusal else arrival.message.nature.value)
    case = matter_case(asked.relationship, asked.now)
    if case is not None and not _stray(asked, case):
        return _in_case(asked, case)
    return _new_case(asked) if Tone.COMPLAINT in arrival.verdict.tone else _no_complaint(asked)


def _away(asked: _Question) -> Decision:
    """A notice of absence changes nothing but when the client may be written to."""
    client, until = asked.relationship.client, asked.arrival.message.absent_until
    ignored = asked.ignored(asked.refusal.reason.value if asked.refusal else Nature.OUT_OF_OFFICE.value)
    if until is None or until == client.absent_until or not client.revision or until > asked.now + _LONGEST_ABSENCE:
        return ignored
    change = ChangeClient(replace(client, absent_until=until), "client away", f"until {until:%Y-%m-%d}, he says")
    return replace(ignored, steps=(change, *ignored.steps))


def _stray(asked: _Question, case: Case) -> bool:
    """A newsletter of a known client belongs to his case only where it is in its thread, or a complaint itself."""
    newsletter = asked.refusal is not None and asked.refusal.reason in KNOWN_ONLY
    return newsletter and asked.relationship.thread != case.thread and Tone.COMPLAINT not in asked.verdict.tone


def _history(asked: _Question) -> gate.History:
    arrival, business, relationship = asked.arrival, asked.business, asked.relationship
    return gate.History(
        before_first_start=arrival.before_first_start,
        arrived=arrival.arrived,
        now=asked.now,
        oldest=business.hours.later(arrival.arrived, business.oldest) - arrival.arrived,
        own_letter=arrival.own_letter,
        silence_asked=relationship.client.silent,
        parted=parted(relationship),
    )


def _client_mail(refusal: gate.Refusal, relationship: Relationship) -> bool:
    return refusal.reason.is_client_mail or (refusal.reason in KNOWN_ONLY and relationship.client.known)


def _in_case(asked: _Question, case: Case) -> Decision:
    arrived = asked.arrival.arrived
    if case.state is CaseState.ANSWERED and case.answered_at is not None and arrived < case.answered_at:
        return asked.ignored("written before our answer", case)
    message = asked.arrival.message
    if message.own_words and thanks_alone(message.text, asked.verdict, message.attachments):
        return _thanked(asked, case)
    waiting = waiting_again(case, arrived, asked.verdict)
    again = ChangeCase(waiting, "case waiting again", _again(case))
    no_letter = _complaint_without_letter(asked, waiting)
    letters = [] if no_letter else _later_letters(asked, waiting)
    planned, _ = _reconsider_now(asked, [*letters, *_rows(asked, waiting.occasion, waiting, tells=True)], waiting)
    reason = asked.refusal.reason.value if asked.refusal else "belongs to an open case"
    steps = (again, *_unseen(asked), *planned, *_answered_already(asked, waiting), Ignore(reason))
    return Decision(Standing.NO_LETTER, reason, steps, asked.refusal, waiting)


def _later_letters(asked: _Question, case: Case) -> list[FollowUp]:
    """The letters that count from the client's latest mail; but a case is acknowledged once."""
    rows = _rows(asked, case.occasion, case, tells=False)
    return [row for row in rows if not is_acknowledgement(row, asked.business)]


def _unseen(asked: _Question) -> tuple[Step, ...]:
    return (Note("perhaps answered", THEIR_OWN),) if asked.arrival.refers_to_unseen else ()


def _answered_already(asked: _Question, case: Case) -> tuple[Step, ...]:
    return answered_already(case, asked.relationship, asked.business)


def _again(case: Case) -> str:
    return {
        CaseState.WAITING: "the client wrote again before anybody answered",
        CaseState.ANSWERED: "the client wrote again after the answer",
    }.get(case.state, "the client wrote again after the case was closed")


def _thanked(asked: _Question, case: Case) -> Decision:
    if case.state is not CaseState.ANSWERED:
        return asked.ignored("thanks alone", case)
    because = "the client thanked for the answer"
    steps = settled(case, asked.arrival.arrived, because, asked.relationship, asked.business)
    changed = next(step.case for step in steps if isinstance(step, ChangeCase))
    return Decision(Standing.NO_LETTER, "thanks alone", (*steps, Ignore("thanks alone")), asked.refusal, changed)


def _new_case(asked: _Question) -> Decision:
    verdict, case = asked.verdict, _case(asked)
    sure = "sure" if case.sure else "not sure"
    opened = OpenCase(case, f"complaint, {sure} ({verdict.scores[Tone.COMPLAINT]:.1f})")
    no_letter = _complaint_without_letter(asked, case)
    letters = [] if no_letter else _rows(asked, case.occasion, case, tells=False)
    planned, standing = _reconsider_now(asked, [*letters, *_rows(asked, case.occasion, case, tells=True)], case)
    steps = (opened, *planned, *_answered_already(asked, case))
    if no_letter or standing is None:
        because = no_letter or "the plan has no acknowledgement"
        return Decision(Standing.NO_LETTER, because, (*steps, Ignore(because)), asked.refusal, case)
    return Decision(*standing, steps, asked.refusal, case)


def _case(asked: _Question) -> Case:
    arrival, client, verdict = asked.arrival, asked.relationship.client, asked.verdict
    return Case(
        key=case_key(arrival.message.identity),
        client=client.key,
        inbox=arrival.inbox.name,
        thread=asked.relationship.thread,
        mail=arrival.message.identity,
        state=CaseState.WAITING,
        severity=verdict.severity or Severity.NORMAL,
        opened_at=arrival.arrived,
        received_at=arrival.arrived,
        tags=verdict.tags,
        assignee=client.last_colleague,
        occasion=Occasion.MIXED if Tone.PRAISE in verdict.tone else Occasion.COMPLAINT,
        sure=Tone.COMPLAINT in verdict.sure,
    )


def _complaint_without_letter(asked: _Question, case: Case) -> str | None:
    if asked.refusal is not None:
        return asked.refusal.reason.value
    if asked.arrival.form:
        return "web form"
    if silent := SILENT_TAGS.intersection(case.tags):
        return for_people(silent)
    if not case.sure:
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
    """Schedule what lies ahead and reconsider at once the letters that are due; with what it means for the standing.

    Tellings are left to the next review, however near, so that those of several mails can become one. So is what a
    mail asks for that was found late: the answer to it may lie in Sent, which another thread reads.
    """
    steps: list[Step] = []
    standing: tuple[Standing, str] | None = None
    refusal = asked.refusal.reason.value if asked.refusal else None
    occurrence = Occurrence.of(asked.arrival, asked.relationship.thread, case, refusal)
    late = asked.now - asked.arrival.arrived > _FOUND_LATE
    tellings = {step.key for step in asked.business.plans.of(_occasion(rows)).steps if step.tell}
    for row in rows:
        decided: tuple[Step, ...] = (Schedule(row, f"{row.step}, {row.occasion}"),)
        if row.due_at <= asked.now and row.step not in tellings and not late:
            decided = on_due(row, occurrence, asked.relationship, asked.business, asked.now)
        steps.extend(decided)
        standing = standing_after(decided) if is_acknowledgement(row, asked.business) else standing
    return steps, standing


def _occasion(rows: list[FollowUp]) -> Occasion:
    return rows[0].occasion if rows else Occasion.COMPLAINT


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
