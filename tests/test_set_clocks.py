"""The same business on a machine whose clock is set back and forth, and which sleeps: mail servers keep their own."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from tests.test_any_order import HOUR, Business, _acknowledges, _names
from troth.desk.playing import What
from troth.model import CaseState


class SetClocks(Business):
    """`ahead` is how far the machine's clock is ahead of the mail server's, which stamps what comes."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = timedelta(0)

    @property
    def server(self) -> datetime:
        return self.now - self.ahead

    def feed(self, raw: bytes, *, sent: bool = False) -> None:
        assert self.play is not None
        self.entries += self.play.feed(self.now, raw, sent=sent, inbox="hello", arrived=self.server)

    @precondition(lambda self: self.ahead > -3 * HOUR)
    @rule()
    def the_clock_is_set_back_by_an_hour(self) -> None:
        self._set(-HOUR)

    @precondition(lambda self: self.ahead <= 0 * HOUR)
    @rule()
    def the_clock_is_set_forward_by_a_day(self) -> None:
        self._set(24 * HOUR)

    @precondition(lambda self: self.ahead)
    @rule()
    def the_clock_is_put_right(self) -> None:
        self._set(-self.ahead)

    @rule(hours=st.integers(1, 100))
    def the_machine_sleeps(self, hours: int) -> None:
        assert self.play is not None
        self.entries += self.play.wake_up(self.now + hours * HOUR)

    def _set(self, by: timedelta) -> None:
        assert self.play is not None
        self.ahead += by
        self.entries += self.play.set_clock(self.now + by)

    @invariant()
    def nobody_gets_more_letters_than_his_budget(self) -> None:
        """By the clock of their moment: a clock that goes wrong by a day cannot be told from a day that passed."""
        for who in {entry.to for entry in self.entries if entry.to and entry.written}:
            first = sorted(entry.at for entry in self.entries if entry.to == who and _acknowledges(entry))
            assert all(later - before >= 24 * HOUR for before, later in pairwise(first))

    @invariant()
    def no_letter_leaves_twice(self) -> None:
        left = [entry.written.key for entry in self.entries if entry.what is What.LETTER and entry.written]
        assert len(set(left)) == len(left)

    @invariant()
    def nobody_is_asked_after_he_wrote_again(self) -> None:
        """In the order in which things came, whatever any clock said of it."""
        for letter in self.left("complaint/put-right"):
            of = [entry for entry in self.entries[: self.entries.index(letter)] if entry.case == letter.case]
            changes = [entry.because for entry in of if entry.what is What.CASE]
            assert changes[-1].startswith("answered")

    @invariant()
    def a_complaint_that_waits_was_told_by_its_deadline(self) -> None:
        hours = self.house.business.hours
        for who, case in self.cases():
            over = max(hours.closing(case.received_at), case.snoozed_until or case.received_at)
            if case.state is CaseState.WAITING and over < min(self.now, self.server):
                told = [entry for entry in self.entries if entry.what is What.TELLING and _names(entry, who)]
                assert told, f"nobody was told of {who} by {self.now}"


TestSetClocks = SetClocks.TestCase
TestSetClocks.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
