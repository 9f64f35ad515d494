"""What may leave while folders have not been read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from troth.desk.sight import ELSEWHERE, PATIENCE, Sight, Watched
from troth.model import LetterKind

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
HELLO = (Watched("hello", "inbox", sent=False, poll=MINUTE), Watched("hello", "sent", sent=True, poll=MINUTE))
SAM = Watched("sam", "sent", sent=True, poll=MINUTE)
FIRST, LATER, TELLING = LetterKind.ACKNOWLEDGEMENT, LetterKind.FOLLOW_UP, LetterKind.TELLING


def sight(*read: str, sam: bool = False) -> Sight:
    """A start at NOW, with these folders of hello read a second after."""
    found = Sight(NOW)
    found.watch((*HELLO, SAM) if sam else HELLO, NOW)
    for folder in read:
        found.read("hello", folder, NOW + SECOND)
    return found


def test_nobody_is_told_before_every_folder_has_been_read_once() -> None:
    assert not sight().tells(NOW + SECOND)
    assert not sight("inbox").tells(NOW + SECOND)
    assert sight("inbox", "sent").tells(NOW + SECOND)


def test_a_folder_that_cannot_be_read_keeps_tellings_for_two_minutes_and_no_longer() -> None:
    start = sight("inbox")
    assert not start.tells(NOW + PATIENCE - SECOND)
    assert start.tells(NOW + PATIENCE)


def test_what_was_once_begun_is_not_held_up_again_by_an_outage() -> None:
    start = sight("inbox", "sent")
    assert start.tells(NOW + SECOND)
    assert start.tells(NOW + 5 * HOUR)


def test_a_clock_that_is_set_back_after_the_start_does_not_hold_tellings_back() -> None:
    assert sight("inbox").tells(NOW - HOUR)


def test_after_time_that_passed_unseen_every_folder_is_read_again_before_anybody_is_told() -> None:
    start = sight("inbox", "sent")
    assert start.tells(NOW + SECOND)
    start.blink(NOW + 60 * HOUR)
    assert not start.tells(NOW + 60 * HOUR)
    assert start.writes("hello", FIRST, NOW + 60 * HOUR) is None
    for folder in ("inbox", "sent"):
        start.read("hello", folder, NOW + 60 * HOUR + SECOND)
    assert start.tells(NOW + 60 * HOUR + SECOND)
    assert start.writes("hello", LATER, NOW + 60 * HOUR + SECOND) is not None


@pytest.mark.parametrize(
    ("read", "kind", "may"),
    [
        ((), TELLING, True),
        ((), FIRST, False),
        (("inbox",), FIRST, False),
        (("sent",), FIRST, True),
        (("sent",), LATER, False),
        (("inbox", "sent"), LATER, True),
    ],
)
def test_letters_wait_for_the_folders_whose_mails_would_forbid_them(
    read: tuple[str, ...], kind: LetterKind, may: bool
) -> None:
    assert (sight(*read).writes("hello", kind, NOW + MINUTE) is not None) is may


def test_letters_wait_for_ever_while_their_own_sent_cannot_be_read() -> None:
    start = sight("inbox", "sent")
    assert start.writes("hello", FIRST, NOW + 3 * MINUTE) is not None
    assert start.writes("hello", FIRST, NOW + 4 * MINUTE) is None
    assert start.writes("hello", FIRST, NOW + 100 * HOUR) is None
    start.read("hello", "sent", NOW + 100 * HOUR)
    assert start.writes("hello", FIRST, NOW + 100 * HOUR) is not None


def test_letters_wait_an_hour_for_the_sent_of_a_colleague() -> None:
    start = sight("inbox", "sent", sam=True)
    assert start.writes("hello", FIRST, NOW + MINUTE) is None
    start.read("hello", "sent", NOW + ELSEWHERE)
    assert start.writes("hello", FIRST, NOW + ELSEWHERE - SECOND) is None
    assert start.writes("hello", FIRST, NOW + ELSEWHERE) is not None


def test_a_look_in_the_future_of_a_clock_that_was_set_back_counts_for_nothing() -> None:
    start = sight("inbox", "sent")
    assert start.writes("hello", FIRST, NOW - HOUR) is None


def test_a_folder_that_is_looked_at_seldom_is_fresh_for_longer() -> None:
    start = Sight(NOW)
    start.watch([Watched("hello", "sent", sent=True, poll=10 * MINUTE)], NOW)
    start.read("hello", "sent", NOW)
    assert start.writes("hello", FIRST, NOW + 30 * MINUTE) is not None
    assert start.writes("hello", FIRST, NOW + 31 * MINUTE) is None


def test_a_letter_is_known_to_be_older_than_the_first_look_after_an_outage() -> None:
    start = sight("inbox", "sent")
    start.read("hello", "sent", NOW + MINUTE)
    assert start.writes("hello", FIRST, NOW + MINUTE) == NOW + SECOND
    start.read("hello", "sent", NOW + HOUR)
    assert start.writes("hello", FIRST, NOW + HOUR) == NOW + HOUR
