"""A letter in Drafts: what becomes of it, whatever is found there and whoever wrote meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.matters import ADA, DAY, HELLO, HOUR, JO, MINUTE, NOW, THREAD, business, case, client, knowing, ours, wrote
from troth.model import (
    Address,
    CaseState,
    Evidence,
    Letter,
    LetterKind,
    LetterState,
    Mode,
    Relationship,
    Seen,
    Tone,
)
from troth.policy import GONE, Draft, Lies, on_draft

BUSINESS = business(mode=Mode.DRAFT)
SEEN = Seen("mail-1", "hello", "INBOX", 1, 1, NOW, THREAD, message_id=THREAD)
LAID = Letter(
    key="c-1:complaint/acknowledgement:0",
    inbox="hello",
    kind=LetterKind.ACKNOWLEDGEMENT,
    purpose="complaint/acknowledgement",
    to=JO,
    subject="Re: Order 1182",
    message_id="<draft@harbour.example>",
    envelope_from="",
    raw=b"",
    state=LetterState.DRAFTED,
    created=NOW + 2 * MINUTE,
    mode=Mode.DRAFT,
    because="waits in Drafts",
    client="jo",
    case="c-1",
    mail="mail-1",
    expires=NOW + 12 * HOUR,
    filed=True,
    filed_uid=4,
)
LATER = replace(LAID, kind=LetterKind.FOLLOW_UP, purpose="complaint/put-right", expires=NOW + 5 * DAY)
WAITING = case()
NOTHING = knowing(wrote(NOW), cases=(WAITING,))
ANSWERED = knowing(wrote(NOW), ours(NOW + HOUR), cases=(WAITING,))


def draft(lies: Lies = Lies.AS_LAID, relationship: Relationship = NOTHING, letter: Letter = LAID) -> Draft:
    found = relationship.cases[-1] if relationship.cases else None
    return Draft(letter, lies, SEEN, found, relationship, None, NOW + 2 * HOUR if lies is Lies.GONE else None)


def becomes(it: Draft, now: datetime = NOW + 2 * HOUR) -> tuple[LetterState, str] | None:
    step = on_draft(it, BUSINESS, now)
    return (step.state, step.because) if step else None


@pytest.mark.parametrize("lies", list(Lies))
def test_a_draft_may_lie_while_its_moment_lasts(lies: Lies) -> None:
    assert becomes(draft(lies)) is None


@pytest.mark.parametrize(
    ("lies", "by", "then"),
    [
        (Lies.GONE, ADA, (LetterState.SENT, "sent by Ada Byron")),
        (Lies.GONE, HELLO, (LetterState.SENT, "sent by one of us")),
        (Lies.AS_LAID, ADA, (LetterState.WITHDRAWN, "a colleague answered")),
        (Lies.CHANGED, ADA, (LetterState.WITHDRAWN, "a colleague answered")),
    ],
)
def test_after_an_answer_a_draft_was_sent_if_it_is_gone_and_needless_if_it_still_lies_there(
    lies: Lies, by: Address, then: tuple[LetterState, str]
) -> None:
    answered = knowing(wrote(NOW), ours(NOW + HOUR, by=by), cases=(WAITING,))
    assert becomes(draft(lies, answered)) == then


def test_a_mail_program_has_two_minutes_to_take_away_the_draft_that_it_sent() -> None:
    assert becomes(draft(relationship=ANSWERED), NOW + HOUR + MINUTE) is None
    assert becomes(draft(relationship=ANSWERED), NOW + HOUR + 2 * MINUTE) is not None


def test_a_doubtful_answer_leaves_the_draft_to_people() -> None:
    elsewhere = knowing(wrote(NOW), ours(NOW + HOUR, thread="<other@x.example>"), cases=(WAITING,))
    assert becomes(draft(relationship=elsewhere)) is None
    assert becomes(draft(relationship=knowing(wrote(NOW, evidence=Evidence.DOUBTFUL), cases=(WAITING,)))) is None


def test_a_draft_missed_for_ten_minutes_is_gone() -> None:
    assert becomes(draft(Lies.GONE), NOW + 2 * HOUR + 9 * MINUTE) is None
    assert becomes(draft(Lies.GONE), NOW + 2 * HOUR + 10 * MINUTE) == (LetterState.WITHDRAWN, GONE)


def test_a_draft_that_was_taken_back_and_is_wanted_again_is_laid_down_again() -> None:
    wanted = replace(LAID, filed=False, filed_uid=None)
    assert becomes(draft(Lies.GONE, letter=wanted)) == (LetterState.QUEUED, "laid into Drafts again")
    assert becomes(draft(Lies.AS_LAID, letter=wanted)) is None


@pytest.mark.parametrize(
    ("relationship", "because"),
    [
        (knowing(of=client(silence_asked_at=NOW), cases=(WAITING,)), "silence asked"),
        (knowing(of=client(quiet=True), cases=(WAITING,)), "silence asked"),
        (knowing(of=client(bounced=frozenset({JO})), cases=(WAITING,)), "the address bounces"),
        (knowing(cases=(case(CaseState.PARTED, closed=NOW + HOUR),)), "parted"),
        (knowing(cases=(case(CaseState.SETTLED, closed=NOW + HOUR),)), "settled"),
        (knowing(cases=(case(CaseState.ANSWERED, answered=NOW + HOUR),)), "the case was answered"),
    ],
)
@pytest.mark.parametrize("lies", [Lies.AS_LAID, Lies.CHANGED, Lies.GONE])
def test_a_draft_whose_moment_has_passed_is_withdrawn(relationship: Relationship, because: str, lies: Lies) -> None:
    assert becomes(draft(lies, relationship)) == (LetterState.WITHDRAWN, because)


@pytest.mark.parametrize(("letter", "age"), [(LAID, timedelta(hours=12)), (LATER, timedelta(days=5))])
def test_a_draft_that_nobody_sent_in_time_is_withdrawn(letter: Letter, age: timedelta) -> None:
    assert becomes(draft(letter=letter), NOW + age) is None
    late = becomes(draft(letter=letter), NOW + age + MINUTE)
    assert late == (LetterState.WITHDRAWN, "its time had passed before anybody sent it")


def test_a_follow_up_is_withdrawn_when_the_client_writes_and_an_acknowledgement_is_not() -> None:
    again = knowing(wrote(NOW), wrote(NOW + HOUR), cases=(WAITING,))
    assert becomes(draft(relationship=again, letter=LATER)) == (LetterState.WITHDRAWN, "the client wrote")
    assert becomes(draft(relationship=again)) is None


def test_what_follows_an_answer_is_not_withdrawn_because_of_that_answer() -> None:
    before = case(CaseState.ANSWERED, answered=NOW + MINUTE)
    assert becomes(draft(relationship=knowing(wrote(NOW), ours(NOW + MINUTE), cases=(before,)), letter=LATER)) is None


@pytest.mark.parametrize(
    ("tone", "stays"),
    [({Tone.COMPLAINT}, True), ({Tone.COMPLAINT, Tone.PRAISE}, True), ({Tone.PRAISE}, False), (set(), False)],
)
def test_a_draft_about_a_complaint_goes_when_a_colleague_says_it_is_none(tone: set[Tone], stays: bool) -> None:
    assert (becomes(replace(draft(), corrected=frozenset(tone))) is None) is stays


@pytest.mark.parametrize(("tone", "stays"), [({Tone.PRAISE}, True), ({Tone.COMPLAINT}, False), (set(), False)])
def test_a_draft_about_praise_goes_when_a_colleague_says_it_is_none(tone: set[Tone], stays: bool) -> None:
    thanks = draft(relationship=knowing(wrote(NOW)), letter=replace(LAID, case=None))
    assert (becomes(replace(thanks, corrected=frozenset(tone))) is None) is stays
