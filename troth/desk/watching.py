"""Where the watch over a folder meets the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from troth.commands import Answered, Command, Settled, SetTone
from troth.desk.mail import Came, Folder
from troth.desk.noticing import Noticing, Word, sign_in_again
from troth.desk.receiving import Receiving
from troth.desk.sight import Sight
from troth.mailbox import Fetched, Kind, MailboxError, Phase, Role, Source, State
from troth.mailbox import Watermark as Mark
from troth.maillog import Maillog
from troth.model import Tone
from troth.store import InboxState, Store, StoreError, Watermark

_NOTED_EVERY = timedelta(seconds=30)
_TOLD_AFTER = timedelta(hours=1)
_MEND = "look at `imap:` of this inbox in config.yaml; nothing has to be started again"
_MEND_SENT = "name it in config.yaml under `folders: {sent: …}`; what you have answered cannot be seen until then"
_TOLD_AT_ONCE = (Kind.REFUSED, Kind.SIGNED_OUT, Kind.MISCONFIGURED)
_ASKS: Mapping[Role, Command] = {
    Role.COMPLAINT: SetTone(frozenset({Tone.COMPLAINT})),
    Role.PRAISE: SetTone(frozenset({Tone.PRAISE})),
    Role.NEITHER: SetTone(frozenset()),
    Role.ANSWERED: Answered(),
    Role.SETTLED: Settled(),
}


class Watching:
    """Takes what a Watch brings (its Receiver), and keeps word of how the watching goes."""

    def __init__(
        self,
        receiving: Receiving,
        store: Store,
        noticing: Noticing,
        now: Callable[[], datetime],
        log: Maillog,
        sight: Sight | None = None,
    ) -> None:
        self._receiving = receiving
        self._store = store
        self._noticing = noticing
        self._now = now
        self._log = log
        self._sight = sight
        self._states: dict[Source, tuple[State, datetime, datetime]] = {}
        self._synced: dict[Source, datetime] = {}

    def watermark(self, source: Source) -> Mark | None:
        found = self._receiving.watermark(source.inbox, source.folder)
        if found is None:
            return None
        phase = Phase.LEARN if found.learn_until else Phase.NEW
        return Mark(found.uidvalidity, found.uid, phase, found.learn_until)

    def learn(self, source: Source, mark: Mark, batch: Sequence[Fetched]) -> None:
        self._receiving.learn(_folder(source, mark), _recorded(source, mark), [_came(mail) for mail in batch])

    def receive(
        self, source: Source, mark: Mark, batch: Sequence[Fetched], *, resync: bool
    ) -> Mapping[int, tuple[str, ...]]:
        """New mails; known ones come again after a resync and are known by their identity."""
        came = [_came(mail) for mail in batch]
        return self._receiving.receive(_folder(source, mark), _recorded(source, mark), came, again=resync)

    def unanswered(self, source: Source, mark: Mark) -> Sequence[int]:
        return self._receiving.unanswered(_folder(source, mark))

    def answered(self, source: Source, mark: Mark, uids: Sequence[int]) -> None:
        self._receiving.marked(_folder(source, mark), uids)

    def state(self, source: Source, state: State, error: Exception | None) -> None:
        """Note how the watching goes: each change, and twice a minute that all is well."""
        now = self._now()
        if state is State.WATCHING and self._sight is not None:
            self._sight.read(source.inbox, source.role, now)
        before, since, noted = self._states.get(source, (None, now, None))
        changed = before is not state
        words = _words(error)
        if changed or error is not None:
            self._log.watching(source.inbox, source.folder or source.role, state, words)
        since = now if changed else since
        if changed or error is not None or noted is None or now - noted >= _NOTED_EVERY:
            if state is State.WATCHING:
                self._synced[source] = now
            synced = self._synced.get(source)
            # by its role: what the folder is called is not known before the first log-in, and may change
            self._store.state(InboxState(source.inbox, source.role, state.value, synced, words))
            self._states[source] = (state, since, now)
        if state is State.RETRYING and isinstance(error, MailboxError):
            self._tell(error, source, since, now)

    def _tell(self, error: MailboxError, source: Source, since: datetime, now: datetime) -> None:
        if error.kind not in _TOLD_AT_ONCE and now - since < _TOLD_AFTER:
            return
        if error.kind is Kind.MISCONFIGURED and source.role in _ASKS:
            return  # mail is read all the same: `status` and `check --connect` name the folder
        topic = f"mailbox {source.inbox}"  # its folders fail together: one word is enough
        blind = source.role is Role.SENT and error.kind is Kind.MISCONFIGURED
        self._noticing.tell(
            Word(
                topic=f"{topic}: {error.words}" if error.kind is Kind.MISCONFIGURED else topic,
                occasion=f"{since.date().isoformat()} {error.kind}",
                purpose="colleague/cannot-send" if blind else "colleague/mailbox-unreachable",
                what=f"the Sent folder of {source.inbox}" if blind else f"the inbox {source.inbox}",
                because=error.words,
                mend=_MEND_SENT if blind else sign_in_again(error.inbox) if error.kind is Kind.SIGNED_OUT else _MEND,
                since=since,
            )
        )


def _words(error: Exception | None) -> str | None:
    if error is None:
        return None
    if isinstance(error, StoreError):
        return str(error)
    return error.words if isinstance(error, MailboxError) else type(error).__name__


def _folder(source: Source, mark: Mark) -> Folder:
    sent, asks = source.role is Role.SENT, _ASKS.get(source.role)
    return Folder(source.inbox, source.folder, mark.uidvalidity, sent, asks)


def _recorded(source: Source, mark: Mark) -> Watermark:
    until = mark.until if mark.phase is Phase.LEARN else 0
    return Watermark(source.inbox, source.folder, mark.uidvalidity, mark.uid, until)


def _came(mail: Fetched) -> Came:
    return Came(mail.uid, mail.raw, mail.arrived, mail.flags)
