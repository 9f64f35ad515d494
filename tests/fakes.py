"""Stand-ins for the edges, written by hand; each keeps the same contract as what it stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from threading import RLock

from tests.fakes_digest import gathered
from troth.model import (
    Address,
    Case,
    CaseState,
    ChangeCase,
    ChangeClient,
    ChangeLetter,
    Client,
    Correct,
    Enter,
    Evidence,
    Exchange,
    FollowUp,
    KeepPromise,
    Letter,
    LetterKind,
    LetterState,
    Note,
    OpenCase,
    Postpone,
    Promise,
    PromiseState,
    Relationship,
    Schedule,
    Seen,
    Stage,
    Standing,
    Step,
    Tell,
    Token,
    Tone,
    Undoing,
    Withhold,
    WriteLetter,
    Written,
)
from troth.store.face import Accounting, Correction, Counts, InboxState, JournalLine, Moved, Remembered, Watermark
from troth.store.gathered import Gathered, Span
from troth.store.standing import at_learning, at_record, by_letter, is_clients, shown

UNDER_WAY = (LetterState.QUEUED, LetterState.DEFERRED)
GIVEN_UP = (LetterState.WITHDRAWN, LetterState.DROPPED)
MOST = 200

_keys = count(1)


@dataclass
class _Ledger:
    """All that a store keeps; copied for each transaction. Its values are frozen, so a shallow copy will do."""

    clients: dict[str, Client] = field(default_factory=dict)
    mails: dict[str, Seen] = field(default_factory=dict)
    threads: dict[str, str] = field(default_factory=dict)
    passed: dict[tuple[Address, str], datetime] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    open_follow_ups: dict[str, FollowUp] = field(default_factory=dict)
    follow_ups: dict[str, FollowUp] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    claimed: dict[str, datetime] = field(default_factory=dict)
    claimants: dict[str, str] = field(default_factory=dict)
    journal: list[JournalLine] = field(default_factory=list)
    watermarks: dict[tuple[str, str], Watermark] = field(default_factory=dict)
    states: dict[tuple[str, str], InboxState] = field(default_factory=dict)
    memory: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    undoings: dict[str, Undoing] = field(default_factory=dict)
    promises: dict[str, Promise] = field(default_factory=dict)
    corrections: dict[str, tuple[Correct, datetime]] = field(default_factory=dict)
    faults: Counter[tuple[str, str, int, int]] = field(default_factory=Counter)

    def copy(self) -> _Ledger:
        return _Ledger(**{name: getattr(self, name).copy() for name in self.__dataclass_fields__})

    def owner(self, address: Address) -> Client | None:
        return next((client for client in self.clients.values() if address in client.addresses), None)

    def enter(self, entries: Iterable[Enter]) -> None:
        for entry in entries:
            seen = self.mails.get(entry.mail)
            kept = seen is not None and seen.standing is Standing.ACKNOWLEDGED
            if seen is not None and (not kept or entry.standing is Standing.ACKNOWLEDGED):
                self.mails[entry.mail] = replace(seen, standing=entry.standing, because=entry.because)

    def follow(self, letter: Letter, at: datetime) -> None:
        entry = by_letter(letter)
        self.enter([entry] if entry else [])
        telling = letter.kind is LetterKind.TELLING
        about = self.clients.get(letter.client or "")
        whom = (max(about.addresses) if about else None) if telling else letter.to
        what = f"{'telling' if telling else 'letter'} {letter.state.value}"
        self.journal.append(JournalLine(at, letter.inbox, letter.message_id, whom, what, letter.because))


class FakeBook:
    """A `Book` in memory."""

    def __init__(self, ledger: _Ledger) -> None:
        self._ledger = ledger

    def watermark(self, inbox: str, folder: str) -> Watermark | None:
        return self._ledger.watermarks.get((inbox, folder))

    def set_watermark(self, mark: Watermark) -> None:
        self._ledger.watermarks[mark.inbox, mark.folder] = mark

    def recorded(self, identities: Sequence[str]) -> frozenset[str]:
        return frozenset(each for each in identities if each in self._ledger.mails)

    def seen(self, identity: str) -> Seen | None:
        return self._ledger.mails.get(identity)

    def seen_by_message_id(self, message_id: str) -> Seen | None:
        found = [seen for seen in self._ledger.mails.values() if seen.message_id == message_id]
        return min(found, key=lambda seen: (seen.arrived, seen.identity), default=None)

    def letters_by_message_id(self, message_ids: Sequence[str]) -> Mapping[str, Letter]:
        return {
            each: replace(letter, raw=b"")
            for letter in self._ledger.letters.values()
            for each in (letter.message_id, letter.provider_id)
            if each is not None and each in message_ids
        }

    def relationship(
        self, addresses: frozenset[Address], message_ids: Sequence[str], own_id: str, since: datetime
    ) -> Relationship:
        ledger = self._ledger
        thread = next((ledger.threads[each] for each in (*message_ids, own_id) if each in ledger.threads), own_id)
        found = [client for client in ledger.clients.values() if client.addresses & addresses]
        if not found:
            return Relationship(Client(f"client-{next(_keys)}", addresses), thread)
        found.sort(key=lambda client: (client.first_seen is None, client.first_seen, client.key))
        keys = {client.key for client in found}
        client = _merged(found, addresses)
        return Relationship(
            client,
            thread,
            self._cases(keys, since),
            self._exchanges(client, since),
            self._written(keys, since),
            self._promises(keys, since),
        )

    def unanswered(self, inbox: str, folder: str, uidvalidity: int) -> Mapping[int, str]:
        waiting = {key for key, case in self._ledger.cases.items() if case.state is CaseState.WAITING}
        return {
            seen.uid: seen.identity
            for seen in self._ledger.mails.values()
            if (seen.inbox, seen.folder, seen.uidvalidity) == (inbox, folder, uidvalidity)
            and (seen.case in waiting and not seen.ours and seen.evidence is Evidence.NONE)
        }

    def doubt(self, identity: str) -> None:
        self._ledger.mails[identity] = replace(self._ledger.mails[identity], evidence=Evidence.DOUBTFUL)

    def threads(self, message_ids: Sequence[str]) -> Mapping[str, str]:
        return {each: self._ledger.threads[each] for each in message_ids if each in self._ledger.threads}

    def case(self, key: str) -> Case | None:
        return self._ledger.cases.get(key)

    def client(self, key: str) -> Client | None:
        return self._ledger.clients.get(key)

    def record(
        self, seen: Seen, client: Client | None, steps: Sequence[Step], letters: Sequence[Letter], at: datetime
    ) -> bool:
        if seen.identity in self._ledger.mails:
            return False
        self._touch(client, steps, at)
        whole = at_record(seen, client, steps, letters)
        self._write_mail(whole, client)
        steps = self._apply(steps, letters, {letter.key: seen.thread for letter in letters}, at)
        self._ledger.enter(entry for entry in _entries(steps, letters) if entry.mail != seen.identity)
        said = [(step.what, step.because) for step in steps] or [
            ("mail of ours" if seen.ours else "mail", whole.because)
        ]
        whom = shown(client, seen)
        lines = [JournalLine(at, seen.inbox, seen.message_id, whom, what, because) for what, because in said]
        self._ledger.journal.extend(lines)
        return True

    def carry_out(
        self,
        client: Client | None,
        steps: Sequence[Step],
        letters: Sequence[Letter],
        at: datetime,
        inbox: str | None = None,
    ) -> None:
        self._touch(client, steps, at)
        mails = self._ledger.mails
        threads = {each.key: mails[each.mail].thread for each in letters if each.mail in mails}
        steps = self._apply(steps, letters, threads, at)
        self._ledger.enter(_entries(steps, letters))
        for step in steps:
            behind = mails.get(_mail_behind(step) or "")
            where = inbox or (behind.inbox if behind else None)
            message_id = behind.message_id if behind else None
            line = JournalLine(at, where, message_id, _whom(step, client), step.what, step.because)
            self._ledger.journal.append(line)

    def learn(self, mails: Iterable[Seen], known: Iterable[Address]) -> None:
        new = {seen.identity: seen for seen in mails if seen.identity not in self._ledger.mails}
        for seen in sorted(new.values(), key=lambda each: each.arrived):
            ids = [*reversed(seen.references), seen.message_id or seen.identity]
            leads = self._ledger.threads
            thread = next((leads[each] for each in ids if each in leads), seen.thread)
            client = self._learn_client(seen.author, seen.arrived) if is_clients(seen) and seen.author else None
            learnt = replace(at_learning(seen), thread=thread, client=client.key if client else None)
            self._write_mail(learnt, client)
        for address in known:
            owner = self._ledger.owner(address)
            revision = owner.revision + 1 if owner else 1
            client = owner or self._learn_client(address, None)
            if not client.known:
                self._ledger.clients[client.key] = replace(client, known=True, revision=revision)

    def due(self, now: datetime, limit: int) -> Sequence[FollowUp]:
        due = [each for each in self._ledger.open_follow_ups.values() if each.due_at <= now]
        return sorted(due, key=lambda each: (each.due_at, each.key))[:limit]

    def follow_up(self, key: str) -> FollowUp | None:
        return self._ledger.follow_ups.get(key)

    def next_due(self) -> datetime | None:
        return min((each.due_at for each in self._ledger.open_follow_ups.values()), default=None)

    def take(self, key: str, now: datetime) -> bool:
        found = self._ledger.open_follow_ups.get(key)
        if found is None or found.due_at > now:
            return False
        del self._ledger.open_follow_ups[key]
        return True

    def note(self, line: JournalLine) -> None:
        client = self._ledger.clients.get(line.client or "")
        named = line.client if line.client and "@" in line.client else min(client.addresses) if client else None
        self._ledger.journal.append(replace(line, client=named))

    def remember(self, key: str, value: str) -> bool:
        changed = self._ledger.memory.get(key) != value
        self._ledger.memory[key] = value
        return changed

    def recall(self, key: str) -> str | None:
        return self._ledger.memory.get(key)

    def issue(self, token: Token) -> None:
        self._ledger.tokens.setdefault(token.id, token)

    def token(self, id_: str) -> Token | None:
        return self._ledger.tokens.get(id_)

    def revoke(self, id_: str, at: datetime) -> None:
        found = self._ledger.tokens.get(id_)
        if found is not None and found.revoked_at is None:
            self._ledger.tokens[id_] = replace(found, revoked_at=at)

    def keep_undoing(self, undoing: Undoing) -> None:
        self._ledger.undoings[undoing.token] = undoing

    def undoing(self, token: str) -> Undoing | None:
        return self._ledger.undoings.get(token)

    def promise(self, key: str) -> Promise | None:
        return self._ledger.promises.get(key)

    def promises(self, states: Sequence[PromiseState]) -> Sequence[Promise]:
        found = [each for each in self._ledger.promises.values() if each.state in states]
        return sorted(found, key=lambda each: (each.due_at, each.key))

    def open_cases(self) -> Sequence[Case]:
        cases = (case for case in self._ledger.cases.values() if case.open)
        return sorted(cases, key=lambda case: (case.opened_at, case.key))

    def letter(self, key: str) -> Letter | None:
        found = self._ledger.letters.get(key)
        return replace(found, raw=b"") if found else None

    def letters_about(self, mail: str, case: str | None) -> Sequence[Letter]:
        found = [
            replace(each, raw=b"")
            for each in self._ledger.letters.values()
            if each.kind is not LetterKind.TELLING
            and (each.mail == mail or (each.case is not None and each.case == case))
        ]
        return sorted(found, key=lambda each: (each.created, each.key))

    def corrected(self, mail: str) -> frozenset[Tone] | None:
        found = self._ledger.corrections.get(mail)
        return found[0].tone if found else None

    def fault(self, inbox: str, folder: str, uidvalidity: int, uid: int, words: str) -> int:  # noqa: ARG002 - the face's
        self._ledger.faults[inbox, folder, uidvalidity, uid] += 1
        return self._ledger.faults[inbox, folder, uidvalidity, uid]

    def _cases(self, keys: set[str], since: datetime) -> tuple[Case, ...]:
        cases = [
            case
            for case in self._ledger.cases.values()
            if case.client in keys
            and (case.closed_at is None or case.closed_at >= since or case.state is CaseState.PARTED)
        ]
        return tuple(sorted(cases, key=lambda case: (case.opened_at, case.key)))

    def _exchanges(self, client: Client, since: datetime) -> tuple[Exchange, ...]:
        passed = {
            (at, mail) for (who, mail), at in self._ledger.passed.items() if who in client.addresses and at >= since
        }
        return tuple(Exchange.of(self._ledger.mails[mail]) for _, mail in sorted(passed)[-MOST:])

    def _written(self, keys: set[str], since: datetime) -> tuple[Written, ...]:
        found = [each for each in self._ledger.letters.values() if each.client in keys and each.created >= since]
        return tuple(Written.of(each) for each in sorted(found, key=lambda each: (each.created, each.key))[-MOST:])

    def _promises(self, keys: set[str], since: datetime) -> tuple[Promise, ...]:
        found = [
            each
            for each in self._ledger.promises.values()
            if each.client in keys and (each.open or (each.closed_at is not None and each.closed_at >= since))
        ]
        return tuple(sorted(found, key=lambda each: (each.made_at, each.key)))

    def _touch(self, client: Client | None, steps: Sequence[Step], at: datetime) -> None:
        changed = {step.client.key: step.client for step in steps if isinstance(step, ChangeClient)}
        touched = [(client, changed.pop(client.key, None))] if client else []
        touched += [(other, other) for other in changed.values()]
        for each, _ in touched:
            self._refuse_moved(each)
        for each, new in touched:
            self._write_client(each, new, at)

    def _refuse_moved(self, client: Client) -> None:
        stored = self._ledger.clients.get(client.key)
        taken = any(self._ledger.owner(address) for address in client.addresses)
        if (stored.revision if stored else 0) != client.revision or (stored is None and taken):
            raise Moved(client.key)

    def _write_client(self, client: Client, changed: Client | None, at: datetime) -> None:
        others = {
            other.key for each in client.addresses if (other := self._ledger.owner(each)) and other.key != client.key
        }
        stored = self._ledger.clients.get(client.key, client)
        base = changed or (client if others else stored)
        for gone in others:
            self._rekey(gone, client.key)
        self._ledger.clients[client.key] = replace(
            base,
            addresses=stored.addresses | client.addresses,
            revision=client.revision + 1,
            quiet=False,
            first_seen=base.first_seen or (at if client.revision == 0 else None),
        )

    def _rekey(self, gone: str, kept: str) -> None:
        ledger = self._ledger
        del ledger.clients[gone]
        for key, case in ledger.cases.items():
            ledger.cases[key] = replace(case, client=kept) if case.client == gone else case
        for key, letter in ledger.letters.items():
            ledger.letters[key] = replace(letter, client=kept) if letter.client == gone else letter
        for key, seen in ledger.mails.items():
            ledger.mails[key] = replace(seen, client=kept) if seen.client == gone else seen
        for key, promise in ledger.promises.items():
            ledger.promises[key] = replace(promise, client=kept) if promise.client == gone else promise
        for follow_ups in (ledger.follow_ups, ledger.open_follow_ups):
            for key, each in follow_ups.items():
                follow_ups[key] = replace(each, client=kept) if each.client == gone else each

    def _learn_client(self, address: Address, arrived: datetime | None) -> Client:
        known = self._ledger.owner(address)
        if known is None:
            known = Client(f"client-{next(_keys)}", frozenset({address}), revision=1, first_seen=arrived)
            self._ledger.clients[known.key] = known
        return known

    def _write_mail(self, seen: Seen, client: Client | None) -> None:
        self._ledger.mails[seen.identity] = seen
        for each in (seen.message_id or seen.identity, *seen.references):
            self._ledger.threads.setdefault(each, seen.thread)
        passed: Iterable[Address] = seen.to if seen.ours else ()
        if not seen.ours and client is not None:
            passed = [seen.author if seen.author in client.addresses else min(client.addresses)]
        self._ledger.passed.update({(each, seen.identity): seen.arrived for each in passed})

    def _apply(
        self, steps: Sequence[Step], letters: Sequence[Letter], thread_of: Mapping[str, str], at: datetime
    ) -> Sequence[Step]:
        done = [self._apply_step(step, at) for step in steps]
        for letter in letters:
            self._ledger.letters.setdefault(letter.key, letter)
            if letter.key in thread_of:
                self._ledger.threads.setdefault(letter.message_id, thread_of[letter.key])
        return done

    def _apply_step(self, step: Step, at: datetime) -> Step:
        ledger = self._ledger
        if isinstance(step, ChangeLetter):
            return self._change_letter(step, at)
        if isinstance(step, KeepPromise):
            ledger.promises[step.promise.key] = step.promise
        if isinstance(step, Correct):
            ledger.corrections.pop(step.mail, None)
            if step.tone is not None:
                ledger.corrections[step.mail] = step, at
        if isinstance(step, (OpenCase, ChangeCase)):
            ledger.cases[step.case.key] = step.case
        elif isinstance(step, Schedule) and step.follow_up.key not in ledger.follow_ups:
            ledger.follow_ups[step.follow_up.key] = ledger.open_follow_ups[step.follow_up.key] = step.follow_up
        elif isinstance(step, Postpone):
            planned = step.follow_up.planned_at or step.follow_up.due_at
            later = replace(step.follow_up, due_at=step.until, planned_at=planned)
            ledger.follow_ups[later.key] = ledger.open_follow_ups[later.key] = later
        elif isinstance(step, (WriteLetter, Tell, Withhold)) and step.follow_up is not None:
            ledger.open_follow_ups.pop(step.follow_up.key, None)
            if isinstance(step, WriteLetter):
                ledger.follow_ups.setdefault(step.follow_up.key, step.follow_up)
        return step

    def _change_letter(self, step: ChangeLetter, at: datetime) -> Step:
        found = self._ledger.letters.get(step.key)
        if found is None or found.state not in step.expect:
            return Note("letter left as it is", step.because)
        changed = replace(_sent(found, step.state, at), state=step.state, because=step.because, next_try=None)
        self._ledger.letters[step.key] = changed
        entry = by_letter(changed)
        self._ledger.enter([entry] if entry else [])
        return step


class FakeStore:
    """A `Store` in memory."""

    def __init__(self) -> None:
        self._ledger = _Ledger()
        self._lock = RLock()

    @contextmanager
    def writing(self) -> Iterator[FakeBook]:
        with self._lock:
            ledger = self._ledger.copy()
            yield FakeBook(ledger)
            self._ledger = ledger

    @contextmanager
    def reading(self) -> Iterator[FakeBook]:
        with self._lock:
            yield FakeBook(self._ledger.copy())

    def waiting_letters(
        self, now: datetime, inbox: str, limit: int, kinds: Sequence[LetterKind] = tuple(LetterKind)
    ) -> Sequence[Letter]:
        waiting = [
            letter
            for letter in self._ledger.letters.values()
            if letter.inbox == inbox and letter.state in UNDER_WAY and letter.kind in kinds
            if letter.state is LetterState.QUEUED or (letter.next_try or now) <= now
        ]
        waiting.sort(key=lambda letter: (letter.kind is not LetterKind.TELLING, letter.created, letter.key))
        return waiting[:limit]

    def next_try(self) -> datetime | None:
        waiting = [letter for letter in self._ledger.letters.values() if letter.state in UNDER_WAY]
        return min((letter.next_try or letter.created for letter in waiting), default=None)

    def mark_sending(self, keys: Sequence[str], at: datetime, worker: str) -> frozenset[str]:
        with self._lock:
            letters = self._ledger.letters
            won = frozenset(key for key in keys if key in letters and letters[key].state in UNDER_WAY)
            for key in won:
                letters[key] = replace(letters[key], state=LetterState.SENDING)
                self._ledger.claimed[key], self._ledger.claimants[key] = at, worker
            return won

    def unmark(self, keys: Sequence[str]) -> None:
        with self._lock:
            for key in keys:
                letter = self._ledger.letters.get(key)
                if letter is not None and letter.state is LetterState.SENDING:
                    waits = LetterState.DEFERRED if letter.attempts else LetterState.QUEUED
                    self._ledger.letters[key] = replace(letter, state=waits)

    def settle(self, letters: Sequence[Letter], at: datetime) -> None:
        with self._lock:
            for letter in letters:
                self._settle(letter, at)

    def _settle(self, letter: Letter, at: datetime) -> None:
        old = self._ledger.letters.get(letter.key)
        closed = (LetterState.SENT, LetterState.DROPPED, LetterState.WITHDRAWN)
        if old is None or (old.state in closed and letter.state is not LetterState.SENT):
            return
        new = replace(
            old,
            state=letter.state,
            because=letter.because,
            attempts=letter.attempts,
            next_try=letter.next_try,
            sent_at=letter.sent_at,
            provider_id=letter.provider_id,
            envelope_from=letter.envelope_from,
        )
        self._change(new, at)

    def _change(self, letter: Letter, at: datetime) -> None:
        self._ledger.letters[letter.key] = letter
        self._ledger.follow(letter, at)

    def filed(self, marks: Sequence[tuple[str, int | None]]) -> None:
        with self._lock:
            for key, uid in marks:
                self._ledger.letters[key] = replace(self._ledger.letters[key], filed=True, filed_uid=uid)

    def laid(self, inbox: str) -> Sequence[Letter]:
        own = [letter for letter in self._ledger.letters.values() if letter.inbox == inbox]
        found = [each for each in own if each.state is LetterState.DRAFTED or (each.filed and each.state in GIVEN_UP)]
        return sorted((replace(each, raw=b"") for each in found), key=lambda each: (each.created, each.key))

    def taken_back(self, key: str) -> bool:
        with self._lock:
            letter = self._ledger.letters.get(key)
            if letter is None or not letter.filed or letter.state not in GIVEN_UP:
                return False
            self._ledger.letters[key] = replace(letter, filed=False, filed_uid=None)
            return True

    def unfiled(self, inbox: str, limit: int, worker: str, at: datetime, older_than: timedelta) -> Sequence[Letter]:
        with self._lock:
            claims = self._ledger.claimed
            found = [
                letter
                for key, letter in self._ledger.letters.items()
                if letter.inbox == inbox and letter.state is LetterState.SENT and not letter.filed
                if self._ledger.claimants.get(key) == worker or key not in claims or claims[key] <= at - older_than
            ][:limit]
            for letter in found:
                if self._ledger.claimants.get(letter.key) != worker:
                    self._ledger.claimants[letter.key], claims[letter.key] = worker, at
            return found

    def interrupted(self, at: datetime, older_than: timedelta) -> Sequence[Letter]:
        with self._lock:
            left = [
                replace(letter, state=LetterState.UNKNOWN, because="the program stopped while the letter was leaving")
                for letter in self._ledger.letters.values()
                if letter.state is LetterState.SENDING and self._ledger.claimed[letter.key] <= at - older_than
            ]
            for letter in left:
                self._change(letter, at)
            return left

    def sent_since(self, since: datetime) -> Sequence[datetime]:
        sent = (
            letter.sent_at
            for letter in self._ledger.letters.values()
            if letter.kind is not LetterKind.TELLING and letter.sent_at is not None
        )
        return sorted(at for at in sent if at >= since)

    def letters(self, states: Sequence[LetterState] = (), limit: int = 1000) -> Sequence[Letter]:
        found = [each for each in self._ledger.letters.values() if not states or each.state in states]
        found.sort(key=lambda letter: (letter.created, letter.key))
        return [replace(letter, raw=b"") for letter in found[-limit:]]

    def letter(self, key: str) -> Letter | None:
        return self._ledger.letters.get(key)

    def change_letter(
        self, key: str, expect: Sequence[LetterState], state: LetterState, because: str, at: datetime
    ) -> bool:
        with self._lock:
            letter = self._ledger.letters.get(key)
            if letter is None or letter.state not in expect:
                return False
            self._change(replace(_sent(letter, state, at), state=state, because=because, next_try=None), at)
            return True

    def state(self, state: InboxState) -> None:
        self._ledger.states[state.inbox, state.folder] = state

    def states(self) -> Sequence[InboxState]:
        return [self._ledger.states[key] for key in sorted(self._ledger.states)]

    def accounting(self) -> Mapping[str, Accounting]:
        theirs = [seen for seen in self._ledger.mails.values() if not seen.ours]
        return {inbox: _account(theirs, inbox) for inbox in {seen.inbox for seen in theirs}}

    def counts(self, now: datetime) -> Counts:
        cases = Counter(case.state.value for case in self._ledger.cases.values())
        letters = Counter(letter.state.value for letter in self._ledger.letters.values())
        promises = Counter(promise.state.value for promise in self._ledger.promises.values())
        due = sum(each.due_at <= now for each in self._ledger.open_follow_ups.values())
        return Counts(
            cases={state.value: cases[state.value] for state in CaseState},
            letters={state.value: letters[state.value] for state in LetterState},
            due=due,
            scheduled=len(self._ledger.open_follow_ups) - due,
            promises={state.value: promises[state.value] for state in PromiseState},
        )

    def journal(
        self, *, client: Address | None = None, message_id: str | None = None, limit: int = 1000
    ) -> Sequence[JournalLine]:
        owner = self._ledger.owner(client) if client else None
        addresses = (owner.addresses if owner else frozenset()) | {client}
        mails = {mail.identity for mail in self._ledger.mails.values() if mail.message_id == message_id}
        ids = {message_id, *(each.message_id for each in self._ledger.letters.values() if each.mail in mails)}
        lines = [
            line
            for line in self._ledger.journal
            if (client is None or line.client in addresses) and (message_id is None or line.message_id in ids)
        ]
        return sorted(lines, key=lambda line: line.at)[-limit:]

    def open_cases(self) -> Sequence[Case]:
        return sorted(
            (case for case in self._ledger.cases.values() if case.open), key=lambda case: (case.opened_at, case.key)
        )

    def promises(self, states: Sequence[PromiseState] = ()) -> Sequence[Promise]:
        found = [each for each in self._ledger.promises.values() if not states or each.state in states]
        return sorted(found, key=lambda each: (each.due_at, each.key))

    def gathered(self, span: Span) -> Gathered:
        return gathered(self._ledger, span)

    def corrections(self, limit: int = 10_000) -> Sequence[Correction]:
        known = [each for each in self._ledger.corrections.values() if each[0].mail in self._ledger.mails]
        known.sort(key=lambda each: each[0].mail)
        known.sort(key=lambda each: each[1], reverse=True)
        return [_correction(self._ledger.mails[step.mail], step, at) for step, at in known[:limit]]

    def uncorrected(self, limit: int = 2000) -> Sequence[Remembered]:
        corrected = {step.mail for step, _ in self._ledger.corrections.values()}
        found = [
            each
            for each in self._ledger.mails.values()
            if each.client and each.text and not (each.ours or each.automatic or each.identity in corrected)
        ]
        found.sort(key=lambda each: each.identity)
        found.sort(key=lambda each: each.arrived, reverse=True)
        return [
            Remembered(each.identity, each.subject, each.text, each.language, each.author, each.author_name)
            for each in found[:limit]
        ]

    def close(self) -> None:
        """Nothing is held open."""


def _sent(letter: Letter, state: LetterState, at: datetime) -> Letter:
    return replace(letter, sent_at=letter.sent_at or at) if state is LetterState.SENT else letter


def _merged(found: Sequence[Client], addresses: frozenset[Address]) -> Client:
    asked = [client.silence_asked_at for client in found if client.silence_asked_at]
    seen = [client.first_seen for client in found if client.first_seen]
    return replace(
        found[0],
        addresses=addresses.union(*(client.addresses for client in found)),
        name=next((client.name for client in found if client.name), ""),
        known=any(client.known for client in found),
        stage=next((client.stage for client in found if client.stage is not Stage.STRANGER), Stage.STRANGER),
        last_colleague=next((client.last_colleague for client in found if client.last_colleague), None),
        silence_asked_at=min(asked, default=None),
        bounced=frozenset[Address]().union(*(client.bounced for client in found)),
        first_seen=min(seen, default=None),
        absent_until=max((client.absent_until for client in found if client.absent_until), default=None),
        hushed_at=min((client.hushed_at for client in found if client.hushed_at), default=None),
    )


def _correction(seen: Seen, step: Correct, at: datetime) -> Correction:
    return Correction(
        mail=seen.identity,
        subject=seen.subject,
        text=seen.text,
        language=seen.language,
        tone=step.tone or frozenset(),
        verdict=seen.verdict,
        by=step.by,
        at=at,
    )


def _entries(steps: Sequence[Step], letters: Sequence[Letter]) -> list[Enter]:
    entered = [step for step in steps if isinstance(step, Enter)]
    return entered + [entry for letter in letters if (entry := by_letter(letter)) is not None]


def _mail_behind(step: Step) -> str | None:
    if isinstance(step, (OpenCase, ChangeCase)):
        return step.case.mail
    if isinstance(step, (Enter, Correct)):
        return step.mail
    if isinstance(step, KeepPromise):
        return step.promise.mail
    follow_up = getattr(step, "follow_up", None)
    return follow_up.mail if isinstance(follow_up, FollowUp) else None


def _whom(step: Step, client: Client | None) -> Address | None:
    if isinstance(step, WriteLetter):
        return step.to
    if isinstance(step, KeepPromise):
        return step.promise.address
    follow_up = getattr(step, "follow_up", None)
    if isinstance(follow_up, FollowUp):
        return follow_up.address
    person = step.client if isinstance(step, ChangeClient) else client
    return min(person.addresses, default=None) if person else None


def _account(theirs: Sequence[Seen], inbox: str) -> Accounting:
    own = [seen for seen in theirs if seen.inbox == inbox]
    standing = Counter(seen.standing for seen in own)
    return Accounting(
        seen=len(own),
        acknowledged=standing[Standing.ACKNOWLEDGED],
        pending=standing[Standing.PENDING],
        no_letter=dict(Counter(seen.because for seen in own if seen.standing is Standing.NO_LETTER)),
        set_aside=standing[Standing.SET_ASIDE],
    )
