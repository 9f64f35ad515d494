"""What becomes of letters and channels: tables for the cases that have names, properties for all the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.model import Address, Letter, LetterKind, LetterState, Mode
from troth.outbox import (
    ELSEWHERE_AFTER,
    At,
    Delivery,
    Filing,
    Halt,
    Outcome,
    Pause,
    Ruling,
    after,
    applied,
    back_off,
    breaker,
    expired,
    expiry,
    filing,
    found_in_sent,
    found_sending,
    pause_after,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

SENT = Delivery(Outcome.SENT, At.END, 250, "2.0.0 Ok: queued as ABC", provider_id="ABC")
PUT_OFF = Delivery(Outcome.DEFERRED, At.RCPT, 450, "4.2.0 greylisted")
REFUSED = Delivery(Outcome.FAILED, At.RCPT, 550, "5.1.1 nobody")
UNHEARD = Delivery(Outcome.UNKNOWN, At.END, None, "the server did not answer in time", Halt.UNREACHABLE)
UNREACHABLE = Delivery(Outcome.DEFERRED, At.CONNECT, None, "no connection", Halt.UNREACHABLE)
BAD_PASSWORD = Delivery(Outcome.DEFERRED, At.AUTH, 535, "5.7.8 no", Halt.CREDENTIALS)
BUSY = Delivery(Outcome.DEFERRED, At.RCPT, 421, "4.7.0 later", Halt.BUSY)


def letter(kind: LetterKind = LetterKind.ACKNOWLEDGEMENT, **changes: object) -> Letter:
    plain = Letter(
        key="k", inbox="hello", kind=kind, purpose="complaint/acknowledgement", to=Address("jo@client.example"),
        subject="Re: Order", message_id="<1@harbour.example>", envelope_from="", raw=b"", state=LetterState.SENDING,
        created=NOON, mode=Mode.SEND, because="complaint, sure (3.2)",
        expires=expiry(kind, NOON, NOON, 12 * HOUR),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]  # one keyword stands for any field


ACKNOWLEDGEMENT, FOLLOW_UP, TELLING = (letter(kind) for kind in LetterKind)

kinds = st.sampled_from(LetterKind)
randoms = st.floats(0, 1)
moments = st.integers(0, 10**8).map(lambda seconds: NOON + timedelta(seconds=seconds))
deliveries = st.builds(
    Delivery,
    st.sampled_from(Outcome),
    st.sampled_from(At),
    st.none() | st.integers(200, 599),
    st.text(max_size=20),
    st.none() | st.sampled_from(Halt),
)
letters = st.builds(
    letter,
    kind=kinds,
    attempts=st.integers(0, 5000),
    created=moments,
    expires=st.none() | moments,
)


@pytest.mark.parametrize(
    ("delivery", "of", "state", "tried_again", "attempts"),
    [
        (SENT, ACKNOWLEDGEMENT, LetterState.SENT, False, 1),
        (REFUSED, ACKNOWLEDGEMENT, LetterState.FAILED, False, 1),
        (REFUSED, TELLING, LetterState.FAILED, False, 1),
        (PUT_OFF, ACKNOWLEDGEMENT, LetterState.DEFERRED, True, 1),
        (BUSY, FOLLOW_UP, LetterState.DEFERRED, True, 1),
        (UNREACHABLE, FOLLOW_UP, LetterState.DEFERRED, True, 0),
        (BAD_PASSWORD, TELLING, LetterState.DEFERRED, True, 0),
        (UNHEARD, ACKNOWLEDGEMENT, LetterState.UNKNOWN, False, 1),
        (UNHEARD, FOLLOW_UP, LetterState.UNKNOWN, False, 1),
        (UNHEARD, TELLING, LetterState.DEFERRED, True, 1),
    ],
)
def test_each_outcome_has_its_consequence(
    delivery: Delivery, of: Letter, state: LetterState, tried_again: bool, attempts: int
) -> None:
    step = after(delivery, of, NOON, 0.5)
    assert (step.state, step.next_try is not None, step.attempts) == (state, tried_again, attempts)


@given(deliveries, letters, moments, randoms)
def test_the_next_try_is_never_in_the_past_nor_after_expiry(
    delivery: Delivery, of: Letter, now: datetime, random: float
) -> None:
    step = after(delivery, of, now, random)
    assert (step.next_try is not None) is (step.state is LetterState.DEFERRED)
    if step.next_try is not None:
        assert step.next_try > now
        assert of.expires is None or of.kind is LetterKind.TELLING or step.next_try < of.expires


@given(letters, st.lists(deliveries, max_size=30), randoms)
def test_a_letter_is_sent_once_at_most_and_never_again_after_an_unknown_fate(
    of: Letter, heard: list[Delivery], random: float
) -> None:
    """The post loop in small: a letter is only attempted while it waits."""
    of, now, attempted = replace(of, state=LetterState.QUEUED), of.created, []
    for delivery in heard:
        if of.state not in (LetterState.QUEUED, LetterState.DEFERRED):
            break
        now = of.next_try or now
        step = expired(of, now) or after(delivery, of, now, random)
        if expired(of, now) is None:
            attempted.append(delivery.outcome)
        of = applied(step, of, delivery, now)
    assert attempted.count(Outcome.SENT) <= 1
    if of.kind is not LetterKind.TELLING:
        assert Outcome.UNKNOWN not in attempted[:-1]
    assert (of.state is LetterState.SENT) is (Outcome.SENT in attempted)


@given(st.integers(0, 10_000), randoms)
def test_a_first_retry_waits_five_minutes_and_no_wait_is_over_an_hour(attempts: int, random: float) -> None:
    assert timedelta(minutes=5) <= back_off(attempts, random) <= HOUR


def test_waits_double_until_they_reach_their_limit() -> None:
    assert [back_off(tries, 0) // MINUTE for tries in (1, 2, 3, 4, 5, 60)] == [5, 10, 20, 40, 50, 50]


def test_a_wait_differs_from_letter_to_letter() -> None:
    assert back_off(1, 0.0) < back_off(1, 0.5) < back_off(1, 1.0)


def test_a_channel_at_fault_costs_a_letter_no_attempt_and_little_time() -> None:
    step = after(UNREACHABLE, letter(attempts=7), NOON, 1)
    assert step.attempts == 7
    assert step.next_try is not None
    assert step.next_try - NOON <= MINUTE


@pytest.mark.parametrize(
    ("kind", "life"),
    [
        (LetterKind.ACKNOWLEDGEMENT, 12 * HOUR - MINUTE),
        (LetterKind.FOLLOW_UP, timedelta(days=5)),
        (LetterKind.TELLING, None),
    ],
)
def test_each_kind_has_its_life(kind: LetterKind, life: timedelta | None) -> None:
    came = NOON - MINUTE
    assert expiry(kind, came, NOON, 12 * HOUR) == (NOON + life if life else None)


def test_a_letter_that_was_never_tried_is_withdrawn_when_its_time_has_passed() -> None:
    step = expired(letter(), NOON + 13 * HOUR)
    assert step is not None
    assert step.state is LetterState.WITHDRAWN


def test_a_letter_that_was_tried_in_vain_has_failed_when_its_time_has_passed() -> None:
    step = expired(letter(attempts=3, because="RCPT: 450 4.2.0 greylisted"), NOON + 13 * HOUR)
    assert step is not None
    assert (step.state, step.because) == (LetterState.FAILED, "its time passed; RCPT: 450 4.2.0 greylisted")


def test_a_letter_in_its_time_has_not_expired() -> None:
    assert expired(letter(), NOON + 12 * HOUR) is None
    assert expired(TELLING, NOON + timedelta(days=900)) is None


def test_a_last_try_is_made_shortly_before_expiry() -> None:
    step = after(PUT_OFF, letter(attempts=6), NOON + 12 * HOUR - 20 * MINUTE, 0.5)
    assert step.next_try == NOON + 12 * HOUR - MINUTE


def test_there_is_no_try_once_no_time_is_left() -> None:
    step = after(PUT_OFF, letter(attempts=6), NOON + 12 * HOUR - MINUTE, 0.5)
    assert step.state is LetterState.FAILED
    assert "no time is left" in step.because


def test_a_telling_is_tried_for_as_long_as_it_takes() -> None:
    step = after(PUT_OFF, letter(LetterKind.TELLING, attempts=900), NOON + timedelta(days=40), 0.5)
    assert step.state is LetterState.DEFERRED


def test_a_channel_that_rests_too_long_lets_tellings_go_another_way() -> None:
    pause = resting(UNREACHABLE, 3)[-1]
    assert not pause.elsewhere(NOON + ELSEWHERE_AFTER - MINUTE)
    assert pause.elsewhere(NOON + ELSEWHERE_AFTER)


@pytest.mark.parametrize(
    ("of", "state"),
    [
        (ACKNOWLEDGEMENT, LetterState.UNKNOWN),
        (FOLLOW_UP, LetterState.UNKNOWN),
        (TELLING, LetterState.DEFERRED),
    ],
)
def test_a_letter_found_sending_is_of_unknown_fate(of: Letter, state: LetterState) -> None:
    step = found_sending(of, NOON, 0.5)
    assert (step.state, step.attempts) == (state, 1)


def test_a_letter_of_unknown_fate_that_lies_in_sent_was_sent() -> None:
    assert found_in_sent(letter(state=LetterState.UNKNOWN, attempts=1)).state is LetterState.SENT


def test_a_sent_letter_keeps_when_and_under_which_name() -> None:
    kept = applied(after(SENT, ACKNOWLEDGEMENT, NOON, 0), ACKNOWLEDGEMENT, SENT, NOON)
    assert (kept.state, kept.sent_at, kept.provider_id, kept.attempts) == (LetterState.SENT, NOON, "ABC", 1)
    assert kept.raw == ACKNOWLEDGEMENT.raw
    assert kept.message_id == ACKNOWLEDGEMENT.message_id


def test_a_letter_that_was_not_sent_has_no_time_of_sending() -> None:
    assert applied(after(PUT_OFF, ACKNOWLEDGEMENT, NOON, 0), ACKNOWLEDGEMENT, PUT_OFF, NOON).sent_at is None


# the channel


def resting(delivery: Delivery, times: int, every: timedelta = MINUTE) -> list[Pause]:
    """The pauses after the same trouble, met so many times."""
    pauses: list[Pause] = []
    for turn in range(times):
        pause = pause_after(delivery, pauses[-1] if pauses else None, NOON + turn * every, 0)
        assert pause is not None
        pauses.append(pause)
    return pauses


@pytest.mark.parametrize("delivery", [SENT, PUT_OFF, REFUSED])
def test_a_letters_own_trouble_does_not_rest_the_channel(delivery: Delivery) -> None:
    assert pause_after(delivery, resting(BUSY, 3)[-1], NOON, 0.5) is None


@pytest.mark.parametrize("halt", Halt)
def test_the_rests_of_a_channel_grow_up_to_a_limit(halt: Halt) -> None:
    pauses = resting(Delivery(Outcome.DEFERRED, At.CONNECT, pause=halt), 20)
    rests = [pause.until - (NOON + turn * MINUTE) for turn, pause in enumerate(pauses)]
    assert rests == sorted(rests)
    assert rests[1] == 2 * rests[0]
    assert rests[-1] == rests[-2] <= (6 if halt is Halt.CREDENTIALS else 2) * HOUR


def test_refused_credentials_are_tried_again_after_an_hour_and_told_once() -> None:
    first, second = resting(BAD_PASSWORD, 2)
    assert (first.tell, second.tell) == (True, False)
    assert not first.over(NOON + 59 * MINUTE)
    assert first.over(NOON + 72 * MINUTE)


@pytest.mark.parametrize("halt", [Halt.CREDENTIALS, Halt.SIGNED_OUT, Halt.REFUSED, Halt.UNTRUSTED])
def test_what_only_the_owner_can_mend_is_told_at_once(halt: Halt) -> None:
    assert [pause.tell for pause in resting(Delivery(Outcome.DEFERRED, At.AUTH, pause=halt), 3)] == [True, False, False]


def test_a_server_out_of_reach_is_told_after_an_hour_and_once() -> None:
    tells = [pause.tell for pause in resting(UNREACHABLE, 10, every=10 * MINUTE)]
    assert tells == [False] * 6 + [True] + [False] * 3


def test_trouble_of_another_kind_starts_its_own_rests_but_not_the_clock() -> None:
    before = resting(UNREACHABLE, 6, every=10 * MINUTE)[-1]
    pause = pause_after(BUSY, before, NOON + HOUR, 0)
    assert pause is not None
    assert (pause.times, pause.since, pause.tell) == (1, NOON, True)


@given(st.sampled_from(Halt), st.integers(0, 40), moments, randoms)
def test_a_rest_ends_in_the_future(halt: Halt, times: int, now: datetime, random: float) -> None:
    before = Pause(halt, now, now, times, "")
    pause = pause_after(Delivery(Outcome.DEFERRED, At.CONNECT, pause=halt), before, now, random)
    assert pause is not None
    assert pause.until > now
    assert not pause.over(now)


# the breaker


def minutes_ago(*minutes: float) -> list[datetime]:
    return [NOON - many * MINUTE for many in minutes]


@pytest.mark.parametrize(
    ("wanted", "tripped", "expected"),
    [
        ([], None, Ruling(hold=False)),
        ([1, 2], None, Ruling(hold=False)),
        ([1, 2, 3], None, Ruling(hold=False)),
        ([1, 2, 3, 59.9], None, Ruling(hold=True, tell=True, tripped=NOON)),
        ([1, 2, 3, 60], None, Ruling(hold=False)),
        ([1, 2, 3, 4, 5], NOON - HOUR, Ruling(hold=True, tell=False, tripped=NOON - HOUR)),
        ([1, 2], NOON - HOUR, Ruling(hold=True, tell=False, tripped=NOON - HOUR)),
        ([1], NOON - HOUR, Ruling(hold=False)),
    ],
)
def test_the_breaker_holds_letters_past_their_number_in_a_rolling_hour(
    wanted: list[float], tripped: datetime | None, expected: Ruling
) -> None:
    assert breaker(minutes_ago(*wanted), 4, NOON, tripped) == expected


@given(st.lists(st.integers(0, 600), max_size=200), st.integers(1, 10))
def test_no_more_letters_than_the_number_leave_within_any_hour_and_each_trip_is_told_once(
    offsets: list[int], at_most: int
) -> None:
    wanted: list[datetime] = []
    left: list[datetime] = []
    told, trips, state = 0, 0, Ruling(hold=False)
    for at in sorted(NOON + offset * MINUTE for offset in offsets):
        before, state = state, breaker(wanted, at_most, at, state.tripped)
        told, trips = told + state.tell, trips + (state.hold and not before.hold)
        wanted.append(at)
        left += [] if state.hold else [at]
    assert told == trips
    assert all(sum(1 for other in left if at - HOUR < other <= at) <= at_most for at in left)


# Sent


@pytest.mark.parametrize(
    ("host", "choice", "who"),
    [
        ("smtp.gmail.com", None, Filing.PROVIDER),
        ("SMTP.Gmail.com.", None, Filing.PROVIDER),
        ("smtp.office365.com", None, Filing.PROVIDER),
        ("smtp-mail.outlook.com", None, Filing.PROVIDER),
        ("smtp.zoho.eu", None, Filing.PROVIDER),
        ("smtp-relay.gmail.com", None, Filing.OURSELVES),
        ("smtp.gmail.com.evil.example", None, Filing.OURSELVES),
        ("smtp.harbour.example", None, Filing.OURSELVES),
        ("smtp.gmail.com", Filing.OURSELVES, Filing.OURSELVES),
        ("127.0.0.1", Filing.PROVIDER, Filing.PROVIDER),
    ],
)
def test_a_letter_is_filed_by_one_of_two(host: str, choice: Filing | None, who: Filing) -> None:
    assert filing(host, choice) is who
