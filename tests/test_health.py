"""/healthz and /metrics: what somebody who watches the daemon is told."""

from __future__ import annotations

import os
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.shop import COMPLAINT, FRIDAY, PLAIN, Shop, written
from troth.app.health import Health, Look
from troth.config import load
from troth.store import LETTERS, InboxState

HOUR = timedelta(hours=1)
POLL = timedelta(minutes=1)


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path) as made:
        yield made


def look(shop_: Shop, now: datetime, started: datetime = FRIDAY) -> Look:
    config = load(shop_.folder / "config.yaml", environ={}, letters=False).config
    assert config is not None
    return Look(shop_.store, lambda: config, lambda: now, started)


def got(health: Health, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{health.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize(
    ("state", "synced", "ailing"),
    [
        ("watching", FRIDAY + HOUR, False),
        ("watching", FRIDAY + HOUR - 2 * POLL, False),
        ("watching", FRIDAY, True),
        ("retrying", FRIDAY + HOUR - POLL, False),
        ("retrying", FRIDAY, True),
        ("retrying", None, True),
    ],
    ids=["just now", "two cycles ago", "hangs", "retrying for a moment", "retrying for long", "never reached"],
)
def test_an_inbox_is_well_while_it_was_looked_at_within_two_cycles(
    open_shop: Shop, state: str, synced: datetime | None, *, ailing: bool
) -> None:
    open_shop.store.state(InboxState("hello", "inbox", state, synced, None))
    assert bool(look(open_shop, FRIDAY + HOUR).ailments()) is ailing


def test_a_daemon_that_has_just_started_has_time_to_look(open_shop: Shop) -> None:
    open_shop.store.state(InboxState("hello", "inbox", "retrying", None, "refused"))
    assert look(open_shop, FRIDAY + POLL).ailments() == []
    assert look(open_shop, FRIDAY + HOUR).ailments() == ["hello: inbox retrying, refused"]


def test_an_inbox_that_was_never_looked_at_is_ailing(open_shop: Shop) -> None:
    assert look(open_shop, FRIDAY + HOUR).ailments() == ["hello: not looked at yet"]


def test_a_store_that_is_gone_is_an_ailment_and_not_an_error(open_shop: Shop) -> None:
    (open_shop.folder / "state/troth.db").unlink()
    (words,) = look(open_shop, FRIDAY).ailments()
    assert words.startswith("store: ")


def test_healthz_answers_200_while_well_and_503_with_the_reason(open_shop: Shop) -> None:
    open_shop.store.state(InboxState("hello", "inbox", "watching", FRIDAY, None))
    with closing(Health(("127.0.0.1", 0), look(open_shop, FRIDAY))) as health:
        assert got(health, "/healthz") == (200, "well\n")
    with closing(Health(("127.0.0.1", 0), look(open_shop, FRIDAY + HOUR))) as health:
        assert got(health, "/healthz") == (503, "hello: inbox watching, not looked at lately\n")


def test_metrics_count_what_status_counts_and_name_no_client(open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT), written(PLAIN, sender="kit@other.example"))
    open_shop.store.state(InboxState("hello", "inbox", "watching", FRIDAY, None))
    with closing(Health(("127.0.0.1", 0), look(open_shop, FRIDAY + POLL))) as health:
        code, text = got(health, "/metrics")
    assert code == 200
    assert 'troth_mails{inbox="hello",standing="pending"} 1.0' in text
    assert 'troth_mails{inbox="hello",standing="no_letter"} 1.0' in text
    assert 'troth_cases{state="waiting"} 1.0' in text
    assert 'troth_sync_age_seconds{folder="inbox",inbox="hello"} 60.0' in text
    assert "client.example" not in text


def test_other_paths_are_not_there(open_shop: Shop) -> None:
    with closing(Health(("127.0.0.1", 0), look(open_shop, FRIDAY))) as health:
        assert got(health, "/../etc/passwd")[0] == 404


def test_a_port_that_is_taken_is_said_at_once(open_shop: Shop) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match=os.strerror(98)):
            Health(("127.0.0.1", taken.getsockname()[1]), look(open_shop, FRIDAY))


@pytest.mark.parametrize(
    ("state", "since", "ailing"),
    [("watching", None, False), ("retrying", FRIDAY + HOUR - POLL, False), ("retrying", FRIDAY, True)],
    ids=["letters leave", "they wait for a moment", "they wait for long"],
)
def test_letters_that_cannot_leave_for_long_are_an_ailment(
    open_shop: Shop, state: str, since: datetime | None, *, ailing: bool
) -> None:
    for folder in ("inbox", "sent"):
        open_shop.store.state(InboxState("hello", folder, "watching", FRIDAY + HOUR, None))
    open_shop.store.state(InboxState("hello", LETTERS, state, since, None))
    found = [words for words in look(open_shop, FRIDAY + HOUR).ailments() if words.startswith("hello")]
    assert bool(found) is ailing


def test_what_is_configured_no_longer_is_no_ailment_and_has_no_age(open_shop: Shop) -> None:
    config = open_shop.folder / "config.yaml"
    config.write_text(config.read_text().replace("    mode:", "    watch: [sent]\n    mode:", 1))
    open_shop.store.state(InboxState("hello", "sent", "watching", FRIDAY + HOUR, None))
    for inbox, folder in (("hello", "inbox"), ("hello", LETTERS), ("hello", "praise"), ("gone", "inbox")):
        open_shop.store.state(InboxState(inbox, folder, "retrying", FRIDAY, "the server does not answer"))
    looked = look(open_shop, FRIDAY + HOUR)
    assert looked.ailments() == []
    with closing(Health(("127.0.0.1", 0), looked)) as health:
        _, text = got(health, "/metrics")
    assert re.findall("troth_sync_age_seconds{(.*)}", text) == ['folder="sent",inbox="hello"']
