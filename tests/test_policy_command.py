"""What a colleague's words change, what they cannot, and how they are taken back. It is a Tuesday, 12:00 in London."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.matters import (
    ADA,
    COMPLAINT,
    DAY,
    HELLO,
    HOUR,
    JO,
    MINUTE,
    NOW,
    PLAIN,
    PLAN,
    PRAISE,
    SAM,
    THREAD,
    UNSURE,
    business,
    case,
    client,
    due,
    knowing,
    ours,
    plans,
    wrote,
)
from troth.commands import ALL, Asked, Command, MakePromise, NoteDown, Reply, read
from troth.letters import Deed
from troth.letters.objections import NotDone, Remark
from troth.model import (
    Address,
    Case,
    CaseState,
    ChangeCase,
    ChangeClient,
    ChangeLetter,
    Concern,
    Correct,
    Enter,
    KeepPromise,
    Letter,
    LetterKind,
    LetterState,
    Mode,
    Note,
    Occasion,
    OpenCase,
    Postpone,
    Promise,
    PromiseState,
    Relationship,
    Schedule,
    Seen,
    Severity,
    Standing,
    Step,
    Tell,
    Tone,
    Undoing,
    Verdict,
    Withhold,
    WriteLetter,
)
from troth.policy import Business, Occurrence, Outcome, Subject, on_commands, on_due

NOON = NOW + 2 * HOUR
HOUSE = business()
ADA_HERSELF, SAM_HIMSELF = HOUSE.colleagues
FRIDAY = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WAITING, UNSURE_CASE = case(), case(sure=False)
ANSWERED = case(CaseState.ANSWERED, answered=NOW + HOUR)
NONE: frozenset[Tone] = frozenset()
IS_COMPLAINT, IS_PRAISE = frozenset({Tone.COMPLAINT}), frozenset({Tone.PRAISE})


def seen(
    verdict: Verdict | None = COMPLAINT, *, mail: str = "mail-1", author: Address = JO, refusal: str | None = None
) -> Seen:
    return Seen(
        mail,
        "hello",
        "INBOX",
        1,
        1,
        NOW,
        THREAD,
        author=author,
        client="jo",
        subject="Order 1182",
        verdict=verdict,
        refusal=refusal,
        message_id="<1@client.example>",
    )


def letter(
    state: LetterState = LetterState.HELD,
    *,
    kind: LetterKind = LetterKind.ACKNOWLEDGEMENT,
    purpose: str = "complaint/acknowledgement",
    key: str = "letter-1",
    of: str | None = "c-1",
    expires: datetime | None = None,
    mode: Mode = Mode.SEND,
) -> Letter:
    return Letter(
        key=key,
        inbox="hello",
        kind=kind,
        purpose=purpose,
        to=JO,
        subject="Re: Order 1182",
        message_id=f"<{key}@harbour.example>",
        envelope_from="",
        raw=b"",
        state=state,
        created=NOW + 2 * MINUTE,
        mode=mode,
        because="",
        client="jo",
        case=of,
        mail="mail-1",
        expires=expires,
        sent_at=NOW + 3 * MINUTE if state is LetterState.SENT else None,
    )


def subject(
    of: Case | None = WAITING,
    *letters: Letter,
    knows: Relationship | None = None,
    saw: Seen | None = None,
    promise: Promise | None = None,
    promises: tuple[Promise, ...] = (),
    corrected: frozenset[Tone] | None = None,
    about: str | None = None,
) -> Subject:
    saw = saw or seen()
    known = knows or knowing(wrote(NOW), cases=(of,) if of else ())
    known = replace(known, promises=tuple(dict.fromkeys((*promises, *((promise,) if promise else ())))))
    concern = Concern(saw.identity, of.key if of else None, about, promise.key if promise else None)
    return Subject(concern, saw, of, known, letters, promise, corrected)


def made(
    state: PromiseState = PromiseState.OPEN, *, key: str = "p-1", what: str = "new proofs", of: str | None = "c-1"
) -> Promise:
    closed = NOON if state in (PromiseState.KEPT, PromiseState.WITHDRAWN) else None
    return Promise(key, "jo", JO, "hello", "mail-1", what, SAM, NOW + HOUR, FRIDAY, state, of, closed)


def replied(
    text: str,
    *subjects: Subject,
    house: Business = HOUSE,
    now: datetime = NOON,
    undone: Undoing | None = None,
    left_at: datetime | None = None,
) -> Outcome:
    reply = read(text, ["en"], now, house.hours)
    assert not reply.unread, reply
    return on_commands(reply, subjects or (subject(),), SAM_HIMSELF, house, now, undone, left_at)


def steps(outcome: Outcome) -> list[Step]:
    return [step for done in outcome.done for step in done.steps]


def words(outcome: Outcome) -> list[str]:
    return [str(effect.word) for effect in outcome.effects]


def cases(outcome: Outcome) -> list[tuple[str, Case]]:
    return [(step.what, step.case) for step in steps(outcome) if isinstance(step, OpenCase | ChangeCase)]


def planned(outcome: Outcome | Sequence[Step]) -> list[tuple[str, datetime]]:
    found = steps(outcome) if isinstance(outcome, Outcome) else outcome
    return [(step.follow_up.step, step.follow_up.due_at) for step in found if isinstance(step, Schedule)]


def letters_changed(outcome: Outcome) -> list[tuple[str, LetterState]]:
    return [(step.key, step.state) for step in steps(outcome) if isinstance(step, ChangeLetter)]


def refused(outcome: Outcome) -> str:
    """The one reason why nothing was done."""
    assert steps(outcome) == []
    assert outcome.undoing is None
    [only] = words(outcome)
    assert only in list(NotDone)
    return only


# answered, settled


def test_answered_by_phone_is_an_answer_from_now_and_what_follows_one_is_planned() -> None:
    outcome = replied("answered by phone")
    [(what, changed)] = cases(outcome)
    assert (what, changed.state, changed.answered_at) == ("case answered", CaseState.ANSWERED, NOON)
    assert (changed.answered_by, changed.assignee) == (SAM, SAM)
    assert [step for step, _ in planned(outcome)] == ["complaint/put-right", "settle"]
    assert words(outcome) == ["answered"]


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (None, NotDone.NO_CASE),
        (ANSWERED, NotDone.ANSWERED),
        (case(CaseState.SETTLED, closed=NOW), NotDone.CLOSED),
        (case(CaseState.PARTED, closed=NOW), NotDone.CLOSED),
    ],
)
def test_what_is_no_waiting_case_cannot_be_answered(of: Case | None, why: NotDone) -> None:
    assert refused(replied("answered", subject(of))) == why


def test_settled_closes_a_case_that_nobody_answered_too() -> None:
    outcome = replied("settled")
    [(what, changed)] = cases(outcome)
    assert (what, changed.state, changed.closed_at) == ("case settled", CaseState.SETTLED, NOON)
    assert [step for step, _ in planned(outcome)] == ["complaint/check-in"]


@pytest.mark.parametrize("word", ["answered", "settled", "part"])
def test_a_promise_that_is_open_is_named_and_stands(word: str) -> None:
    outcome = replied(word, subject(promises=(made(),)))
    assert words(outcome)[-1] == Remark.PROMISE_STANDS
    assert not [step for step in steps(outcome) if isinstance(step, KeepPromise)]


# part


def test_parting_ends_the_case_and_holds_a_last_letter() -> None:
    outcome = replied("part", subject(WAITING, letter(LetterState.DEFERRED)))
    [(what, changed)] = cases(outcome)
    assert (what, changed.state) == ("case parted", CaseState.PARTED)
    assert letters_changed(outcome) == [("letter-1", LetterState.WITHDRAWN)]
    [last] = [step for step in steps(outcome) if isinstance(step, WriteLetter)]
    assert (last.purpose, last.to, last.case, bool(last.hold)) == ("complaint/parting", JO, "c-1", True)
    assert words(outcome) == [Deed.PARTED, Remark.LETTER_HELD]


@pytest.mark.parametrize(
    ("of", "knows", "house"),
    [
        (WAITING, knowing(cases=(WAITING,)), business(mode=Mode.OBSERVE)),
        (WAITING, knowing(of=client(silence_asked_at=NOW), cases=(WAITING,)), HOUSE),
        (WAITING, knowing(of=client(quiet=True), cases=(WAITING,)), HOUSE),
        (WAITING, knowing(of=client(bounced=frozenset({JO})), cases=(WAITING,)), HOUSE),
        (case(tags=("legal",)), knowing(cases=(case(tags=("legal",)),)), HOUSE),
    ],
)
def test_where_no_letter_may_go_we_part_without_one(of: Case, knows: Relationship, house: Business) -> None:
    outcome = replied("part", subject(of, knows=knows), house=house)
    assert cases(outcome)[0][1].state is CaseState.PARTED
    assert not [step for step in steps(outcome) if isinstance(step, WriteLetter)]
    assert words(outcome) == [Deed.PARTED, Remark.NO_LETTER_FOLLOWS]


def test_the_letter_of_parting_leaves_at_a_persons_word_though_we_have_parted() -> None:
    parted = case(CaseState.PARTED, closed=NOW + HOUR)
    last = letter(purpose="complaint/parting", kind=LetterKind.FOLLOW_UP)
    assert letters_changed(replied("send", subject(parted, last))) == [("letter-1", LetterState.QUEUED)]
    assert refused(replied("part", subject(parted, last))) == NotDone.PARTED


# promise, kept


def test_a_promise_is_kept_in_mind_with_a_reminder_before_and_a_telling_after() -> None:
    outcome = replied("promise Friday 12:00 new proofs")
    [promise] = [step.promise for step in steps(outcome) if isinstance(step, KeepPromise)]
    assert (promise.what, promise.due_at, promise.by, promise.case) == ("new proofs", FRIDAY, SAM, "c-1")
    assert (promise.client, promise.address, promise.mail, promise.state) == ("jo", JO, "mail-1", PromiseState.OPEN)
    assert planned(outcome) == [
        ("colleague/promise-due to assignee", datetime(2026, 11, 19, 16, 30, tzinfo=UTC)),
        ("colleague/promise-late to owner", FRIDAY),
        ("late", FRIDAY),
    ]
    assert cases(outcome)[0][1].assignee == SAM
    assert words(outcome) == [Deed.PROMISED, Remark.STILL_WAITING]


def test_a_promise_and_an_answer_in_one_mail_do_not_contradict_each_other() -> None:
    outcome = replied("promise Friday 12:00 new proofs\nanswered by phone")
    assert words(outcome) == [Deed.PROMISED, Deed.ANSWERED, Remark.PROMISE_STANDS]


def test_two_promises_of_one_moment_are_two() -> None:
    outcome = replied("promise Friday 12:00 new proofs\npromise Friday 12:00 a call\npromise Friday 12:00 a call")
    keys = [step.promise.key for step in steps(outcome) if isinstance(step, KeepPromise)]
    assert len(set(keys)) == 2
    assert words(outcome)[-1] == NotDone.STANDS


def test_a_promise_without_words_is_about_the_mail() -> None:
    [promise] = [step.promise for step in steps(replied("promise Friday")) if isinstance(step, KeepPromise)]
    assert promise.what == "Order 1182"


def test_a_promise_for_a_day_on_which_we_are_closed_is_kept_and_remarked_on() -> None:
    assert Remark.CLOSED_THAT_DAY in words(replied("promise Saturday 10:00 a call"))
    assert Remark.CLOSED_THAT_DAY not in words(replied("promise Friday 10:00 a call"))


@pytest.mark.parametrize(
    ("line", "why"),
    [("promise 9:00 a call", NotDone.PAST), ("promise 5 Jan 2030 a call", NotDone.TOO_FAR)],
)
def test_a_promise_for_the_past_or_for_years_ahead_is_asked_back(line: str, why: NotDone) -> None:
    assert refused(replied(line)) == why


def test_a_promise_without_a_case_is_about_the_clients_mail() -> None:
    outcome = replied("promise Friday new proofs", subject(None, saw=seen(PLAIN)))
    [promise] = [step.promise for step in steps(outcome) if isinstance(step, KeepPromise)]
    assert (promise.case, promise.mail) == (None, "mail-1")


def test_promised_anew_in_answer_to_its_reminder_a_promise_takes_the_old_ones_place() -> None:
    outcome = replied("promise Monday 10:00", subject(promise=made()))
    assert [(step.promise.what, step.promise.state) for step in steps(outcome) if isinstance(step, KeepPromise)] == [
        ("new proofs", PromiseState.WITHDRAWN),
        ("new proofs", PromiseState.OPEN),
    ]


def test_kept_closes_the_promise_that_the_mail_spoke_of() -> None:
    both = (made(), made(key="p-2", what="a call"))
    outcome = replied("kept", subject(promise=both[1], promises=both))
    [kept] = [step.promise for step in steps(outcome) if isinstance(step, KeepPromise)]
    assert (kept.key, kept.state, kept.closed_at) == ("p-2", PromiseState.KEPT, NOON)


def test_kept_closes_the_only_open_promise_late_or_not() -> None:
    many = (made(PromiseState.LATE), made(PromiseState.KEPT, key="p-2"), made(key="p-3", of="c-9"))
    other = replace(many[2], mail="mail-9")
    outcome = replied("kept", subject(promises=(many[0], many[1], other)))
    assert [step.promise.key for step in steps(outcome) if isinstance(step, KeepPromise)] == ["p-1"]


def test_which_promise_is_kept_is_asked_back_unless_all_are() -> None:
    both = subject(promises=(made(), made(key="p-2", what="a call")))
    assert refused(replied("kept", both)) == NotDone.WHICH_PROMISE
    assert words(replied("all kept", both)) == [Deed.KEPT, Deed.KEPT]
    assert refused(replied("kept", subject())) == NotDone.NO_PROMISE


def test_a_promise_is_dropped_in_answer_to_its_reminder() -> None:
    [step] = steps(replied("drop", subject(promise=made())))
    assert isinstance(step, KeepPromise)
    assert step.promise.state is PromiseState.WITHDRAWN


# snooze, to, quiet, note


def test_snooze_postpones_what_colleagues_would_be_told() -> None:
    outcome = replied("snooze 2 business days")
    [(what, changed)] = cases(outcome)
    assert (what, changed.snoozed_until) == ("case snoozed", NOON + 2 * DAY)
    told = on_due(
        due("colleague/waiting to assignee"),
        Occurrence.of_seen(seen(), changed),
        knowing(wrote(NOW), cases=(changed,)),
        HOUSE,
        NOON,
    )
    assert told == (Postpone(due("colleague/waiting to assignee"), NOON + 2 * DAY, "snoozed by a colleague"),)


@pytest.mark.parametrize(
    ("step", "severity", "tells"),
    [
        ("colleague/waiting to assignee", Severity.HIGH, False),
        ("colleague/before-close to owner", Severity.HIGH, True),
        ("colleague/before-close to owner", Severity.NORMAL, False),
    ],
)
def test_a_grave_complaint_is_told_before_closing_however_long_it_is_snoozed(
    step: str, severity: Severity, *, tells: bool
) -> None:
    snoozed = replace(case(severity=severity), snoozed_until=NOON + 2 * DAY)
    told = on_due(due(step), Occurrence.of_seen(seen(), snoozed), knowing(wrote(NOW), cases=(snoozed,)), HOUSE, NOON)
    assert isinstance(told[0], Tell) is tells


def test_who_snoozes_a_grave_complaint_is_told_so() -> None:
    assert words(replied("snooze 2 hours", subject(case(severity=Severity.HIGH)))) == [Deed.SNOOZED, Remark.GRAVE]


def test_a_snooze_that_is_over_postpones_nothing() -> None:
    over = replace(WAITING, snoozed_until=NOON)
    [told] = on_due(
        due("colleague/waiting to assignee"),
        Occurrence.of_seen(seen(), over),
        knowing(wrote(NOW), cases=(over,)),
        HOUSE,
        NOON,
    )
    assert isinstance(told, Tell)


@pytest.mark.parametrize(
    ("line", "of", "why"),
    [
        ("snooze today 9:00", WAITING, NotDone.PAST),
        ("snooze 3 months", WAITING, NotDone.TOO_FAR),
        ("snooze 2 hours", ANSWERED, NotDone.ANSWERED),
        ("snooze 2 hours", None, NotDone.NO_CASE),
    ],
)
def test_a_snooze_that_makes_no_sense_is_asked_back(line: str, of: Case | None, why: NotDone) -> None:
    assert refused(replied(line, subject(of))) == why


def test_a_promises_reminder_is_put_off() -> None:
    assert planned(replied("snooze 2 hours", subject(promise=made()))) == [
        ("colleague/promise-due to assignee", NOON + 2 * HOUR)
    ]


@pytest.mark.parametrize("line", ["to Ada", "to ada byron", "to ada@harbour.example"])
def test_somebody_else_sees_to_it_and_is_told(line: str) -> None:
    outcome = replied(line)
    assert cases(outcome)[0][1].assignee == ADA
    assert planned(outcome) == [("colleague/waiting to assignee", NOON)]
    assert (words(outcome), outcome.effects[0].who) == ([Deed.ASSIGNED], "Ada Byron")


def test_who_gets_a_snoozed_case_is_told_of_it_all_the_same() -> None:
    outcome = replied("to Ada", subject(replace(WAITING, snoozed_until=NOON + DAY)))
    assert cases(outcome)[0][1].snoozed_until is None


def test_who_takes_a_case_himself_is_not_told_of_it() -> None:
    outcome = replied("to me")
    assert cases(outcome)[0][1].assignee == SAM
    assert planned(outcome) == []


def test_who_is_not_known_or_not_one_gets_no_case() -> None:
    assert refused(replied("to Quentin")) == NotDone.NOBODY
    assert refused(replied("to stranger@elsewhere.example")) == NotDone.NOBODY
    two = replace(HOUSE, colleagues=(ADA_HERSELF, replace(SAM_HIMSELF, name="Ada Fox")))
    assert refused(replied("to Ada", house=two)) == NotDone.SEVERAL_PEOPLE
    assert refused(replied("to Ada", subject(case(assignee=ADA)))) == NotDone.STANDS


def test_who_is_away_is_named_as_such() -> None:
    away = replace(ADA_HERSELF, away=((NOW.date(), NOW.date()),))
    house = replace(HOUSE, colleagues=(away, SAM_HIMSELF))
    assert words(replied("to Ada", house=house)) == [Deed.ASSIGNED, Remark.AWAY]


def test_quiet_ends_all_automatic_letters_to_a_client() -> None:
    outcome = replied("quiet", subject(WAITING, letter(LetterState.QUEUED), letter(LetterState.SENT, key="letter-2")))
    [hushed] = [step.client for step in steps(outcome) if isinstance(step, ChangeClient)]
    assert hushed.hushed_at == NOON
    assert letters_changed(outcome) == [("letter-1", LetterState.WITHDRAWN)]
    later = on_due(due(), Occurrence.of_seen(seen(), WAITING), knowing(of=hushed, cases=(WAITING,)), HOUSE, NOON)
    assert later[0] == Withhold(due(), "a colleague asked for silence")
    assert refused(replied("quiet", subject(knows=knowing(of=hushed)))) == NotDone.STANDS


def test_a_note_is_a_line_in_the_journal() -> None:
    outcome = replied("note she wants proofs by post")
    assert steps(outcome) == [Note("note", "Sam Fox: she wants proofs by post")]
    assert (words(outcome), outcome.note, outcome.undoing) == ([Deed.NOTED], "", None)


def test_what_is_no_command_is_a_note_but_for_the_writers_name() -> None:
    outcome = replied("Dear Jo, we are sorry.\nSam")
    assert (outcome.note, words(outcome)) == ("Dear Jo, we are sorry.", [])
    assert steps(outcome) == [Note("note", "Sam Fox: Dear Jo, we are sorry.")]
    assert replied("answered\nSam Fox\n").note == ""


def test_lines_that_were_meant_as_commands_are_asked_back_and_are_no_letter_to_the_client() -> None:
    reply = read("snooze for a bit", ["en"], NOON, HOUSE.hours)
    outcome = on_commands(reply, (subject(),), SAM_HIMSELF, HOUSE, NOON)
    assert (outcome.note, outcome.unread) == ("", ("snooze for a bit",))
    assert steps(outcome) == [Note("note", "Sam Fox: snooze for a bit")]
    reply = read("Dear Jo,\nstill no answer from you", ["de"], NOON, HOUSE.hours)
    assert on_commands(reply, (subject(),), SAM_HIMSELF, HOUSE, NOON).note == reply.rest


# complaint, praise, neither


def test_an_unsure_complaint_that_is_one_becomes_sure_and_is_acknowledged() -> None:
    outcome = replied("complaint", subject(UNSURE_CASE, saw=seen(UNSURE)), now=NOW + HOUR)
    assert steps(outcome)[0] == Correct("mail-1", IS_COMPLAINT, SAM, "Sam Fox says that it is a complaint")
    assert [(what, each.sure) for what, each in cases(outcome)] == [("case sure", True)]
    [written] = [step for step in steps(outcome) if isinstance(step, WriteLetter)]
    assert (written.purpose, written.to, written.mode) == ("complaint/acknowledgement", JO, Mode.SEND)
    assert any(isinstance(step, Enter) and step.standing is Standing.PENDING for step in steps(outcome))
    assert words(outcome) == [Deed.COMPLAINT, Remark.LETTER_FOLLOWS]


def test_a_mail_without_tone_that_is_a_complaint_opens_a_case_with_its_tellings() -> None:
    outcome = replied("complaint", subject(None, saw=seen(PLAIN)), now=NOW + MINUTE)
    [(what, opened)] = cases(outcome)
    assert (what, opened.mail, opened.state, opened.sure) == ("case opened", "mail-1", CaseState.WAITING, True)
    assert {step for step, _ in planned(outcome)} == {
        "colleague/waiting to assignee",
        "colleague/before-close to owner",
        "complaint/acknowledgement",
    }


def test_a_complaint_that_was_settled_waits_again() -> None:
    outcome = replied("complaint", subject(case(CaseState.SETTLED, closed=NOW + HOUR)))
    [(what, again)] = cases(outcome)
    assert (what, again.state, again.round) == ("case waiting again", CaseState.WAITING, 1)


def test_what_is_known_as_a_complaint_already_is_said_so() -> None:
    assert refused(replied("complaint")) == NotDone.STANDS


@pytest.mark.parametrize(
    ("about", "house", "why"),
    [
        (subject(UNSURE_CASE, saw=seen(UNSURE, refusal="list")), HOUSE, "list"),
        (
            subject(UNSURE_CASE, saw=seen(UNSURE), knows=knowing(wrote(NOW), of=client(quiet=True))),
            HOUSE,
            "silence asked",
        ),
        (
            subject(UNSURE_CASE, saw=seen(UNSURE), knows=knowing(wrote(NOW), ours(NOW + MINUTE))),
            HOUSE,
            "a colleague answered",
        ),
        (
            subject(replace(UNSURE_CASE, tags=("legal",)), saw=seen(UNSURE)),
            HOUSE,
            "complaint about legal: for people only",
        ),
        (subject(UNSURE_CASE, saw=seen(UNSURE)), business(mode=Mode.OBSERVE), "observe mode"),
        (subject(UNSURE_CASE, saw=seen(UNSURE, author=Address("web@harbour.example"))), HOUSE, "web form"),
        (subject(UNSURE_CASE, letter(LetterState.SENT), saw=seen(UNSURE)), HOUSE, "the client has had one before"),
    ],
)
def test_no_acknowledgement_follows_a_correction_where_it_would_be_wrong(
    about: Subject, house: Business, why: str
) -> None:
    outcome = replied("complaint", about, house=house)
    assert [(effect.word, effect.what) for effect in outcome.effects][1:] == [(Remark.NO_LETTER_FOLLOWS, why)]
    assert all(step.mode is Mode.OBSERVE for step in steps(outcome) if isinstance(step, WriteLetter))


def test_no_acknowledgement_follows_a_correction_that_comes_too_late() -> None:
    outcome = replied("complaint", subject(UNSURE_CASE, saw=seen(UNSURE)), now=NOW + 13 * HOUR)
    assert outcome.effects[-1].what == "too old"


def test_a_mail_that_is_praise_gets_the_letters_of_praise() -> None:
    outcome = replied("praise", subject(None, saw=seen(PLAIN)))
    [written] = [step for step in steps(outcome) if isinstance(step, WriteLetter)]
    assert written.purpose == "praise/thank-you"
    assert [step for step, _ in planned(outcome)] == ["praise/what-could-be-better"]
    assert words(outcome) == [Deed.PRAISE, Remark.LETTER_FOLLOWS]


def test_praise_that_comes_too_late_for_thanks_is_not_asked_what_could_be_better_either() -> None:
    outcome = replied("praise", subject(None, saw=seen(PLAIN)), now=NOW + 13 * HOUR)
    assert (planned(outcome), outcome.effects[-1].what) == ([], "too old")


def test_colleagues_hear_of_praise_where_the_plan_says_so() -> None:
    told = business(PLAN + "  - {tell: everyone, with: colleague/praise}\n")
    outcome = replied("praise", subject(None, saw=seen(PLAIN)), house=told)
    assert ("colleague/praise to everyone", NOW) in planned(outcome)


def test_a_complaint_that_is_praise_is_closed_and_thanked_for() -> None:
    outcome = replied("praise", subject(UNSURE_CASE, saw=seen(UNSURE)))
    assert [(what, each.state) for what, each in cases(outcome)] == [("case settled", CaseState.SETTLED)]
    assert [step.purpose for step in steps(outcome) if isinstance(step, WriteLetter)] == ["praise/thank-you"]


def test_praise_beside_another_complaint_is_not_thanked_for() -> None:
    other = replace(case(key="c-9"), mail="mail-9")
    outcome = replied("praise", subject(None, saw=seen(PLAIN), knows=knowing(wrote(NOW), cases=(other,))))
    assert words(outcome) == [Deed.PRAISE, Remark.NO_LETTER_FOLLOWS]


@pytest.mark.parametrize("state", [LetterState.QUEUED, LetterState.HELD, LetterState.DEFERRED, LetterState.DRAFTED])
def test_neither_closes_the_case_as_if_it_had_not_been(state: LetterState) -> None:
    outcome = replied("neither", subject(WAITING, letter(state)))
    [(what, closed)] = cases(outcome)
    assert (what, closed.state, closed.closed_at) == ("case settled", CaseState.SETTLED, NOON)
    assert planned(outcome) == []  # no check-in after thirty days
    assert letters_changed(outcome) == [("letter-1", LetterState.WITHDRAWN)]
    assert words(outcome) == [Deed.NEITHER]


def test_what_was_put_right_after_an_answer_is_not_asked_of_what_was_no_complaint() -> None:
    corrected = Occurrence.of_seen(seen(), ANSWERED, NONE)
    later = on_due(
        due("complaint/put-right", anchor=NOW + HOUR), corrected, knowing(wrote(NOW), cases=(ANSWERED,)), HOUSE, NOON
    )
    assert later == (
        Withhold(due("complaint/put-right", anchor=NOW + HOUR), "a colleague says that it is no complaint"),
    )


def test_what_could_be_better_is_not_asked_of_what_was_no_praise() -> None:
    row = due("praise/what-could-be-better", of=None, occasion=Occasion.PRAISE)
    [step] = on_due(row, Occurrence.of_seen(seen(PRAISE), None, NONE), knowing(wrote(NOW)), HOUSE, NOON)
    assert step == Withhold(row, "a colleague says that it is no praise")


def test_a_letter_that_left_before_a_correction_is_named() -> None:
    outcome = replied("neither", subject(WAITING, letter(LetterState.SENT)))
    assert words(outcome) == [Deed.NEITHER, Remark.SENT_BEFORE]


def test_the_mail_that_opened_the_case_is_corrected_with_a_later_one() -> None:
    outcome = replied("neither", subject(WAITING, saw=seen(PLAIN, mail="mail-7")))
    assert [step.mail for step in steps(outcome) if isinstance(step, Correct)] == ["mail-7", "mail-1"]


def test_said_twice_a_correction_changes_nothing() -> None:
    settled = case(CaseState.SETTLED, closed=NOW)
    assert refused(replied("neither", subject(settled, corrected=NONE))) == NotDone.STANDS
    assert refused(replied("neither", subject(case(CaseState.PARTED, closed=NOW)))) == NotDone.PARTED


# send, drop


@pytest.mark.parametrize("state", [LetterState.HELD, LetterState.UNKNOWN, LetterState.FAILED])
def test_a_letter_that_waits_for_a_word_leaves_at_send(state: LetterState) -> None:
    outcome = replied("send", subject(WAITING, letter(state)))
    assert steps(outcome) == [ChangeLetter("letter-1", (state,), LetterState.QUEUED, "released by a person")]
    assert (words(outcome), outcome.effects[0].what) == ([Deed.SENT], "Re: Order 1182")


PUT_RIGHT = letter(kind=LetterKind.FOLLOW_UP, purpose="complaint/put-right")
THANKS = letter(purpose="praise/thank-you", of=None)


@pytest.mark.parametrize(
    ("about", "house", "why"),
    [
        (subject(ANSWERED, letter()), HOUSE, NotDone.ANSWERED),
        (
            subject(WAITING, letter(), knows=knowing(wrote(NOW), ours(NOW + HOUR), cases=(WAITING,))),
            HOUSE,
            NotDone.ANSWERED,
        ),
        (subject(case(CaseState.SETTLED, closed=NOW + HOUR), letter()), HOUSE, NotDone.CLOSED),
        (subject(WAITING, letter(), knows=knowing(of=client(silence_asked_at=NOW))), HOUSE, NotDone.SILENCE),
        (subject(WAITING, letter(), knows=knowing(of=client(bounced=frozenset({JO})))), HOUSE, NotDone.BOUNCES),
        (subject(case(CaseState.PARTED, closed=NOW), letter()), HOUSE, NotDone.PARTED),
        (
            subject(ANSWERED, PUT_RIGHT, knows=knowing(wrote(NOW), wrote(NOW + HOUR), cases=(ANSWERED,))),
            HOUSE,
            NotDone.CLIENT_WROTE,
        ),
        (subject(WAITING, letter(), corrected=NONE), HOUSE, NotDone.CORRECTED),
        (subject(None, THANKS, corrected=IS_COMPLAINT), HOUSE, NotDone.CORRECTED),
        (subject(WAITING, letter(expires=NOON)), HOUSE, NotDone.TOO_OLD),
        (subject(WAITING, letter()), business(mode=Mode.OBSERVE), NotDone.OBSERVE),
        (subject(WAITING, letter(LetterState.SENT)), HOUSE, NotDone.SENT),
        (subject(WAITING, letter(LetterState.SENDING)), HOUSE, NotDone.SENT),
        (subject(WAITING, letter(LetterState.DRAFTED)), HOUSE, NotDone.IN_DRAFTS),
        (subject(WAITING, letter(LetterState.DROPPED)), HOUSE, NotDone.NO_LETTER),
        (subject(WAITING), HOUSE, NotDone.NO_LETTER),
        (subject(WAITING, letter(), about="letter-2"), HOUSE, NotDone.NO_LETTER),
    ],
)
def test_nothing_is_sent_that_would_be_wrong_now(about: Subject, house: Business, why: NotDone) -> None:
    assert refused(replied("send", about, house=house)) == why


def test_what_follows_an_answer_may_be_sent_after_it() -> None:
    assert words(replied("send", subject(ANSWERED, PUT_RIGHT))) == [Deed.SENT]


def test_in_draft_mode_a_letter_goes_into_drafts() -> None:
    outcome = replied("send", subject(WAITING, letter(mode=Mode.DRAFT)), house=business(mode=Mode.DRAFT))
    assert words(outcome) == [Deed.SENT, Remark.TO_DRAFTS]


def test_send_about_an_unsure_complaint_says_that_it_is_one() -> None:
    outcome = replied("send", subject(UNSURE_CASE, saw=seen(UNSURE)))
    assert words(outcome) == [Deed.COMPLAINT, Remark.LETTER_FOLLOWS]
    known = subject(UNSURE_CASE, saw=seen(UNSURE), corrected=IS_COMPLAINT)
    assert refused(replied("send", known)) == NotDone.NO_LETTER


@pytest.mark.parametrize(
    "state",
    [
        LetterState.HELD,
        LetterState.UNKNOWN,
        LetterState.FAILED,
        LetterState.QUEUED,
        LetterState.DEFERRED,
        LetterState.DRAFTED,
    ],
)
def test_a_letter_that_has_not_left_is_dropped(state: LetterState) -> None:
    assert letters_changed(replied("drop", subject(WAITING, letter(state)))) == [("letter-1", LetterState.DROPPED)]


def test_what_has_left_cannot_be_dropped() -> None:
    assert refused(replied("drop", subject(WAITING, letter(LetterState.SENT)))) == NotDone.SENT
    assert refused(replied("drop", subject(WAITING))) == NotDone.NO_LETTER


# several matters


def two() -> tuple[Subject, Subject]:
    other = replace(case(key="c-2"), client="mo", mail="mail-2")
    saw = replace(seen(mail="mail-2"), author=Address("mo@bell.example"), client="mo")
    them = replace(client(), key="mo", addresses=frozenset({Address("mo@bell.example")}))
    return subject(), subject(other, saw=saw, knows=knowing(cases=(other,), of=them))


def test_with_several_matters_and_no_number_nothing_is_done() -> None:
    outcome = replied("answered", *two())
    assert refused(outcome) == NotDone.WHICH
    assert outcome.effects[0].what == "2"


def test_a_number_names_the_matter_and_all_means_each() -> None:
    first, second = two()
    assert [done.subject for done in replied("2 answered", first, second).done] == [second]
    assert [done.subject for done in replied("all answered", first, second).done] == [first, second]
    assert refused(replied("3 answered", first, second)) == NotDone.NO_SUCH


def test_what_is_about_no_client_is_asked_back() -> None:
    bare = Subject(Concern())
    for word in ("answered", "settled", "part", "quiet", "complaint", "promise Friday", "send", "snooze 2 hours"):
        assert refused(replied(word, bare)) == NotDone.NO_CLIENT
    assert words(on_commands(read("answered", ["en"], NOON, HOUSE.hours), (), SAM_HIMSELF, HOUSE, NOON)) == [
        NotDone.NO_CLIENT
    ]


def test_each_command_finds_what_the_one_before_has_left() -> None:
    outcome = replied("answered\nanswered\nsettled\nsettled")
    assert words(outcome) == [Deed.ANSWERED, NotDone.ANSWERED, Deed.SETTLED, NotDone.CLOSED]
    assert outcome.undoing is not None
    [(before, after)] = outcome.undoing.cases
    assert (before, after.state) == (WAITING, CaseState.SETTLED)


def test_two_matters_of_one_client_know_of_each_other() -> None:
    other = replace(case(key="c-2"), mail="mail-2")
    both = knowing(cases=(WAITING, other))
    outcome = replied("1 quiet\n2 quiet", subject(knows=both), subject(other, saw=seen(mail="mail-2"), knows=both))
    assert words(outcome) == [Deed.QUIET, NotDone.STANDS]


def test_pending_and_help_are_for_the_confirmation() -> None:
    outcome = replied("pending\nhelp")
    assert (outcome.pending, outcome.help, outcome.done, outcome.effects) == (True, True, (), ())


# undo


def left(text: str, *subjects: Subject) -> tuple[Undoing, tuple[Subject, ...]]:
    """What a reply changed, and its subjects as it left them."""
    before = subjects or (subject(),)
    outcome = replied(text, *before)
    assert outcome.undoing is not None
    return outcome.undoing, tuple(each.after(steps(outcome)) for each in before)


@pytest.mark.parametrize("word", ["answered", "settled", "part", "snooze 2 hours"])
def test_undo_lets_a_case_wait_again_with_what_it_would_have_told_since(word: str) -> None:
    undoing, now = left(word)
    outcome = replied("undo", *now, now=NOON + MINUTE, undone=undoing, left_at=NOON)
    [(what, again)] = cases(outcome)
    assert (what, again) == ("case waiting again", replace(WAITING, round=1))
    assert planned(outcome) == [("colleague/before-close to owner", datetime(2026, 11, 17, 16, 45, tzinfo=UTC))]
    assert words(outcome)[0] == Deed.UNDONE


def test_undo_gives_a_case_back_to_who_had_it() -> None:
    undoing, now = left("to Ada", subject(case(assignee=SAM)))
    outcome = replied("undo", *now, undone=undoing, left_at=NOON)
    assert cases(outcome) == [("case as before", case(assignee=SAM))]


def test_undo_makes_an_answered_case_answered_again() -> None:
    undoing, now = left("settled", subject(ANSWERED))
    assert cases(replied("undo", *now, undone=undoing, left_at=NOON)) == [("case as before", ANSWERED)]


def test_undo_withdraws_a_promise_and_binds_again_what_was_kept() -> None:
    undoing, now = left("promise Friday new proofs", subject(case(assignee=SAM)))
    [step] = steps(replied("undo", *now, undone=undoing, left_at=NOON))
    assert isinstance(step, KeepPromise)
    assert step.promise.state is PromiseState.WITHDRAWN
    undoing, now = left("kept", subject(promise=made()))
    outcome = replied("undo", *now, undone=undoing, left_at=NOON)
    assert [step.promise for step in steps(outcome) if isinstance(step, KeepPromise)] == [made()]
    assert "late" in dict(planned(outcome))


def test_a_promise_that_became_late_meanwhile_can_still_be_taken_back() -> None:
    undoing, now = left("promise Friday new proofs", subject(case(assignee=SAM)))
    known = now[0].relationship
    assert known is not None
    late = tuple(replace(each, state=PromiseState.LATE) for each in known.promises)
    outcome = replied("undo", replace(now[0], relationship=replace(known, promises=late)), undone=undoing, left_at=NOON)
    assert words(outcome) == [Deed.UNDONE]


def test_undo_ends_silence_and_takes_corrections_back() -> None:
    undoing, now = left("quiet")
    [step] = steps(replied("undo", *now, undone=undoing, left_at=NOON))
    assert isinstance(step, ChangeClient)
    assert step.client.hushed_at is None
    undoing, now = left("neither")
    outcome = replied("undo", *now, undone=undoing, left_at=NOON)
    assert [(step.mail, step.tone) for step in steps(outcome) if isinstance(step, Correct)] == [("mail-1", None)]
    assert cases(outcome)[0][1].state is CaseState.WAITING


def test_undo_closes_a_case_that_a_correction_opened_and_keeps_its_letter_in() -> None:
    undoing, now = left("complaint", subject(None, saw=seen(PLAIN)))
    queued = letter(LetterState.QUEUED, key=undoing.letters[0][0])
    outcome = replied("undo", replace(now[0], letters=(queued,)), undone=undoing, left_at=NOON)
    assert [(what, each.state) for what, each in cases(outcome)] == [("case settled", CaseState.SETTLED)]
    assert letters_changed(outcome) == [(queued.key, LetterState.WITHDRAWN)]


def test_undo_holds_a_letter_again_that_has_not_left() -> None:
    undoing, now = left("send", subject(WAITING, letter()))
    assert letters_changed(replied("undo", *now, undone=undoing)) == [("letter-1", LetterState.HELD)]
    gone = replace(now[0], letters=(letter(LetterState.SENT),))
    outcome = replied("undo", gone, undone=undoing)
    assert (steps(outcome), words(outcome)) == ([], [Remark.SENT_BEFORE])


def test_undo_lets_a_dropped_letter_wait_again() -> None:
    undoing, now = left("drop", subject(WAITING, letter()))
    assert letters_changed(replied("undo", *now, undone=undoing)) == [("letter-1", LetterState.HELD)]


@pytest.mark.parametrize("word", ["answered", "to Ada", "promise Friday", "quiet", "neither"])
def test_nothing_is_put_back_once_something_has_changed(word: str) -> None:
    undoing, now = left(word)
    known = now[0].relationship
    assert known is not None
    assert now[0].case is not None
    moved = replace(
        now[0],
        case=replace(now[0].case, round=5),
        corrected=IS_PRAISE,
        relationship=replace(known, cases=(), promises=(), client=replace(known.client, hushed_at=None)),
    )
    assert set(words(replied("undo", moved, undone=undoing))) == {NotDone.CHANGED_SINCE}
    assert steps(replied("undo", moved, undone=undoing)) == []


def test_there_is_nothing_to_undo_but_in_answer_to_a_confirmation() -> None:
    assert refused(replied("undo")) == NotDone.NOTHING_TO_UNDO
    undoing, now = left("answered")
    assert words(replied("undo\nundo", *now, undone=undoing, left_at=NOON)) == [Deed.UNDONE, NotDone.NOTHING_TO_UNDO]


def test_what_was_undone_can_be_done_again_by_undoing_that() -> None:
    undoing, now = left("answered")
    outcome = replied("undo", *now, undone=undoing, left_at=NOON)
    assert outcome.undoing is not None
    again = tuple(each.after(steps(outcome)) for each in now)
    [(what, answered)] = cases(replied("undo", *again, undone=outcome.undoing, left_at=NOON))
    assert (what, answered.state) == ("case as before", CaseState.ANSWERED)


# promises that fall due


def promise_due(
    step: str,
    promise: Promise,
    now: datetime,
    *,
    house: Business = HOUSE,
    of: Case | None = None,
) -> tuple[Step, ...]:
    known = replace(knowing(wrote(NOW), cases=(of,) if of else ()), promises=(promise,))
    row = replace(due(step, at=now, occasion=Occasion.PROMISE), promise="p-1")
    return on_due(row, Occurrence.of_seen(seen(), of), known, house, now)


DUE, LATE = "colleague/promise-due to assignee", "colleague/promise-late to owner"


def test_who_made_a_promise_is_reminded_of_it() -> None:
    [told] = promise_due(DUE, made(), FRIDAY - 2 * HOUR)
    assert isinstance(told, Tell)
    assert (told.to, told.purpose, told.deadline) == ((SAM,), "colleague/promise-due", FRIDAY)


def test_who_has_the_case_is_reminded_of_its_promises() -> None:
    [told] = promise_due(DUE, made(), FRIDAY - 2 * HOUR, of=case(assignee=ADA))
    assert isinstance(told, Tell)
    assert told.to == (ADA,)


def test_the_owner_is_told_of_a_promise_that_was_not_kept() -> None:
    [told] = promise_due(LATE, made(PromiseState.LATE), FRIDAY)
    assert isinstance(told, Tell)
    assert told.to == (ADA,)


@pytest.mark.parametrize("step", [DUE, LATE, "late"])
@pytest.mark.parametrize("state", [PromiseState.KEPT, PromiseState.WITHDRAWN])
def test_nobody_is_told_of_a_promise_that_binds_no_more(step: str, state: PromiseState) -> None:
    [found] = promise_due(step, made(state), FRIDAY)
    assert isinstance(found, Withhold)
    assert found.because == state


def test_a_promise_whose_moment_has_passed_is_late_once() -> None:
    found = promise_due("late", made(), FRIDAY)
    assert [step.promise.state for step in found if isinstance(step, KeepPromise)] == [PromiseState.LATE]
    assert [type(step) for step in promise_due("late", made(PromiseState.LATE), FRIDAY)] == [Withhold]


def test_a_plan_may_tell_of_kept_promises_too() -> None:
    told = business(PLAN + "promise:\n  - {tell: owner, with: colleague/promise-late, since: due}\n")
    assert isinstance(promise_due(LATE, made(PromiseState.KEPT), FRIDAY, house=told)[0], Tell)
    assert isinstance(promise_due(LATE, made(PromiseState.WITHDRAWN), FRIDAY, house=told)[0], Withhold)


def test_a_step_that_is_no_longer_planned_or_known_is_withheld() -> None:
    none = replace(HOUSE, plans=plans(PLAN + "promise: []\n"))
    assert promise_due(DUE, made(), FRIDAY, house=none)[0] == Withhold(
        replace(due(DUE, at=FRIDAY, occasion=Occasion.PROMISE), promise="p-1"), "no longer in the plan"
    )
    [found] = promise_due(DUE, made(key="p-2"), FRIDAY)
    assert isinstance(found, Withhold)


def test_a_reminder_waits_for_our_opening_unless_the_promise_would_not() -> None:
    night = FRIDAY - 5 * HOUR  # seven in the morning
    row = replace(due(DUE, at=night, occasion=Occasion.PROMISE), promise="p-1")
    assert promise_due(DUE, made(), night) == (Postpone(row, FRIDAY - 3 * HOUR, "we are closed"),)
    early = replace(made(), due_at=night + HOUR)
    assert isinstance(promise_due(DUE, early, night)[0], Tell)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("promise Friday 12:00", datetime(2026, 11, 19, 16, 30, tzinfo=UTC)),  # four business hours before
        ("promise 17:00", datetime(2026, 11, 17, 13, 0, tzinfo=UTC)),
        ("promise 14:00", datetime(2026, 11, 17, 13, 0, tzinfo=UTC)),  # half of the time that is left
        ("promise Saturday 10:00", datetime(2026, 11, 20, 13, 30, tzinfo=UTC)),
        ("promise tomorrow 7:00", datetime(2026, 11, 17, 13, 30, tzinfo=UTC)),
    ],
)
def test_the_reminder_comes_while_there_is_time_to_keep_the_promise(line: str, at: datetime) -> None:
    assert planned(replied(line))[0] == (DUE, at)


def test_a_case_does_not_settle_while_a_promise_is_open() -> None:
    row = due("settle", anchor=NOW + HOUR, at=NOW + 9 * DAY)
    known = replace(
        knowing(wrote(NOW), ours(NOW + HOUR), cases=(ANSWERED,)), promises=(replace(made(), due_at=NOW + 20 * DAY),)
    )
    [postponed] = on_due(row, Occurrence.of_seen(seen(), ANSWERED), known, HOUSE, NOW + 9 * DAY)
    assert isinstance(postponed, Postpone)
    assert (postponed.because, postponed.until) == ("a promise is open", datetime(2026, 12, 16, 10, 0, tzinfo=UTC))
    kept = replace(known, promises=(made(PromiseState.KEPT),))
    assert any(
        isinstance(step, ChangeCase)
        for step in on_due(row, Occurrence.of_seen(seen(), ANSWERED), kept, HOUSE, NOW + 9 * DAY)
    )


def test_deciding_on_a_reply_changes_no_subject() -> None:
    about = subject(WAITING, letter())
    copy = replace(about)
    replied("answered\npromise Friday\nquiet\nneither", about)
    assert about == copy


def test_a_folder_may_ask_without_words() -> None:
    reply = Reply((Asked(NoteDown("moved"), ALL),))
    assert words(on_commands(reply, (subject(),), SAM_HIMSELF, HOUSE, NOON)) == [Deed.NOTED]
    command: Command = MakePromise(FRIDAY, "proofs")
    assert words(on_commands(Reply((Asked(command),)), (subject(),), SAM_HIMSELF, HOUSE, NOON))[0] == Deed.PROMISED
    assert HELLO in HOUSE.house.own


def test_a_case_that_a_correction_has_opened_is_found_in_answer_to_the_same_telling() -> None:
    about = subject(None, saw=seen(PLAIN), knows=knowing(wrote(NOW), cases=(WAITING,)))
    assert words(replied("answered", about)) == [Deed.ANSWERED]


# whatever is said in whatever order

LINES = st.sampled_from(
    [
        *("answered", "settled", "part", "promise Friday 12:00 new proofs", "promise today 16:00", "kept", "all kept"),
        *("snooze 2 hours", "to Ada", "to me", "complaint", "praise", "neither", "send", "drop", "quiet", "note x"),
    ]
)
CASES = st.sampled_from(
    [
        None,
        WAITING,
        UNSURE_CASE,
        ANSWERED,
        case(severity=Severity.HIGH, assignee=SAM),
        case(tags=("legal",)),
        case(CaseState.SETTLED, closed=NOW + HOUR),
        case(CaseState.PARTED, closed=NOW + HOUR),
    ]
)
CLIENTS = st.sampled_from(
    [client(), client(known=True, last_colleague=SAM), client(quiet=True), client(bounced=frozenset({JO}))]
)
HELD = st.lists(st.sampled_from(list(LetterState)), max_size=2)
VERDICTS = st.sampled_from([COMPLAINT, UNSURE, PRAISE, PLAIN, None])


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    of, states = draw(CASES), draw(HELD)
    waits = [letter(state, key=f"letter-{place}", of=of.key if of else None) for place, state in enumerate(states)]
    promises = (made(of=of.key if of else None),) if draw(st.booleans()) else ()
    known = knowing(wrote(NOW), cases=(of,) if of else (), of=draw(CLIENTS))
    return subject(of, *waits, knows=known, saw=seen(draw(VERDICTS)), promises=promises)


@given(subjects(), st.lists(LINES, min_size=1, max_size=6))
def test_no_words_in_any_order_write_to_a_client_who_must_not_be_written_to(about: Subject, lines: list[str]) -> None:
    outcome = replied("\n".join(lines), about)
    known = about.relationship
    assert known is not None
    written = [step for step in steps(outcome) if isinstance(step, WriteLetter)]
    freed = [step for step in steps(outcome) if isinstance(step, ChangeLetter) and step.state is LetterState.QUEUED]
    if known.client.silent or known.client.bounced:
        assert not written
        assert not freed
    if about.case is not None and "legal" in about.case.tags:
        assert not [step for step in written if step.case]
    assert len({step.key for step in written}) == len(written)


@given(subjects(), st.lists(LINES, min_size=1, max_size=6))
def test_undo_puts_everything_back_that_any_words_changed(about: Subject, lines: list[str]) -> None:
    outcome = replied("\n".join(lines), about)
    if outcome.undoing is None:
        return
    now = about.after(steps(outcome))
    undone = replied("undo", now, undone=outcome.undoing, left_at=NOON)
    assert NotDone.CHANGED_SINCE not in words(undone)
    back = now.after(steps(undone))
    assert known_of(back) == known_of(about)
    assert {each.key: each.state for each in back.letters} == {each.key: each.state for each in about.letters}
    if about.case is not None and about.case.open:
        assert back.case is not None
        assert replace(back.case, round=0) == replace(about.case, round=0)


def known_of(about: Subject) -> tuple[object, ...]:
    """What an undoing restores, but for the case: a promise that was made meanwhile is withdrawn."""
    known = about.relationship
    assert known is not None
    binding = {promise.key for promise in known.promises if promise.open}
    return binding, known.client.hushed_at, about.corrected
