"""The store in an SQLite file: what it refuses, who may read it, and what outlives a kill."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from tests.test_store_contract import JO, MINUTE, NOW, case, follow_up, known, letter, mail, record, said
from troth.model import ChangeCase, LetterState, Note, OpenCase, Schedule
from troth.store import SqlStore, open_store, sqlite, upgrading, versions
from troth.store.face import JournalLine, StoreError
from troth.store.filesystem import network_filesystem
from troth.store.schema import REVISION, metadata, version

WRITER = """
import sys
from tests.test_store_contract import NOW, JO, known, mail
from troth.model import Note
from troth.store import open_store
store, start = open_store(sys.argv[1], create=True), int(sys.argv[2])
for number in range(start, start + 10_000, 3):
    with store.writing() as book:
        for each in range(number, number + 3):
            book.record(mail(each), known(book).client, [Note("seen", str(each))], [], NOW)
    print(number, flush=True)
"""
TAKER = """
import sys
from tests.test_store_contract import NOW
from troth.store import open_store
store = open_store(sys.argv[1], create=False)
print("ready", flush=True)
sys.stdin.readline()
keys = [f"f{number}" for number in range(60)]
for key in keys:
    with store.writing() as book:
        if book.take(key, NOW):
            print("took", key)
for at in range(0, 60, 6):
    for key in store.mark_sending([f"l{number}" for number in range(at, at + 6)], NOW, sys.argv[2]):
        print("claimed", key)
store.close()
"""
ROOT = Path(__file__).parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "troth.db"


def opened(path: Path, *, create: bool = True) -> SqlStore:
    return open_store(f"sqlite:///{path}", create=create)


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    store = opened(path)
    yield store
    store.close()


def made(path: Path) -> Path:
    opened(path).close()
    return path


def refusal(path: Path, *, create: bool = True) -> str:
    """The words with which a store is refused; nothing else may have changed."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError) as told:
        opened(path, create=create)
    assert (path.read_bytes() if path.is_file() else None) == before
    words = str(told.value)
    assert "\n" not in words
    assert words.startswith(f"{path}: ")
    return words.removeprefix(f"{path}: ")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def child(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def in_a_fork(attempt: Callable[[], None], *, user: int | None = None) -> str:
    """What went wrong in another process, as another user where root runs the tests; "" if nothing did."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        _attempt(attempt, writing, user)
    os.close(writing)
    with os.fdopen(reading) as told:
        words = told.read()
    os.waitpid(process, 0)
    return words


def _attempt(attempt: Callable[[], None], writing: int, user: int | None) -> NoReturn:
    words = ""
    try:
        if user is not None and os.geteuid() == 0:
            os.setuid(user)
        attempt()
    except BaseException as error:  # noqa: BLE001 - the other process tells it
        words = f"{type(error).__name__}: {error}{' (full)' if getattr(error, 'full', False) else ''}"
    os.write(writing, words.encode())
    os._exit(0)


def test_only_its_owner_may_read_a_store(path: Path) -> None:
    before = os.umask(0)
    try:
        store = opened(path)
        record(store, mail())
        assert {mode(file) for file in path.parent.iterdir()} == {0o600}
        assert {file.name for file in path.parent.iterdir()} == {"troth.db", "troth.db-wal", "troth.db-shm"}
        assert mode(path.parent) == 0o700
        store.close()
    finally:
        os.umask(before)


def test_a_store_that_others_may_read_is_closed_to_them(path: Path) -> None:
    made(path).chmod(0o644)
    opened(path).close()
    assert mode(path) == 0o600


def test_a_store_is_durable_before_anything_leaves(store: SqlStore) -> None:
    with store.reading() as book:
        connection = book._connection  # noqa: SLF001 - pragmas are not part of any face
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert pragmas == ["wal", 2]


def test_where_there_is_no_store_none_is_made_for_looking_at(path: Path) -> None:
    assert refusal(path, create=False) == "there is no store yet; `run` makes it"
    assert not path.parent.exists()


def _empty(path: Path) -> None:
    made(path).write_bytes(b"")


def _text(path: Path) -> None:
    made(path).write_text("store: sqlite:///troth.db\n" * 50)


def _without_end(path: Path) -> None:
    os.truncate(made(path), 8192)


def _scribbled(path: Path) -> None:
    with made(path).open("r+b") as file:
        for page in range(1, path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 200)


def _folder(path: Path) -> None:
    path.mkdir(parents=True)


def _of_another_program(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (name TEXT)")
    connection.close()


def _of_another_with_our_names(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE letters (name TEXT)")
    connection.close()


def _newer(path: Path) -> None:
    connection = sqlite3.connect(made(path))
    with connection:
        connection.execute("UPDATE troth_version SET version_num = '0999'")
    connection.close()


def _without_version(path: Path) -> None:
    connection = sqlite3.connect(made(path))
    with connection:
        connection.execute("DELETE FROM troth_version")
    connection.close()


def _only_the_log_left(path: Path) -> None:
    made(path).unlink()
    path.with_name("troth.db-wal").write_bytes(b"something")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_empty, "it is empty"),
        (_text, "no SQLite database"),
        (_without_end, "its end is missing"),
        (_scribbled, "it is damaged"),
        (_folder, "it is no file"),
        (_of_another_program, "no store of Troth"),
        (_of_another_with_our_names, "no store of Troth"),
        (_newer, f"written by a newer Troth (schema 0999, this one has {REVISION})"),
        (_without_version, "does not say which schema"),
        (_only_the_log_left, "the file is gone but its -wal is there"),
    ],
)
@pytest.mark.parametrize("create", [True, False])
def test_what_is_no_sound_store_is_refused_and_left_alone(
    path: Path,
    make: Callable[[Path], None],
    words: str,
    create: bool,
) -> None:
    make(path)
    if make is _only_the_log_left and not create:
        words = "there is no store yet"
    assert words in refusal(path, create=create)


def test_a_large_store_is_not_read_through_at_opening(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "CHECKED_WHOLE", 0)
    made(path)
    opened(path).close()
    _scribbled(path)
    assert "damaged" in refusal(path)


def test_a_read_only_file_is_refused(path: Path, open_folder: Path) -> None:
    store = made(open_folder / "troth.db")
    store.chmod(0o400)
    shutil.chown(store, 65534) if os.geteuid() == 0 else None
    told = in_a_fork(lambda: opened(store).close(), user=65534)
    assert told.startswith(f"StoreError: {store}: it cannot be")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach: pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="troth-store-"))
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)


def test_a_read_only_folder_is_refused(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    told = in_a_fork(lambda: opened(open_folder / "troth.db").close(), user=65534)
    assert told == f"StoreError: {open_folder / 'troth.db'}: it cannot be made: Permission denied"


def test_a_store_in_a_folder_that_turned_read_only_is_refused(open_folder: Path) -> None:
    store = made(open_folder / "troth.db")
    shutil.chown(store, 65534) if os.geteuid() == 0 else None
    open_folder.chmod(0o555)
    told = in_a_fork(lambda: opened(store).close(), user=65534)
    assert told.startswith(f"StoreError: {store}: it cannot be")


def test_a_full_disk_is_told_apart_and_mends_itself(store: SqlStore, path: Path) -> None:
    def fill() -> None:
        limit = path.with_name("troth.db-wal").stat().st_size + 100_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        with pytest.raises(StoreError) as told:
            record(store, mail(2, text="x" * 300_000))
        assert told.value.full
        assert "\n" not in str(told.value)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        record(store, mail(3))
        assert said(store) == [("a", "1"), ("mail", "")]

    record(store, mail(1), Note("a", "1"))
    assert in_a_fork(fill) == ""


def test_a_store_that_is_locked_for_long_is_told_so(
    store: SqlStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    other = opened(path)
    with store.writing(), pytest.raises(StoreError, match="another program keeps it locked"):
        record(other, mail())
    record(other, mail())
    other.close()


def test_who_looks_does_not_wait_for_who_writes(store: SqlStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    with store.writing() as book:
        book.record(mail(), None, [], [], NOW)
        book.finish()
        looking = opened(path, create=False)
        assert looking.accounting() == {}
    assert looking.accounting()["hello"].seen == 1
    looking.close()


@pytest.mark.parametrize("replaced", [True, False])
def test_a_store_that_is_taken_away_under_a_running_daemon_is_missed(
    store: SqlStore,
    path: Path,
    replaced: bool,
) -> None:
    path.rename(path.with_name("elsewhere.db"))
    if replaced:
        shutil.copy(path.with_name("elsewhere.db"), path)
    with pytest.raises(StoreError, match="removed or replaced"):
        record(store, mail())


def test_a_store_behind_a_link_is_made_where_the_link_leads(path: Path, tmp_path: Path) -> None:
    made(path)
    link = tmp_path / "link.db"
    link.symlink_to(path)
    store = opened(link)
    record(store, mail())
    assert not link.with_name("link.db-wal").exists()
    store.close()


def test_what_a_client_wrote_is_in_no_error(store: SqlStore) -> None:
    client = record(store, mail())
    nobodys = case(replace(client, key="nobody"))
    with pytest.raises(Exception, match="FOREIGN KEY") as told, store.writing() as book:  # noqa: PT012 - as it ends
        book.record(mail(2, subject="a secret"), known(book).client, [OpenCase(nobodys, "a secret")], [], NOW)
        book.note(JournalLine(NOW, None, None, None, "x", "a secret"))
    assert "secret" not in str(told.value)
    assert "nobody" not in str(told.value)


def test_a_block_inside_a_block_is_a_mistake_of_ours(store: SqlStore) -> None:
    with store.writing(), pytest.raises(RuntimeError, match="inside another"):
        store.settle([], NOW)
    with store.writing() as book, store.reading() as other:
        book.record(mail(), None, [], [], NOW)
        assert other.seen("mail-1") is None, "nobody sees what is not committed"
        assert store.accounting() == {}, "who reads may read more"
        assert other.seen("mail-1") is None


def test_kill_at_any_instant_loses_nothing_committed_and_keeps_nothing_half(path: Path) -> None:
    start = 0
    for lines in (1, 4, 9):
        writer = child(WRITER, f"sqlite:///{path}", str(start))
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(lines)]
        os.kill(writer.pid, signal.SIGKILL)
        told += [int(line) for line in writer.stdout if line.endswith("\n")]
        writer.communicate()
        store = opened(path, create=False)
        seen = {int(because) for _, because in _all_said(store)}
        with store.reading() as book:
            recorded = book.recorded([f"mail-{number}" for number in range(start + 20_000)])
            assert known(book).client.revision == len(seen)
        store.close()
        assert {f"mail-{number}" for number in seen} == recorded
        assert {each + step for each in told for step in range(3)} <= seen
        assert len(seen) % 3 == 0, "three mails share a commit"
        start = max(seen) + 1


def _all_said(store: SqlStore) -> list[tuple[str, str]]:
    return [(line.what, line.because) for line in store.journal(limit=100_000)]


def test_two_processes_never_take_the_same_thing(path: Path) -> None:
    store = opened(path)
    client = record(store, mail())
    with store.writing() as book:
        plans = [Schedule(follow_up(client, f"f{number}"), "x") for number in range(60)]
        book.carry_out(client, plans, [letter(f"l{number}") for number in range(60)], NOW)
    store.close()
    both = [child(TAKER, f"sqlite:///{path}", name) for name in ("one", "other")]
    for each in both:
        assert each.stdout is not None
        each.stdout.readline()
    for each in both:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    took = [line for each in both for line in each.communicate()[0].splitlines()]
    assert sorted(took) == sorted([f"took f{n}" for n in range(60)] + [f"claimed l{n}" for n in range(60)])


def test_many_threads_share_one_store(store: SqlStore) -> None:
    def work(lane: int) -> None:
        for number in range(lane * 100, lane * 100 + 25):
            record(store, mail(number))
            store.waiting_letters(NOW, "hello", 5)

    threads = [threading.Thread(target=work, args=(lane,)) for lane in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.accounting()["hello"].seen == 100
    with store.reading() as book:
        assert known(book).client.revision == 100


def test_two_who_make_the_store_at_once_share_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quicker: list[SqlStore] = []
    fill = sqlite._fill  # noqa: SLF001 - the moment between making and naming

    def slowly(new: Path) -> None:
        fill(new)
        monkeypatch.setattr(sqlite, "_fill", fill)
        quicker.append(opened(path))
        record(quicker[0], mail())

    monkeypatch.setattr(sqlite, "_fill", slowly)
    store = opened(path)
    with store.reading() as book:
        assert book.recorded(["mail-1"])
    assert not [file for file in path.parent.iterdir() if file.name.startswith(".")]
    store.close()
    quicker[0].close()


def test_opening_a_store_does_not_load_alembic(path: Path) -> None:
    script = (
        "import sys; from troth.store import open_store\n"
        "for _ in range(2): open_store(sys.argv[1], create=True).close()\n"
        "print([name for name in sys.modules if name.startswith(('alembic', 'psycopg', 'mako'))])"
    )
    process = child(script, f"sqlite:///{path}")
    assert process.communicate()[0].strip() == "[]"


def test_the_migrations_make_the_very_tables_that_the_program_uses(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/migrated.db")
    with engine.begin() as connection:
        upgrading.upgrade(connection, versions.MIGRATIONS)
        context = MigrationContext.configure(connection, opts={"version_table": version.name})
        assert compare_metadata(context, metadata) == []
        revision = connection.exec_driver_sql("SELECT version_num FROM troth_version").scalar()
    engine.dispose()
    assert revision == REVISION


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{before}"


def upgrade():
    op.add_column("clients", sa.Column("shoe_size", sa.Text()))
    op.execute("UPDATE clients SET shoe_size = '43'")
    {ending}
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes this program one that has a later schema."""

    def come(ending: str = "") -> None:
        migrations = tmp_path / "50% migrations"
        shutil.copytree(versions.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
        (migrations / "versions" / "9000_next.py").write_text(NEXT.format(ending=ending, before=REVISION))
        monkeypatch.setattr(versions, "MIGRATIONS", migrations)
        monkeypatch.setattr(versions, "REVISION", "9000")

    return come


FIRST_RELEASE = Path(__file__).with_name("store_0001.sql")
"""A store as the first release left it, with a case, a follow-up and a letter in it."""


def _first_release(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript(FIRST_RELEASE.read_text())
    connection.close()


def test_a_store_of_the_first_release_is_brought_up_after_a_copy_was_made(
    path: Path, next_version: Callable[[str], None]
) -> None:
    _first_release(path)
    next_version("")
    assert refusal(path, create=False) == "it has the older schema 0001; `run` brings it up to 9000"
    store = opened(path)
    assert [each.key for each in store.letters()] == ["letter-1"]
    store.close()
    copy = path.with_name("troth.db.schema-0001.backup")
    assert mode(copy) == 0o600
    assert _query(path, "SELECT version_num, shoe_size FROM troth_version, clients") == [("9000", "43")]
    assert _query(copy, "SELECT version_num, revision FROM troth_version, clients") == [("0001", 2)]
    opened(path).close()
    assert len(list(path.parent.glob("*.backup*"))) == 1, "a store that is up to date is not copied"


def test_a_store_of_the_first_release_goes_on_where_it_was(path: Path) -> None:
    _first_release(path)
    store = opened(path)
    with store.writing() as book:
        found = known(book, JO)
        (opened_case,) = found.cases
        assert (found.client.hushed_at, opened_case.snoozed_until, found.promises) == (None, None, ())
        assert [each.promise for each in book.due(NOW + MINUTE, 9)] == [None]
        later = replace(opened_case, snoozed_until=NOW + MINUTE)
        book.carry_out(found.client, [ChangeCase(later, "snoozed", "till later")], [], NOW)
    assert [each.snoozed_until for each in store.open_cases()] == [NOW + MINUTE]
    assert store.counts(NOW).promises == {"open": 0, "kept": 0, "late": 0, "withdrawn": 0}
    store.close()


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(path: Path, next_version: Callable[[str], None]) -> None:
    _first_release(path)
    before = _query(path, "SELECT * FROM clients")
    next_version('raise ZeroDivisionError("half way")')
    for tries in (1, 2):
        with pytest.raises(ZeroDivisionError):
            opened(path)
        assert len(list(path.parent.glob("*.backup*"))) == tries, "no backup is written over"
    assert _query(path, "SELECT * FROM clients") == before
    assert _query(path, "SELECT version_num FROM troth_version") == [("0001",)]


def _query(path: Path, words: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(words).fetchall()
    finally:
        connection.close()


def test_a_forgotten_client_leaves_no_byte_in_the_files(store: SqlStore, path: Path) -> None:
    record(store, mail(1, text="a most unusual sentence " * 900, author_name="Jo Marsh"), letters=(letter(),))
    store.settle([letter(state=LetterState.SENT, sent_at=NOW, because=f"250 ok {JO}")], NOW + MINUTE)
    assert _anywhere(path, b"unusual sentence")
    store.forget(frozenset({JO}), b"key")
    for word in (b"unusual sentence", JO.encode(), b"Jo Marsh", b"client.example", b"They came", b"brochures"):
        assert not _anywhere(path, word), word


def _anywhere(path: Path, word: bytes) -> bool:
    return any(word in file.read_bytes() for file in path.parent.iterdir())


MOUNTS = """
21 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 21 0:30 / /srv/office rw - nfs4 server:/office rw
31 30 8:2 / /srv/office/fast rw shared:1 - xfs /dev/sdb1 rw
32 21 0:31 / /mnt/two\\040words rw - cifs //server/share rw
33 21 0:32 / /over rw - ext4 /dev/sdc1 rw
34 33 0:33 / /over rw - fuse.sshfs me@host: rw
"""


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        ("/var/lib/troth/troth.db", None),
        ("/srv/office/troth.db", "nfs4"),
        ("/srv/office/fast/troth.db", None),
        ("/srv/officer/troth.db", None),
        ("/mnt/two words/troth.db", "cifs"),
        ("/over/troth.db", "fuse.sshfs"),
    ],
)
def test_a_network_file_system_is_recognised(tmp_path: Path, where: str, kind: str | None) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert network_filesystem(Path(where), mounts) == kind
    assert network_filesystem(Path(where), tmp_path / "none") is None


def test_a_store_on_a_network_file_system_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "network_filesystem", lambda _: "nfs4")
    assert refusal(path).startswith("it lies on a network file system (nfs4)")


@pytest.mark.parametrize("url", ["mysql://u:secret@h/db", "sqlite://", "sqlite:///:memory:", "secret", "sqlite:///"])
def test_what_names_no_store_is_refused_without_telling_secrets(url: str) -> None:
    with pytest.raises(StoreError) as told:
        open_store(url, create=True)
    assert "secret" not in str(told.value)
