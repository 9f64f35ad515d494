"""The store in PostgreSQL: two daemons on it at once, and what it says when it cannot be used."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, StaticPool, create_engine, insert, select, text

from tests.servers import Postgres, free_ports
from tests.test_store_contract import (
    JO,
    JO_AT_MARSH,
    MINUTE,
    NOW,
    PAT,
    case,
    follow_up,
    known,
    letter,
    mail,
    record,
    said,
)
from tests.test_store_sqlite import FIRST_RELEASE
from troth.model import Ignore, LetterState, Note, OpenCase, Schedule
from troth.store import SqlStore, open_store, upgrading, versions
from troth.store.face import Moved, StoreError
from troth.store.schema import metadata, version

pytestmark = pytest.mark.server


@pytest.fixture
def pair(postgres_url: str) -> Iterator[tuple[SqlStore, SqlStore]]:
    """Two daemons on one store."""
    both = open_store(postgres_url, create=True), open_store(postgres_url, create=True)
    yield both
    for each in both:
        each.close()


def meanwhile(work: Callable[[], None]) -> Callable[[], BaseException | None]:
    """Starts the work of the other daemon; the answer waits for it and gives what it raised."""
    raised: list[BaseException] = []

    def watched() -> None:
        try:
            work()
        except (Moved, StoreError) as error:
            raised.append(error)

    thread = threading.Thread(target=watched)
    thread.start()

    def joined() -> BaseException | None:
        thread.join(20)
        assert not thread.is_alive()
        return raised[0] if raised else None

    return joined


def test_two_daemons_that_record_one_mail_of_a_stranger_record_it_once(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    with one.writing() as mine, other.writing() as theirs:
        first, second = known(mine).client, known(theirs).client
        assert mine.record(mail(), first, [Note("a", "one")], [letter()], NOW)

        def too_late() -> None:
            assert theirs.record(mail(), second, [Note("a", "other")], [letter()], NOW)

        done = meanwhile(too_late)
        mine.finish()
        mine._connection.commit()  # noqa: SLF001 - the other waits for this very moment
        assert isinstance(done(), Moved)
    assert said(one) == [("a", "one")]
    with other.writing() as book:
        assert book.recorded(["mail-1"]) == {"mail-1"}
        assert known(book).client.key == first.key


def test_two_daemons_that_record_one_gated_mail_record_it_once(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    with pytest.raises(Moved), other.writing() as theirs:  # noqa: PT012 - the end of the block is what is tested
        assert theirs.recorded(["mail-1"]) == frozenset()
        with one.writing() as mine:
            mine.record(mail(1, PAT), None, [Ignore("list")], [], NOW)
        theirs.record(mail(2, PAT), None, [Ignore("list")], [], NOW)
        theirs.record(mail(1, PAT), None, [Ignore("list")], [], NOW)
    assert said(one) == [("no letter", "list")], "the whole block is decided again"
    assert one.accounting()["hello"].seen == 1


def test_two_decisions_on_one_client_leave_one_of_them(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    record(one, mail(1))
    with one.reading() as mine, other.reading() as theirs:
        first, second = known(mine).client, known(theirs).client
    with one.writing() as mine:
        mine.carry_out(first, [OpenCase(case(first), "one")], [], NOW)

        def too_late() -> None:
            with other.writing() as book:
                book.carry_out(second, [OpenCase(case(second), "other")], [], NOW)

        done = meanwhile(too_late)
    assert isinstance(done(), Moved)
    assert ("case opened", "other") not in said(one)


def test_a_deadlock_asks_to_decide_again(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    jo, pat = record(one, mail(1, JO)), record(one, mail(2, PAT))
    other_has_pat, one_has_jo = threading.Event(), threading.Event()

    def crosswise() -> None:
        with other.writing() as book:
            book.carry_out(pat, [Note("a", "other")], [], NOW)
            other_has_pat.set()
            one_has_jo.wait(10)
            book.carry_out(jo, [Note("a", "other")], [], NOW)

    done = meanwhile(crosswise)
    lost: list[BaseException | None] = []
    try:
        with one.writing() as book:
            book.carry_out(jo, [Note("a", "one")], [], NOW)
            one_has_jo.set()
            other_has_pat.wait(10)
            book.carry_out(pat, [Note("a", "one")], [], NOW)
    except Moved as moved:
        lost.append(moved)
    lost.append(done())
    assert [type(each) for each in lost if each is not None] == [Moved]
    assert len({because for what, because in said(one) if what == "a"}) == 1


def test_two_mergings_of_the_same_clients_leave_one_client(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    record(one, mail(1, JO))
    record(one, mail(2, JO_AT_MARSH))
    with one.reading() as mine, other.reading() as theirs:
        first, second = known(mine, JO, JO_AT_MARSH).client, known(theirs, JO, JO_AT_MARSH).client

    def too_late() -> None:
        with other.writing() as book:
            book.record(mail(4, JO), second, [], [], NOW)

    with one.writing() as mine:
        mine.record(mail(3, JO), first, [], [], NOW)
        mine.finish()
        done = meanwhile(too_late)
    assert isinstance(done(), Moved)
    with one.reading() as book:
        assert known(book, JO).client.key == known(book, JO_AT_MARSH).client.key
        assert [each.identity for each in known(book, JO).exchanges] == ["mail-1", "mail-2", "mail-3"]


def test_a_due_follow_up_is_taken_by_one_daemon(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    client = record(one, mail())
    with one.writing() as book:
        book.carry_out(client, [Schedule(follow_up(client), "x")], [], NOW)
    took: list[bool] = []

    def take() -> None:
        with other.writing() as book:
            took.append(book.take("case-1:s1:0", NOW))

    with one.writing() as book:
        assert book.take("case-1:s1:0", NOW)
        done = meanwhile(take)
    assert done() is None
    assert took == [False]


def test_a_letter_is_claimed_by_one_daemon(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    record(one, mail(), letters=tuple(letter(f"l{number}") for number in range(40)))
    keys = [f"l{number}" for number in range(40)]
    won: list[frozenset[str]] = []
    done = meanwhile(lambda: won.append(other.mark_sending(keys, NOW, "w")))
    mine = one.mark_sending(keys, NOW, "w")
    assert done() is None
    assert mine | won[0] == set(keys)
    assert not mine & won[0]


def test_outcomes_told_by_two_daemons_end_with_the_truth(pair: tuple[SqlStore, SqlStore]) -> None:
    one, other = pair
    record(one, mail(), letters=(letter(),))
    one.mark_sending(["letter-1"], NOW, "w")
    other.interrupted(NOW + MINUTE, MINUTE)
    one.settle([letter(state=LetterState.SENT, sent_at=NOW)], NOW)
    assert [each.key for each in other.letters([LetterState.SENT])] == ["letter-1"]


def test_two_daemons_may_start_on_an_empty_database(postgres_url: str) -> None:
    stores: list[SqlStore] = []
    work = [meanwhile(lambda: stores.append(open_store(postgres_url, create=True))) for _ in range(4)]
    assert [done() for done in work] == [None] * 4
    record(stores[0], mail())
    assert stores[3].accounting()["hello"].seen == 1
    for each in stores:
        each.close()


def test_where_there_is_no_store_none_is_made_for_looking_at(postgres_url: str) -> None:
    for _ in range(2):
        with pytest.raises(StoreError, match="there is no store yet"):
            open_store(postgres_url, create=False)


def test_tables_of_another_program_are_left_alone(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE letters (name TEXT)"))
    engine.dispose()
    with pytest.raises(StoreError, match="no store of Troth"):
        open_store(postgres_url, create=True)


def test_a_newer_schema_is_refused(postgres_url: str) -> None:
    open_store(postgres_url, create=True).close()
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE troth_version SET version_num = '0999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer Troth"):
        open_store(postgres_url, create=True)


def test_the_migrations_make_the_very_tables_that_the_program_uses(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        upgrading.upgrade(connection, versions.MIGRATIONS)
        context = MigrationContext.configure(connection, opts={"version_table": version.name})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_store_of_the_first_release_goes_on_where_it_was(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        upgrading.upgrade(connection, versions.MIGRATIONS, "0001")
        _copy_rows(FIRST_RELEASE, connection)
    engine.dispose()
    with pytest.raises(StoreError, match="it has the older schema 0001; `run` brings it up"):
        open_store(postgres_url, create=False)
    store = open_store(postgres_url, create=True)
    with store.reading() as book:
        found = known(book, JO)
    assert [each.key for each in found.cases] == ["case-1"]
    assert (found.client.hushed_at, found.cases[0].snoozed_until, found.promises) == (None, None, ())
    assert [each.key for each in store.letters()] == ["letter-1"]
    store.close()


def _copy_rows(script: Path, to: Connection) -> None:
    """The rows of a store as SQLite wrote it out."""
    raw = sqlite3.connect(":memory:")
    raw.executescript(script.read_text())
    source = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    tables = MetaData()
    tables.reflect(source)
    with source.connect() as connection:
        for table in tables.sorted_tables:
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
            if rows and table.name != version.name:
                to.execute(insert(table), rows)
    source.dispose()
    raw.close()


def _unreachable(url: str) -> str:
    return f"postgresql://troth:secret@127.0.0.1:{free_ports(1)[0]}/troth"


def _no_such_database(url: str) -> str:
    return url.replace("troth@", "troth:secret@").rpartition("/")[0] + "/nowhere"


def _no_such_user(url: str) -> str:
    return url.replace("troth@", "mallory:secret@")


def _no_such_host(url: str) -> str:
    return "postgresql://troth:secret@nowhere.invalid/troth"


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (_unreachable, "the server cannot be reached"),
        (_no_such_database, "the server has no such database"),
        (_no_such_user, "the server does not accept"),
        (_no_such_host, "the server cannot be reached"),
    ],
)
def test_a_server_that_refuses_is_told_in_one_line_without_the_password(
    postgres_url: str, where: Callable[[str], str], words: str
) -> None:
    with pytest.raises(StoreError) as told:
        open_store(where(postgres_url), create=True)
    line = str(told.value)
    assert words in line
    assert "\n" not in line
    assert "secret" not in line
    assert line.startswith("postgresql://")


def test_a_wrong_password_is_told_as_such(postgres: Postgres, postgres_url: str) -> None:
    rules = postgres.home / "data" / "pg_hba.conf"
    before = rules.read_text()
    open_store(postgres_url, create=True).close()
    try:
        rules.write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        _reload(postgres_url)
        with pytest.raises(StoreError, match="does not accept user name and password") as told:
            open_store(postgres_url.replace("troth@", "troth:hunter2@"), create=True)
        assert "hunter2" not in str(told.value)
    finally:
        rules.write_text(before)
        postgres.restart()


def _reload(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("SELECT pg_sleep(0.3)"))
    engine.dispose()


def test_a_store_goes_on_after_its_server_was_started_again(postgres: Postgres, postgres_url: str) -> None:
    store = open_store(postgres_url, create=True)
    with pytest.raises(StoreError), store.writing() as book:  # noqa: PT012 - the server goes within the block
        book.record(mail(), None, [], [], NOW)
        postgres.stop()
        book.finish()
    with pytest.raises(StoreError, match="the server cannot be reached"):
        store.letters()
    postgres.start()
    record(store, mail())
    assert store.accounting()["hello"].seen == 1
    store.close()
