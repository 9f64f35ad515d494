"""Clocks that are set and machines that sleep are noticed, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from troth.app.stepping import Stepping

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def after(passed: float, shown: float, stepping: Stepping | None = None) -> timedelta | None:
    """What is made of a clock that shows so many seconds more, when so many have passed."""
    return (stepping or Stepping(NOW, 100.0)).by(NOW + timedelta(seconds=shown), 100.0 + passed)


@pytest.mark.parametrize("drift", [0, 1, -4])
def test_time_that_passes_is_no_step(drift: int) -> None:
    assert after(3600, 3600 + drift) is None


@pytest.mark.parametrize("step", [-3600, 8 * 3600, 86400, 6])
def test_a_step_is_noticed_once(step: int) -> None:
    stepping = Stepping(NOW, 100.0)
    assert after(5, 5 + step, stepping) == timedelta(seconds=step)
    assert after(10, 10 + step, stepping) is None


def test_a_clock_that_is_corrected_bit_by_bit_is_a_step_once_it_is_far_off() -> None:
    stepping = Stepping(NOW, 100.0)
    assert after(5, 8, stepping) is None
    assert after(10, 16, stepping) == timedelta(seconds=6)
