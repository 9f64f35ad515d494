"""The daemon's ticks, on a clock that is set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from tests.shop import COMPLAINT, Shop, written
from troth import clock
from troth.app.daemon import Daemon
from troth.config import load

HOUR = timedelta(hours=1)


@pytest.fixture
def ticks(tmp_path: Path) -> Iterator[tuple[Daemon, BackgroundScheduler, Shop]]:
    with Shop(tmp_path) as shop:
        found = load(tmp_path / "config.yaml", environ={"HELLO_PASSWORD": "x"}, letters=False)
        assert found.config is not None
        daemon = Daemon(tmp_path / "config.yaml", found.config, found, shop.store)
        scheduler = daemon._scheduler()  # noqa: SLF001 - what it runs shows itself to nobody for an hour
        scheduler.start(paused=True)
        yield daemon, scheduler, shop
        scheduler.shutdown()


def moments(scheduler: BackgroundScheduler) -> dict[str, datetime]:
    return {("retention" if job.id == "retention" else "other"): job.next_run_time for job in scheduler.get_jobs()}


def text(shop: Shop) -> str:
    with shop.store.reading() as book:
        seen = book.seen_by_message_id("<jo@client.example>")
    assert seen is not None
    return seen.text


def test_words_are_given_up_by_a_daemon_that_is_up_for_an_hour(
    ticks: tuple[Daemon, BackgroundScheduler, Shop],
) -> None:
    _, scheduler, shop = ticks
    shop.now = clock.now() - timedelta(days=100)
    shop.take(written(COMPLAINT, shop.now, Message_ID="<jo@client.example>"))
    assert moments(scheduler)["retention"] - clock.now() <= HOUR
    assert text(shop) == COMPLAINT
    scheduler.get_job("retention").func()
    assert text(shop) == ""


def test_a_clock_set_forth_gives_up_no_words_before_it_has_stood_for_an_hour(
    ticks: tuple[Daemon, BackgroundScheduler, Shop],
) -> None:
    daemon, scheduler, _ = ticks
    wrong = clock.now() + timedelta(days=4000)
    daemon._stepped(timedelta(days=4000), wrong, scheduler)  # noqa: SLF001 - no test may set the machine's clock
    assert moments(scheduler) == {"retention": wrong + HOUR, "other": wrong}
