"""The round through several folders over one connection, on a scripted server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.imap import FakeImap, Mail
from tests.test_mailbox_watch import LETTER, Recorder, eventually
from troth.mailbox import Account, Role, Rounds, Stop, Watch
from troth.mailbox.watch import State

THERE = (r'* LIST () "/" INBOX', r'* LIST () "/" Angry', r'* LIST () "/" Done')


@pytest.fixture
def server() -> Iterator[FakeImap]:
    with FakeImap() as server:
        server.folders = THERE
        yield server


@contextmanager
def going_round(server: FakeImap, folders: dict[Role, str], *receivers: Recorder) -> Iterator[None]:
    stop = Stop()
    account = Account("hello", "127.0.0.1", server.port, "hello", lambda: "secret", "none", timeout=2)
    watches = [
        Watch(account, role, receiver, poll=0.05, stop=stop, folder=name)
        for (role, name), receiver in zip(folders.items(), receivers, strict=True)
    ]
    rounds = Rounds(account, watches, poll=0.05, stop=stop, chance=lambda: 0.0)
    thread = threading.Thread(target=rounds.run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()
        stop.close()


def states(receiver: Recorder) -> set[State]:
    return {state for state, _ in receiver.states}


def test_all_folders_are_looked_into_again_and_again_over_one_connection_for_reading_alone(server: FakeImap) -> None:
    angry, done = Recorder(), Recorder()
    with going_round(server, {Role.COMPLAINT: "Angry", Role.SETTLED: "Done"}, angry, done):
        eventually(lambda: State.WATCHING in states(angry) and State.WATCHING in states(done))
        server.deliver(Mail(LETTER), announce=False)  # the scripted server has one mailbox under every name
        eventually(lambda: angry.has(1) and done.has(1))
    assert len(server.said("LOGIN")) == 1
    assert server.said('EXAMINE "Angry"')
    assert server.said('EXAMINE "Done"')
    assert not server.said("SELECT")
    assert states(angry) == {State.WATCHING, State.STOPPED}


def test_a_folder_that_is_missing_is_told_and_the_other_is_looked_into(server: FakeImap) -> None:
    missing, done = Recorder(), Recorder()
    with going_round(server, {Role.COMPLAINT: "Agnry", Role.SETTLED: "Done"}, missing, done):
        eventually(lambda: State.WATCHING in states(done) and missing.states)
        server.deliver(Mail(LETTER), announce=False)
        eventually(lambda: done.has(1))
    assert "did you mean Angry?" in str(missing.states[0][1])
    assert [state for state, _ in missing.states].count(State.RETRYING) == 1  # not once a round
    assert len(server.said("LOGIN")) == 1


def test_what_one_receiver_cannot_take_keeps_no_other_from_its_mails(server: FakeImap) -> None:
    failing, done = Recorder(), Recorder(fails=lambda _: False)
    with going_round(server, {Role.COMPLAINT: "Angry", Role.SETTLED: "Done"}, failing, done):
        eventually(lambda: State.WATCHING in states(failing) and State.WATCHING in states(done))
        failing.fails = lambda _: True
        server.deliver(Mail(LETTER), announce=False)
        eventually(lambda: done.has(1) and State.RETRYING in states(failing))
        failing.fails = lambda _: False
        eventually(lambda: failing.has(1))


def test_a_lost_connection_is_made_anew_and_nothing_is_missed(server: FakeImap) -> None:
    done = Recorder()
    with going_round(server, {Role.SETTLED: "Done"}, done):
        eventually(lambda: State.WATCHING in states(done))
        server.drop()
        server.deliver(Mail(LETTER), announce=False)
        eventually(lambda: done.has(1))
    assert State.RETRYING in states(done)
    assert done.uids == [1]
