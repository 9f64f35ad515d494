"""The watch: what reaches the receiver, in which phase, and with which watermark."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.imap import Act, Action, Connection, FakeImap, Mail
from troth.mailbox import (
    Account,
    Fetched,
    Folder,
    Kind,
    MailboxError,
    Phase,
    Role,
    Source,
    State,
    Stop,
    Watch,
    Watermark,
)
from troth.mailbox.watch import begin, strides

LETTER = b"From: jo@client.example\r\nSubject: Order 1182\r\n\r\nWhere is it?\r\n"


@dataclass
class Recorder:
    """A receiver that keeps all in memory; `fails` says which mails it cannot take."""

    mark: Watermark | None = None
    learnt: list[int] = field(default_factory=list)
    received: list[tuple[int, bool]] = field(default_factory=list)
    raws: list[bytes] = field(default_factory=list)
    states: list[tuple[State, Exception | None]] = field(default_factory=list)
    keyword: str | None = None
    fails: Callable[[Fetched], bool] = lambda _mail: False
    largest: int = 0
    tries: int = 0
    marked: list[int] = field(default_factory=list)
    sources: set[Source] = field(default_factory=set)

    def watermark(self, _source: Source) -> Watermark | None:
        return self.mark

    def learn(self, _source: Source, mark: Watermark, batch: Sequence[Fetched]) -> None:
        self._check(batch)
        self.learnt += [mail.uid for mail in batch]
        self.mark = mark

    def receive(
        self, source: Source, mark: Watermark, batch: Sequence[Fetched], *, resync: bool
    ) -> Mapping[int, tuple[str, ...]]:
        self.sources.add(source)
        self._check(batch)
        self.received += [(mail.uid, resync) for mail in batch]
        self.raws += [mail.raw for mail in batch]
        self.mark = mark
        return {mail.uid: (self.keyword,) for mail in batch if self.keyword}

    def unanswered(self, _source: Source, _mark: Watermark) -> Sequence[int]:
        return [uid for uid, _ in self.received]

    def answered(self, _source: Source, _mark: Watermark, uids: Sequence[int]) -> None:
        self.marked += uids

    def state(self, _source: Source, state: State, error: Exception | None) -> None:
        self.states.append((state, error))

    def _check(self, batch: Sequence[Fetched]) -> None:
        self.tries += 1
        self.largest = max(self.largest, len(batch))
        if any(self.fails(mail) for mail in batch):
            raise RuntimeError("the store is full")

    def has(self, count: int) -> bool:
        return len(self.received) >= count

    @property
    def uids(self) -> list[int]:
        return [uid for uid, _ in self.received]


@pytest.fixture
def server() -> Iterator[FakeImap]:
    with FakeImap() as server:
        yield server


@contextmanager
def watching(
    server: FakeImap, receiver: Recorder, *, poll: float = 30, role: Role = Role.INBOX, folder: str = "auto"
) -> Iterator[None]:
    stop = Stop()
    account = Account("hello", "127.0.0.1", server.port, "hello", lambda: "secret", "none", timeout=2)
    watch = Watch(account, role, receiver, poll=poll, stop=stop, folder=folder, chance=lambda: 0.0)
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()
        stop.close()


def eventually(what: Callable[[], object], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not what() and time.monotonic() < until:
        time.sleep(0.005)
    assert what()


def watched(receiver: Recorder) -> Callable[[], object]:
    return lambda: any(state is State.WATCHING for state, _ in receiver.states)


# First sight


def test_what_was_there_at_first_sight_is_learnt_and_never_received(server: FakeImap) -> None:
    server.mails = {uid: Mail(LETTER) for uid in range(1, 121)}
    receiver = Recorder()
    with watching(server, receiver):
        eventually(watched(receiver))
        server.deliver(Mail(LETTER))
        eventually(lambda: receiver.received)
    assert receiver.learnt == list(range(1, 121))
    assert receiver.received == [(121, False)]
    assert receiver.mark == Watermark(7, 121)
    assert receiver.largest <= 50


def test_an_empty_folder_is_marked_so_that_its_first_mail_is_new(server: FakeImap) -> None:
    receiver = Recorder()
    with watching(server, receiver):
        eventually(watched(receiver))
    assert receiver.mark == Watermark(7, 0)
    server.deliver(Mail(LETTER), announce=False)
    with watching(server, receiver):
        eventually(lambda: receiver.received)
    assert receiver.learnt == []


def test_learning_goes_on_where_it_was_broken_off(server: FakeImap) -> None:
    server.mails = {uid: Mail(LETTER) for uid in range(1, 11)}
    server.deliver(Mail(LETTER))
    receiver = Recorder(mark=Watermark(7, 4, Phase.LEARN, 10))
    with watching(server, receiver):
        eventually(lambda: receiver.received)
    assert receiver.learnt == [5, 6, 7, 8, 9, 10]
    assert receiver.received == [(11, False)]


def test_mails_are_learnt_from_by_their_beginnings(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER + b"x" * 100_000)}
    receiver = Recorder(fails=lambda mail: len(mail.raw) > 9000)
    with watching(server, receiver):
        eventually(lambda: receiver.learnt)


# Watermarks


def folder(uidvalidity: int, uidnext: int) -> Folder:
    return Folder("INBOX", uidvalidity, uidnext, 3, keywords_allowed=True, read_only=False)


@pytest.mark.parametrize(
    ("recorded", "now", "mark"),
    [
        (None, folder(7, 11), Watermark(7, 0, Phase.LEARN, 10)),
        (Watermark(7, 8), folder(7, 11), Watermark(7, 8)),
        (Watermark(7, 10), folder(7, 11), Watermark(7, 10)),
        (Watermark(7, 4, Phase.LEARN, 9), folder(7, 11), Watermark(7, 4, Phase.LEARN, 9)),
        (Watermark(6, 8), folder(7, 11), Watermark(7, 0, Phase.RESYNC, 10)),
        (Watermark(6, 4, Phase.LEARN, 9), folder(7, 11), Watermark(7, 0, Phase.LEARN, 10)),
        (Watermark(6, 4, Phase.RESYNC, 9), folder(7, 11), Watermark(7, 0, Phase.RESYNC, 10)),
        (Watermark(7, 500), folder(7, 11), Watermark(7, 0, Phase.RESYNC, 10)),
    ],
)
def test_where_a_folder_is_begun(recorded: Watermark | None, now: Folder, mark: Watermark) -> None:
    assert begin(recorded, now) == mark


@given(
    st.sets(st.integers(1, 200)), st.integers(0, 200), st.sampled_from(Phase), st.integers(0, 200), st.integers(1, 60)
)
def test_strides_bring_each_mail_once_in_order_and_in_its_phase(
    existing: set[int], uid: int, phase: Phase, until: int, size: int
) -> None:
    mark = Watermark(7, uid, phase, 0 if phase is Phase.NEW else until)
    above = sorted(each for each in existing if each > uid)
    cut = list(strides(mark, above, size))
    assert [each for stride in cut for each in stride.uids] == above
    assert all((stride.phase is Phase.NEW) == (each > mark.until) for stride in cut for each in stride.uids)
    marks = [mark.uid, *(stride.mark.uid for stride in cut)]
    assert marks == sorted(marks)
    assert all(stride.mark.uid >= max(stride.uids, default=0) for stride in cut)
    if phase is not Phase.NEW:
        assert cut[-1].mark.phase is Phase.NEW


def test_mails_under_new_uids_are_marked_as_maybe_known(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER), 2: Mail(LETTER)}
    receiver = Recorder(mark=Watermark(6, 40))
    with watching(server, receiver):
        eventually(watched(receiver))
        server.deliver(Mail(LETTER))
        eventually(lambda: len(receiver.received) == 3)
    assert receiver.received == [(1, True), (2, True), (3, False)]
    assert receiver.mark == Watermark(7, 3)


def test_a_broken_off_resync_goes_on_as_one(server: FakeImap) -> None:
    server.mails = {uid: Mail(LETTER) for uid in (1, 2, 3)}
    receiver = Recorder(mark=Watermark(7, 1, Phase.RESYNC, 2))
    with watching(server, receiver):
        eventually(lambda: len(receiver.received) == 2)
    assert receiver.received == [(2, True), (3, False)]


# News, keywords, folders


def test_mail_is_received_within_moments_of_its_announcement(server: FakeImap) -> None:
    receiver = Recorder(mark=Watermark(7, 0))
    with watching(server, receiver):
        eventually(lambda: server.connections and server.connections[0].idle_tag)
        began = time.monotonic()
        server.deliver(Mail(LETTER))
        eventually(lambda: receiver.received)
        assert time.monotonic() - began < 0.5


def test_mail_that_nobody_announces_is_found_by_the_next_poll(server: FakeImap) -> None:
    receiver = Recorder(mark=Watermark(7, 0))
    with watching(server, receiver, poll=0.3):
        eventually(watched(receiver))
        server.deliver(Mail(LETTER), announce=False)
        eventually(lambda: receiver.received, 2)


def test_a_mail_that_is_marked_as_answered_later_is_noticed_by_the_next_poll(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER), 2: Mail(LETTER)}
    receiver = Recorder(mark=Watermark(7, 0))
    with watching(server, receiver, poll=0.3):
        eventually(lambda: len(receiver.received) == 2)
        server.mails[2] = Mail(LETTER, flags="\\Seen \\ANSWERED")
        eventually(lambda: 2 in receiver.marked, 3)
    assert set(receiver.marked) == {2}


def test_keywords_are_set_where_the_receiver_wants_them(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER), 2: Mail(LETTER)}
    receiver = Recorder(mark=Watermark(7, 0), keyword="$Complaint")
    with watching(server, receiver):
        eventually(lambda: server.said("STORE"))
    assert b"UID STORE 1,2 +FLAGS.SILENT ($Complaint)" in server.said("STORE")[0]


def test_sent_is_found_and_only_read(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER)}
    receiver = Recorder(mark=Watermark(7, 0), keyword="$Complaint")
    with watching(server, receiver, role=Role.SENT):
        eventually(lambda: receiver.received)
    assert server.said("EXAMINE")
    assert not server.said("SELECT")
    assert not server.said("STORE")


def test_a_folder_named_in_the_configuration_is_watched_and_named_to_the_receiver(server: FakeImap) -> None:
    server.folders = (r'* LIST () "/" INBOX', r'* LIST () "/" "Help desk"')
    server.mails = {1: Mail(LETTER)}
    receiver = Recorder(mark=Watermark(7, 0))
    with watching(server, receiver, folder="Help desk"):
        eventually(lambda: receiver.received)
    assert receiver.sources == {Source("hello", Role.INBOX, "Help desk")}
    assert b'"Help desk"' in server.said("SELECT")[0]


# Trouble


@pytest.mark.parametrize("trouble", ["drop", "bye"])
def test_after_a_lost_connection_the_watch_is_back_at_once(server: FakeImap, trouble: str) -> None:
    receiver = Recorder(mark=Watermark(7, 0))
    with watching(server, receiver):
        eventually(lambda: server.connections and server.connections[0].idle_tag)
        began = time.monotonic()
        if trouble == "bye":
            server.connections[0].send("* BYE restarting\r\n")
        server.drop()
        server.deliver(Mail(LETTER), announce=False)
        eventually(lambda: receiver.received)
        assert time.monotonic() - began < 1
    kinds = [error.kind for _, error in receiver.states if isinstance(error, MailboxError)]
    assert kinds == [Kind.LOST]


def test_a_half_open_connection_is_found_within_poll_and_5_seconds(server: FakeImap) -> None:
    server.answers["DONE"] = [Act.HANG]
    receiver = Recorder(mark=Watermark(7, 0))
    with watching(server, receiver, poll=0.5):
        eventually(lambda: server.connections and server.connections[0].idle_tag)
        began = time.monotonic()
        server.deliver(Mail(LETTER), announce=False)
        eventually(lambda: receiver.received, 6)
        assert time.monotonic() - began < 5.5


def test_a_server_slow_at_its_first_look_is_given_longer_each_time(server: FakeImap) -> None:
    def slowly(connection: Connection, tag: str) -> None:
        time.sleep(3)
        connection.do_select(tag, "")

    server.answers["SELECT"] = [slowly, slowly]
    server.mails = {1: Mail(LETTER)}
    receiver = Recorder(mark=Watermark(7, 0))
    with watching(server, receiver):
        eventually(lambda: receiver.received, 8)
    assert [error.kind for _, error in receiver.states if isinstance(error, MailboxError)] == [Kind.SILENT]


def test_a_server_that_hangs_up_again_and_again_meets_patience_and_no_busy_loop(server: FakeImap) -> None:
    server.answers["IDLE"] = [Act.DROP] * 1000
    receiver = Recorder(mark=Watermark(7, 0))
    cpu = time.process_time()
    with watching(server, receiver):
        time.sleep(1.5)
    assert len(server.said("LOGIN")) <= 5
    assert time.process_time() - cpu < 0.75


def test_a_server_that_cries_wolf_is_not_searched_without_end(server: FakeImap) -> None:
    def cry(connection: object, tag: str) -> None:
        server.mails.clear()
        server.connections[0].idle_tag = tag
        server.connections[0].send("* 1 EXPUNGE\r\n* 1 EXISTS\r\n+ idling\r\n")

    server.answers["IDLE"] = [cry] * 10_000
    receiver = Recorder(mark=Watermark(7, 0))
    with watching(server, receiver):
        time.sleep(1.5)
    assert len(server.said("SEARCH")) < 15


def test_a_mail_that_the_receiver_chokes_on_does_not_stop_the_next(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER), 2: Mail(b"Subject: poison\r\n\r\n"), 3: Mail(LETTER)}
    receiver = Recorder(mark=Watermark(7, 0), fails=lambda mail: b"poison" in mail.raw)
    with watching(server, receiver, poll=0.2):
        eventually(lambda: {1, 3} <= set(receiver.uids))
        assert receiver.mark == Watermark(7, 1)
        eventually(lambda: any(isinstance(error, RuntimeError) for _, error in receiver.states))
        receiver.fails = lambda _mail: False
        eventually(lambda: receiver.mark == Watermark(7, 3))
    assert 2 in receiver.uids


def test_a_store_that_takes_nothing_is_not_tried_with_every_mail(server: FakeImap) -> None:
    server.mails = {uid: Mail(LETTER) for uid in range(1, 41)}
    receiver = Recorder(mark=Watermark(7, 0), fails=lambda _mail: True)
    with watching(server, receiver):
        time.sleep(0.5)
    assert receiver.tries == 4  # the batch, and three alone
    assert receiver.mark == Watermark(7, 0)


def test_a_mail_that_the_server_does_not_give_is_brought_as_such_after_three_tries(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER), 2: Mail(LETTER)}
    server.answers["UID FETCH"] = ["{tag} NO [SERVERBUG] oh\r\n"] * 1000
    receiver = Recorder(mark=Watermark(7, 0))
    with watching(server, receiver, poll=0.1):
        eventually(lambda: len(receiver.received) == 2)
    assert receiver.raws == [b"", b""]
    assert len([state for state, _ in receiver.states if state is State.RETRYING]) >= 2


def test_a_receiver_that_cannot_even_hear_the_state_does_not_end_the_watch(server: FakeImap) -> None:
    class Deaf(Recorder):
        def state(self, _source: Source, _state: State, _error: Exception | None) -> None:
            raise RuntimeError("deaf")

    receiver = Deaf(mark=Watermark(7, 0))
    with watching(server, receiver):
        eventually(lambda: server.connections and server.connections[0].idle_tag)
        server.deliver(Mail(LETTER))
        eventually(lambda: receiver.received)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_server_does_each_mail_is_received_in_the_end(server: FakeImap, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - trouble of which no secret depends
    trouble: list[Action] = [
        "{tag} NO [SERVERBUG] oh\r\n",
        "{tag} BAD what?\r\n",
        "* BYE\r\n",
        "rubbish\r\n",
        "* 3 EXPUNGE\r\n{tag} NO [INUSE]\r\n",
        Act.DROP,
    ]
    for verb in ("LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "IDLE", "DONE", "CAPABILITY"):
        server.answers[verb] = chance.choices([*trouble, None, None, None], k=4)
    server.mails = {uid: Mail(LETTER) for uid in range(1, 61)}
    receiver = Recorder(mark=Watermark(7, 0))
    with watching(server, receiver, poll=0.05):
        eventually(lambda: receiver.mark == Watermark(7, 60), 20)
        server.deliver(Mail(LETTER))
        eventually(lambda: 61 in receiver.uids, 20)
    assert list(dict.fromkeys(receiver.uids)) == list(range(1, 62))
    assert all(receiver.raws)


def test_a_refused_password_is_not_tried_again_soon(server: FakeImap) -> None:
    server.answers["LOGIN"] = ["{tag} NO [AUTHENTICATIONFAILED] no\r\n"] * 10
    receiver = Recorder()
    with watching(server, receiver, poll=0.1):
        time.sleep(1)
    assert len(server.said("LOGIN")) == 1


def test_a_stop_ends_the_watch_at_once_and_says_so(server: FakeImap) -> None:
    receiver = Recorder(mark=Watermark(7, 0))
    with watching(server, receiver):
        eventually(watched(receiver))
        began = time.monotonic()
    assert time.monotonic() - began < 1
    assert receiver.states[-1] == (State.STOPPED, None)


def test_a_stop_ends_a_wait_for_a_server_that_says_nothing(server: FakeImap) -> None:
    server.greeting = ""
    receiver = Recorder()
    with watching(server, receiver):
        time.sleep(0.2)
        began = time.monotonic()
    assert time.monotonic() - began < 1
