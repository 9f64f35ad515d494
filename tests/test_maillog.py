"""The log: one line for each thing that happened, and no word of a client in it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.shop import COMPLAINT, Shop, reply, written
from troth.maillog import Maillog, line, start_logging


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged at INFO."""
    out = io.StringIO()
    start_logging("INFO", out)
    yield out
    logging.getLogger("troth").handlers.clear()
    logging.getLogger("troth").setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        (7, "7"),
        ("two words", '"two words"'),
        ('say "so"', '"say \\"so\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("", '""'),
        ("a=b", '"a=b"'),
        ("x\ny key=forged", '"x\\\\u000ay key=forged"'),
        ("\x1b[2J", '"\\\\u001b[2J"'),
        ("\u202eback", '"\\\\u202eback"'),
        ("\x9b31m", '"\\\\u009b31m"'),
        ("a\u2028b", '"a\\\\u2028b"'),
    ],
)
def test_a_value_is_quoted_and_escaped_so_that_no_line_can_be_forged(value: object, written: str) -> None:
    assert line("event", [("key", value)]) == f"event key={written}"


def test_a_fact_that_is_not_known_is_left_out() -> None:
    assert line("event", [("case", None), ("uid", 1)]) == "event uid=1"


def test_a_line_begins_with_its_moment_in_utc_and_its_level(log: io.StringIO) -> None:
    Maillog().stopped()
    moment, level, event = log.getvalue().split()
    assert moment.endswith("Z")
    assert (level, event) == ("INFO", "stopped")


def test_no_word_of_a_client_is_logged_on_any_way_of_his_mail(log: io.StringIO, tmp_path: Path) -> None:
    mail = written(
        COMPLAINT, sender="Josephine Marsh <jo@client.example>", subject="Scandal", Message_ID="<id@x.example>"
    )
    with Shop(tmp_path) as shop:
        shop.take(mail)
        shop.wait(timedelta(hours=3))
        shop.take(reply(mail, "Sorry.", shop.now), sent=True)
        shop.take(written("Thanks, all sorted.", shop.now, In_Reply_To="<id@x.example>"))
    said = log.getvalue().lower()
    assert said.count("mail recorded") == 3
    assert "follow-up reconsidered" in said
    for word in ("josephine", "jo@client.example", "scandal", "id@x.example", "money", "1182", "sorted"):
        assert word not in said


def test_what_goes_wrong_over_a_mail_is_named_by_its_kind_alone(log: io.StringIO) -> None:
    Maillog().faulted("hello", "INBOX", 7, 1, ValueError("jo@client.example wrote this"))
    Maillog().tick_failed("review", KeyError("secret"))
    said = log.getvalue()
    assert said.count("\n") == 2
    assert "error=ValueError" in said
    assert "uid=7" in said
    assert "client.example" not in said
    assert "secret" not in said
