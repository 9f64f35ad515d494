"""Fixtures that more than one test module needs."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from typing import NoReturn, TypeVar

import pytest

from tests.servers import Dovecot, Missing, Postgres

Server = TypeVar("Server", Dovecot, Postgres)


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """What a test has the log sent to ends with that test."""
    log = logging.getLogger("troth")
    before = log.handlers[:], log.level, log.propagate
    yield
    log.handlers[:], log.propagate = before[0], before[2]
    log.setLevel(before[1])


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A running Dovecot. It is shared: each test makes users of its own."""
    yield from running(Dovecot)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL. It is shared: each test has a database of its own."""
    yield from running(Postgres)


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """The URL of an empty database: postgresql+psycopg://…"""
    return postgres.fresh_database()


def running(make: Callable[[], Server]) -> Iterator[Server]:
    try:
        server = make()
    except Missing as why:
        unavailable(why)
    try:
        server.start()
    except Missing as why:
        server.remove()
        unavailable(why)
    yield server
    server.remove()


def unavailable(why: Missing) -> NoReturn:
    """Where CI promises the server its absence is a failure; anywhere else the tests that need it are skipped."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(why))
