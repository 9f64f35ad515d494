"""One budget per client over all automatic letters."""

from __future__ import annotations

from datetime import datetime

from troth.hours import Hours, Rate
from troth.model import LetterKind, Mode, Relationship, Written
from troth.policy.business import Business
from troth.relationship import counted


def over_budget(
    relationship: Relationship, kind: LetterKind, business: Business, mode: Mode, now: datetime
) -> tuple[str, datetime] | None:
    """Which budget one more letter of this kind would break, in words, and when it would not any more."""
    budgets, hours = business.budgets, business.hours
    letters = [written for written in relationship.written if counted(written, mode)]
    of_kind = [written for written in letters if written.kind is kind]
    own = budgets.acknowledgement if kind is LetterKind.ACKNOWLEDGEMENT else budgets.follow_up
    broken = [
        (f"{rate} for {name}", free)
        for name, rate, counting in ((kind.replace("_", "-"), own, of_kind), ("any letter", budgets.any, letters))
        if (free := _free_at(rate, counting, hours)) is not None and free > now
    ]
    return max(broken, key=lambda pair: pair[1]) if broken else None


def _free_at(rate: Rate, letters: list[Written], hours: Hours) -> datetime | None:
    """When the window lets one more through: the letter that has to leave the window first, plus the window."""
    if len(letters) < rate.count:
        return None
    leaving = sorted(written.decided_at for written in letters)[len(letters) - rate.count]
    return hours.later(leaving, rate.window)
