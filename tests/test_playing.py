"""Mails and a clock of one's own: what a daemon would have done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.shop import COMPLAINT, FRIDAY, PRAISE, reply, setting, written
from troth.desk.playing import Entry, Play, What
from troth.model import Mode

HOUR = timedelta(hours=1)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    made = Play(setting(tmp_path), FRIDAY, mode=Mode.SEND)
    yield made
    made.close()


def letters(entries: Sequence[Entry], what: What = What.LETTER) -> list[tuple[str | None, timedelta]]:
    """Which letters left, and how long after the first mail."""
    return [(entry.letter, entry.at - FRIDAY) for entry in entries if entry.what is what]


def test_a_complaint_is_played_from_its_case_to_the_tellings_of_the_day(play: Play) -> None:
    opened = play.feed(FRIDAY, written(COMPLAINT))
    later = play.advance(FRIDAY + 8 * HOUR)
    assert [(entry.what, entry.client) for entry in opened] == [(What.CASE, "jo@client.example")]
    assert letters(later) == [("complaint/acknowledgement", timedelta(minutes=2))]
    assert letters(later, What.TELLING) == [
        ("colleague/severe", timedelta()),
        ("colleague/waiting", 2 * HOUR),
        ("colleague/before-close", timedelta(hours=6, minutes=45)),
    ]


def test_an_acknowledgement_says_what_made_it_so(play: Play) -> None:
    play.feed(FRIDAY, written(COMPLAINT))
    letter = next(entry for entry in play.advance(FRIDAY + HOUR) if entry.what is What.LETTER)
    assert letter.because.startswith("complaint, sure (")
    assert letter.to == letter.client == "jo@client.example"
    assert letter.written is not None
    assert letter.written.raw


def test_an_answer_in_sent_ends_what_was_planned(play: Play) -> None:
    mail = written(COMPLAINT)
    play.feed(FRIDAY, mail)
    answered = play.feed(FRIDAY + HOUR, reply(mail, "I am sorry, here is your money.", FRIDAY + HOUR), sent=True)
    later = play.advance(FRIDAY + 8 * HOUR)
    assert [entry.because for entry in answered if entry.what is What.CASE] == [
        "answered: a colleague wrote to the client"
    ]
    assert letters(later, What.TELLING) == []


def test_what_falls_due_before_a_mail_comes_first(play: Play) -> None:
    play.feed(FRIDAY, written(COMPLAINT))
    entries = play.feed(FRIDAY + HOUR, written(PRAISE, sender="kit@other.example"))
    assert letters(entries) == [("complaint/acknowledgement", timedelta(minutes=2)), ("praise/thank-you", HOUR)]


def test_letters_count_against_a_clients_budget(play: Play) -> None:
    play.feed(FRIDAY, written(PRAISE))
    again = play.feed(FRIDAY + HOUR, written(PRAISE, subject="Posters"))
    assert [(entry.what, entry.because) for entry in again] == [(What.WITHHELD, "limit"), (What.NO_LETTER, "limit")]


def test_a_mail_without_a_letter_gives_its_reason(play: Play) -> None:
    entries = play.feed(FRIDAY, written("Our news of the week.", List_Id="<news.client.example>", Precedence="list"))
    assert [(entry.what, entry.because) for entry in entries] == [(What.NO_LETTER, "list")]


def test_in_the_mode_of_the_configuration_nothing_leaves_an_observed_inbox(tmp_path: Path) -> None:
    play = Play(setting(tmp_path), FRIDAY)
    play.feed(FRIDAY, written(COMPLAINT))
    later = play.advance(FRIDAY + 3 * HOUR)
    play.close()
    assert letters(later) == []
    assert "observe" in [entry.because for entry in later if entry.what is What.NO_LETTER]
    assert letters(later, What.TELLING) == [("colleague/severe", timedelta()), ("colleague/waiting", 2 * HOUR)]


def test_past_the_circuit_breaker_letters_are_held_and_the_owner_is_told(tmp_path: Path) -> None:
    play = Play(setting(tmp_path, change=("letters: {", "letters: {at_most: 2 per hour, ")), FRIDAY, mode=Mode.SEND)
    entries = [
        entry for number in range(3) for entry in play.feed(FRIDAY, written(PRAISE, sender=f"n{number}@other.example"))
    ]
    play.close()
    assert [entry.because for entry in entries if entry.what is What.LETTER and "held" in entry.because] == [
        "held: more than 2 letters to clients within an hour"
    ]
    assert ("colleague/breaker", timedelta()) in letters(entries, What.TELLING)


def test_tellings_overdue_after_downtime_leave_once_when_it_wakes(play: Play) -> None:
    play.feed(FRIDAY, written(COMPLAINT))
    found = play.wake_up(FRIDAY + 5 * HOUR)
    assert letters(found, What.TELLING) == [("colleague/waiting", 5 * HOUR)]


def test_a_mail_that_lay_there_during_downtime_keeps_its_moment_of_arrival(play: Play) -> None:
    play.wake_up(FRIDAY + 20 * HOUR)
    entries = play.feed(FRIDAY + 20 * HOUR, written(COMPLAINT), arrived=FRIDAY)
    assert "too old" in [entry.because for entry in entries if entry.what is What.NO_LETTER]
    assert play.store.open_cases()[0].received_at == FRIDAY


def test_the_clock_never_goes_back(play: Play) -> None:
    play.advance(FRIDAY + HOUR)
    play.feed(FRIDAY, written(COMPLAINT))
    assert play.now == FRIDAY + HOUR


def test_a_mail_that_comes_again_changes_nothing_and_is_said_so(play: Play) -> None:
    mail = written(PRAISE)
    play.feed(FRIDAY, mail)
    again = play.feed(FRIDAY + HOUR, mail)
    assert [(entry.what, entry.because) for entry in again] == [(What.NO_LETTER, "already seen")]
