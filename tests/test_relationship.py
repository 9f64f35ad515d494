from __future__ import annotations

import pytest

from tests.matters import ADA, DAY, HOUR, NOW, case, client, knowing, ours, sent, wrote
from troth.model import Address, CaseState, Evidence, Exchange, LetterKind, LetterState, Mode, Written
from troth.relationship import (
    ANOTHER_THREAD,
    IN_OUR_NAME,
    THEIR_OWN,
    answer,
    client_wrote,
    counted,
    latest_mail,
    matter_case,
    parted,
    recent_case,
    waiting_case,
)

OTHER = "<other@client.example>"


def test_all_that_a_client_writes_while_a_case_is_open_belongs_to_it() -> None:
    waiting = case()
    assert matter_case(knowing(cases=(waiting,), thread=OTHER), NOW) == waiting


def test_a_settled_case_takes_back_its_own_thread_for_thirty_days() -> None:
    before = case(CaseState.SETTLED, opened=NOW - 40 * DAY, closed=NOW - 29 * DAY)
    assert matter_case(knowing(cases=(before,)), NOW) == before
    assert matter_case(knowing(cases=(before,)), NOW + 2 * DAY) is None
    assert matter_case(knowing(cases=(before,), thread=OTHER), NOW) is None


def test_an_open_case_comes_before_a_settled_one_whatever_the_thread() -> None:
    before = case(CaseState.SETTLED, opened=NOW - 9 * DAY, closed=NOW - 5 * DAY)
    waiting = case(key="c-2", thread=OTHER)
    assert matter_case(knowing(cases=(before, waiting)), NOW) == waiting


def test_of_several_open_cases_that_of_the_thread_is_meant() -> None:
    own, other = case(), case(key="c-2", thread=OTHER, opened=NOW + HOUR)
    assert matter_case(knowing(cases=(own, other)), NOW) == own


def test_a_parted_case_takes_nothing_back() -> None:
    gone = case(CaseState.PARTED, closed=NOW - DAY)
    assert matter_case(knowing(cases=(gone,)), NOW) is None


def test_parting_is_for_ever_even_if_a_new_case_is_opened() -> None:
    gone = case(CaseState.PARTED, opened=NOW - 300 * DAY, closed=NOW - 299 * DAY)
    assert parted(knowing(cases=(gone, case(key="c-2"))))
    assert not parted(knowing(cases=(case(),)))


def test_a_case_is_recent_while_open_and_for_thirty_days_from_its_opening() -> None:
    old_and_open = case(opened=NOW - 90 * DAY)
    assert recent_case(knowing(cases=(old_and_open,)), NOW) == old_and_open
    young = case(CaseState.SETTLED, opened=NOW - 29 * DAY, closed=NOW - 20 * DAY)
    assert recent_case(knowing(cases=(young,)), NOW) == young
    assert recent_case(knowing(cases=(young,)), NOW + 2 * DAY) is None


def test_only_a_case_that_waits_is_a_waiting_one() -> None:
    answered = case(CaseState.ANSWERED, answered=NOW)
    assert waiting_case(knowing(cases=(answered,))) is None
    assert waiting_case(knowing(cases=(answered, case(key="c-2")))) is not None


ANSWERS = [
    ("in the thread", ours(NOW + HOUR), Evidence.FIRM, "a colleague wrote"),
    ("in another thread", ours(NOW + HOUR, thread=OTHER), Evidence.DOUBTFUL, ANOTHER_THREAD),
    ("before the mail", ours(NOW - HOUR), None, ""),
    ("a circular", ours(NOW + HOUR, evidence=Evidence.NONE), None, ""),
    (
        "in a colleague's name",
        wrote(NOW + HOUR, by=ADA, evidence=Evidence.DOUBTFUL),
        Evidence.DOUBTFUL,
        IN_OUR_NAME,
    ),
    ("marked as answered", wrote(NOW, evidence=Evidence.DOUBTFUL), Evidence.DOUBTFUL, THEIR_OWN),
    ("the client himself", wrote(NOW + HOUR), None, ""),
]


@pytest.mark.parametrize(
    ("exchange", "evidence", "because"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_a_mail_is_as_much_of_an_answer_as_its_place_makes_it(
    exchange: Exchange, evidence: Evidence | None, because: str
) -> None:
    waiting = case()
    found = answer(knowing(wrote(NOW), exchange, cases=(waiting,)), waiting, waiting.thread, NOW)
    assert (found.evidence, found.because) == (evidence, because) if found else evidence is None


def test_an_answer_in_a_thread_that_the_client_began_while_his_case_was_open_is_firm() -> None:
    waiting = case()
    second = wrote(NOW + HOUR, thread=OTHER)
    found = answer(knowing(second, ours(NOW + 2 * HOUR, thread=OTHER), cases=(waiting,)), waiting, waiting.thread, NOW)
    assert found is not None
    assert found.evidence is Evidence.FIRM


def test_a_thread_from_before_the_case_is_another_thread() -> None:
    waiting = case()
    old = wrote(NOW - DAY, thread=OTHER)
    found = answer(knowing(old, ours(NOW + HOUR, thread=OTHER), cases=(waiting,)), waiting, waiting.thread, NOW)
    assert found is not None
    assert found.evidence is Evidence.DOUBTFUL


def test_firm_evidence_comes_before_doubtful_however_late() -> None:
    waiting = case()
    early, late = ours(NOW + HOUR, thread=OTHER), ours(NOW + 5 * HOUR)
    found = answer(knowing(early, late, cases=(waiting,)), waiting, waiting.thread, NOW)
    assert found is not None
    assert (found.evidence, found.at) == (Evidence.FIRM, late.at)


def test_without_a_case_the_thread_alone_is_the_matter() -> None:
    found = answer(knowing(ours(NOW + HOUR, thread=OTHER)), None, "<1@client.example>", NOW)
    assert found is not None
    assert found.evidence is Evidence.DOUBTFUL


def test_the_client_wrote_whatever_he_wrote_about_but_no_program_and_no_colleague() -> None:
    assert client_wrote(knowing(wrote(NOW + HOUR, thread=OTHER)), NOW) is not None
    assert client_wrote(knowing(wrote(NOW)), NOW) is None
    assert client_wrote(knowing(wrote(NOW + HOUR, by=ADA)), NOW) is None
    absent = Exchange("ooo", NOW + HOUR, OTHER, ours=False, automatic=True, by=Address("jo@client.example"))
    assert client_wrote(knowing(absent), NOW) is None


def test_the_latest_mail_of_a_case_is_in_its_thread_or_came_while_it_was_open() -> None:
    answered = case(CaseState.ANSWERED, answered=NOW + 3 * HOUR)
    mails = [wrote(NOW), wrote(NOW + HOUR, thread=OTHER), ours(NOW + 2 * HOUR)]
    found = latest_mail(knowing(*mails, cases=(answered,)), answered)
    assert found == mails[1]
    assert latest_mail(knowing(wrote(NOW - DAY, thread=OTHER)), answered) is None


@pytest.mark.parametrize(
    ("written", "mode", "counts"),
    [
        (sent(NOW), Mode.SEND, True),
        (sent(NOW, state=LetterState.QUEUED), Mode.SEND, True),
        (sent(NOW, state=LetterState.UNKNOWN), Mode.SEND, True),
        (sent(NOW, state=LetterState.FAILED), Mode.SEND, False),
        (sent(NOW, state=LetterState.DROPPED), Mode.SEND, False),
        (sent(NOW, LetterKind.TELLING), Mode.SEND, False),
        (sent(NOW, state=LetterState.WITHDRAWN, mode=Mode.OBSERVE), Mode.SEND, False),
        (sent(NOW, state=LetterState.WITHDRAWN, mode=Mode.OBSERVE), Mode.OBSERVE, True),
    ],
)
def test_a_budget_counts_what_left_or_may_still_leave_in_the_mode_of_now(
    written: Written, mode: Mode, counts: bool
) -> None:
    assert counted(written, mode) is counts


def test_silence_is_the_clients_word_or_the_owners() -> None:
    assert client(quiet=True).silent
    assert client(silence_asked_at=NOW).silent
    assert not client().silent
