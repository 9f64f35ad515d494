"""Writes before_close.csv: 200 moments and the moment that lies `lead` before the closing of their business day.

Made without troth: it walks a fortnight minute by minute, reads the clock on the wall at each, and looks at which
minutes were open. Public holidays are written here by hand. Run `python tests/make_before_close.py` to make it anew.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@dataclass(frozen=True)
class Shop:
    name: str
    zone: str
    hours: dict[str, str]
    days_off: tuple[str, ...]


LONDON = Shop(
    "printer",
    "Europe/London",
    dict.fromkeys(["mon", "tue", "wed", "thu"], "09:00-12:30 13:30-17:30") | {"fri": "09:00-15:00"},
    (
        *("2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31"),
        *("2026-12-24", "2026-12-25", "2026-12-26", "2026-12-27", "2026-12-28", "2026-12-29", "2026-12-30"),
        *("2026-12-31", "2027-01-01"),
    ),
)
ST_JOHNS = Shop(
    "fishmonger",
    "America/St_Johns",
    dict.fromkeys(NAMES, "08:00-20:00") | {"sun": "00:30-04:30 12:00-18:00", "wed": "08:00-12:00"},
    ("2026-07-01", "2026-12-25", "2026-12-26"),
)
KATHMANDU = Shop(
    "bookshop",
    "Asia/Kathmandu",
    dict.fromkeys(["sun", "mon", "tue", "wed", "thu"], "10:00-13:00 13:45-17:00") | {"fri": "10:00-15:00"},
    ("2026-04-14", "2026-10-18", "2026-10-19", "2026-10-20", "2026-10-21"),
)
LORD_HOWE = Shop(
    "bakery",
    "Australia/Lord_Howe",
    dict.fromkeys(NAMES, "09:15-16:45") | {"sun": "01:00-03:30 10:00-12:00", "tue": "10:00-10:30"},
    ("2026-01-26", "2026-04-25", "2026-12-25"),
)
CAIRO = Shop(
    "café",
    "Africa/Cairo",
    dict.fromkeys(NAMES, "10:00-14:00 16:00-24:00") | {"fri": "00:00-02:00 18:00-24:00"},
    ("2026-04-25", "2026-07-23", "2026-10-06"),
)

SHOPS = {shop.name: shop for shop in (LONDON, ST_JOHNS, KATHMANDU, LORD_HOWE, CAIRO)}

DAYS = {
    "normal": [(LONDON, "2026-06-09"), (ST_JOHNS, "2026-06-08"), (LORD_HOWE, "2026-08-12"), (CAIRO, "2026-02-03")],
    "short": [(LONDON, "2026-06-12"), (ST_JOHNS, "2026-09-16"), (KATHMANDU, "2026-05-15"), (LORD_HOWE, "2026-06-16")],
    "split": [(LONDON, "2026-09-02"), (KATHMANDU, "2026-03-11"), (CAIRO, "2026-08-06"), (CAIRO, "2026-08-07")],
    "holiday": [
        *((LONDON, day) for day in ("2026-04-03", "2026-12-23", "2026-12-24", "2026-08-31")),
        *((KATHMANDU, "2026-10-17"), (KATHMANDU, "2026-10-18"), (ST_JOHNS, "2026-12-25"), (CAIRO, "2026-10-06")),
    ],
    "weekend": [(LONDON, "2026-06-13"), (LONDON, "2026-06-14"), (KATHMANDU, "2026-05-16"), (LONDON, "2026-11-15")],
    "dst": [
        *((LONDON, "2026-03-28"), (LONDON, "2026-03-29"), (LONDON, "2026-10-24"), (LONDON, "2026-10-25")),
        *((ST_JOHNS, "2026-03-07"), (ST_JOHNS, "2026-03-08"), (ST_JOHNS, "2026-10-31"), (ST_JOHNS, "2026-11-01")),
        *((LORD_HOWE, "2026-04-05"), (LORD_HOWE, "2026-10-03"), (LORD_HOWE, "2026-10-04")),
        *((CAIRO, "2026-04-23"), (CAIRO, "2026-04-24"), (CAIRO, "2026-10-29"), (CAIRO, "2026-10-30")),
    ],
}  # fmt: skip
LEADS = ["45 minutes", "45 minutes", "2 hours", "6 hours", "90 seconds", "1 business hour", "3 business hours"]


def is_open(shop: Shop, wall: datetime) -> bool:
    clock = wall.strftime("%H:%M")
    if wall.date().isoformat() in shop.days_off:
        return False
    spans = shop.hours.get(NAMES[wall.weekday()], "").split()
    return any(span[:5] <= clock < span[6:] for span in spans)


def open_minutes(shop: Shop, at: datetime) -> dict[date, list[datetime]]:
    """The open minutes of two days before until two weeks after, by the date on the wall."""
    found: dict[date, list[datetime]] = {}
    for step in range(-2 * 1440, 14 * 1440):
        wall = (at + step * MINUTE).astimezone(ZoneInfo(shop.zone))
        if is_open(shop, wall):
            found.setdefault(wall.date(), []).append(at + step * MINUTE)
    return found


def before_close(shop: Shop, at: datetime, lead: str) -> datetime:
    days = open_minutes(shop, at)
    closing = min(minutes[-1] + MINUTE for minutes in days.values() if minutes[-1] + MINUTE > at)
    number, unit = lead.split(" ", 1)
    if unit.startswith("business"):
        earlier = [minute for minutes in days.values() for minute in minutes if minute < closing]
        return max(at, sorted(earlier)[-60 * int(number)])
    seconds = {"seconds": 1, "minutes": 60, "hours": 3600}[unit]
    return max(at, closing - timedelta(seconds=int(number) * seconds))


def rows() -> Iterator[list[str]]:
    chance = random.Random(20261122)  # noqa: S311  # picks sample moments, the same ones each time
    for kind, days in DAYS.items():
        for index in range(35 if kind == "dst" else 33):
            shop, day = days[index % len(days)]
            midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(shop.zone)).astimezone(UTC)
            at = midnight + chance.randrange(25 * 60) * MINUTE
            lead = chance.choice(LEADS)
            yield [kind, shop.name, at.isoformat(), lead, before_close(shop, at, lead).isoformat()]


def main() -> None:
    with Path(__file__).with_name("before_close.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["kind", "shop", "at", "lead", "before close"])
        writer.writerows(rows())


if __name__ == "__main__":
    main()
