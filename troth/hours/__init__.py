"""Business time: durations, opening hours, holidays, and what they make of a moment. Pure."""

from troth.hours.duration import Duration, Rate, Unit, duration, rate
from troth.hours.holiday import Holidays, public_holidays
from troth.hours.opening import Hours, NeverOpens, Opening
from troth.hours.week import Span, Week, dates, days_of, spans_of, week

__all__ = [
    "Duration",
    "Holidays",
    "Hours",
    "NeverOpens",
    "Opening",
    "Rate",
    "Span",
    "Unit",
    "Week",
    "dates",
    "days_of",
    "duration",
    "public_holidays",
    "rate",
    "spans_of",
    "week",
]
