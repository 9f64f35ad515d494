"""What the owner hears of a mailbox that cannot be read, by who can mend it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.fakes import FakeStore
from tests.shop import setting as written
from troth.desk import Noticing, Receiving, Setting, Watching
from troth.mailbox import Kind, MailboxError, Role, Source, State
from troth.maillog import Maillog
from troth.model import LetterKind

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ENDED = "the sign-in at microsoft has ended (invalid_grant); run `troth login hello`"


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return written(tmp_path_factory.mktemp("shop"))


def told(setting: Setting, kind: Kind, words: str) -> tuple[list[str], str | None]:
    """The texts of the tellings after such a failure, and what `status` has to say."""
    store = FakeStore()
    noticing = Noticing(store, lambda: setting, lambda: NOW)
    receiving = Receiving(store, lambda: setting, lambda: NOW, Maillog(), lambda: None)
    watching = Watching(receiving, store, noticing, lambda: NOW, Maillog())
    for _ in range(3):
        watching.state(Source("hello", Role.INBOX, "INBOX"), State.RETRYING, MailboxError(kind, "hello", words))
    tellings = [store.letter(each.key) for each in store.letters() if each.kind is LetterKind.TELLING]
    texts = [" ".join(each.raw.decode().split()) for each in tellings if each]
    return texts, store.states()[0].error


def test_where_a_sign_in_has_ended_the_owner_is_told_at_once_and_once_what_to_run(setting: Setting) -> None:
    texts, error = told(setting, Kind.SIGNED_OUT, ENDED)
    (text,) = texts
    assert "run `troth login hello` where Troth runs; nothing has to be started again" in text
    assert "imap:" not in text
    assert error == ENDED


def test_where_a_password_is_refused_he_is_pointed_to_the_configuration(setting: Setting) -> None:
    (text,), _ = told(setting, Kind.REFUSED, "log-in failed: no")
    assert "look at `imap:` of this inbox" in text
    assert "login hello" not in text


@pytest.mark.parametrize("kind", [Kind.UNAVAILABLE, Kind.LOST, Kind.SILENT, Kind.SERVER, Kind.THROTTLED])
def test_what_may_pass_by_itself_is_told_to_nobody_at_once(setting: Setting, kind: Kind) -> None:
    assert told(setting, kind, "no answer from id.example: HTTP 503") == ([], "no answer from id.example: HTTP 503")
