"""What a colleague is told of his reply: what it did, what it did not, and why; and whom we warn of a stranger's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256

from troth import letters, message, policy
from troth.desk.deciding import Deciding
from troth.desk.issuing import Issued, Issuing
from troth.desk.mail import Mail
from troth.desk.telling import telling_letter
from troth.letters import LetterError, Situation, Voice
from troth.letters.objections import NotDone, objection
from troth.letters.unaccepted import Unaccepted, Waits, unaccepted, waits
from troth.model import (
    Address,
    Case,
    CaseState,
    Concern,
    Letter,
    LetterKind,
    LetterState,
    Note,
    Promise,
    PromiseState,
    Purpose,
    Tell,
    Token,
)
from troth.policy import Colleague, Denied, Effect, Outcome, Subject

CONFIRMATION = "colleague/confirmation"
NOT_ACCEPTED = "colleague/not-accepted"
TOKEN_SEEN = "colleague/token-seen"  # noqa: S105 - the name of a letter

NOTES_AN_HOUR = 20
"""So many replies of one person that ask for nothing are confirmed in an hour: two machines must not talk for ever."""

_WHY: Mapping[Denied, Unaccepted] = {
    Denied.SHARED: Unaccepted.SHARED,
    Denied.EXPIRED: Unaccepted.EXPIRED,
    Denied.REVOKED: Unaccepted.REVOKED,
    Denied.FORGED: Unaccepted.FORGED,
}
_SEEN = (
    "a mail to {name} was answered by somebody else",
    "{who} has written a mail that refers to one of ours to {name}, so it is in other hands",
    "ask {name} whether it was forwarded; tellings that come from now on can be answered as ever",
)


@dataclass(frozen=True, slots=True)
class Confirming:
    """Writes to the person a token was issued to, at his address in the configuration, never to who wrote the mail."""

    desk: Deciding
    mail: Mail
    person: Colleague | None
    token: Token
    subjects: tuple[Subject, ...] = ()
    written: Sequence[Letter] = ()

    def confirm(self, outcome: Outcome, unsure: Sequence[str]) -> None:
        """Say what a reply did, and keep under the new token what may be undone."""
        if not _worth_a_word(outcome, unsure) or (self._only_noted(outcome) and self._too_many()):
            return
        situations = [Situation.CONFIRMED] if outcome.undoing else []
        situations += [Situation.NOTED] if outcome.note else []
        situations += [Situation.HELP] if outcome.help or outcome.unread else []
        issued = self._issued()
        if outcome.undoing is not None:
            self.desk.book.keep_undoing(replace(outcome.undoing, token=issued.token.id))
        voice = self._voice(CONFIRMATION)
        told = letters.confirmation(
            voice,
            about=self._about(outcome, voice),
            done=self._done(outcome, voice),
            refused=(*self._refused(outcome, voice), *(unaccepted(Unaccepted.UNSURE, voice, each) for each in unsure)),
            waiting=tuple(self._waiting(voice)) if outcome.pending else (),
            unsent=self._unsent(outcome),
            undo_until=issued.token.expires_at if outcome.undoing else None,
            letter=self._held(),
        )
        self._write(CONFIRMATION, told, issued, situations, "a colleague's reply")

    def refuse(self, why: Denied) -> None:
        """Say why a reply did nothing, once for each reason and token."""
        if self.person is None or not self.desk.book.remember(f"told token {self.token.id}", why.value):
            return
        voice = self._voice(NOT_ACCEPTED)
        told = letters.confirmation(
            voice, about=self._matters(self._known(), voice), refused=[unaccepted(_WHY[why], voice)]
        )
        self._write(NOT_ACCEPTED, told, self._issued(), [], why.value)

    def warn(self) -> None:
        """Tell the owner that a mail to a colleague is in other hands."""
        business = self.desk.setting.business
        name = self.person.name if self.person else self.token.person
        voice = self._voice(TOKEN_SEEN)
        said = letters.notice(
            voice.said(_SEEN[0].format(name=name)),
            voice.said(_SEEN[1].format(who=self.mail.reading.message.author or "somebody", name=name)),
            mend=voice.said(_SEEN[2].format(name=name)),
        )
        issued = Issuing(self.desk.book, self.desk.now).issue(
            business.owner.address, Purpose.TELLING, (), self.desk.setting.sender(self.mail.folder.inbox)
        )
        facts = replace(self._facts([], business.owner), notice=said)
        self._send(TOKEN_SEEN, facts, issued, business.owner.address, "a token was seen outside")

    def _issued(self) -> Issued:
        inbox = self.desk.setting.sender(self.mail.folder.inbox)
        issuing = Issuing(self.desk.book, self.desk.now)
        return issuing.issue(self._to, Purpose.CONFIRMATION, self.token.about, inbox)

    @property
    def _to(self) -> Address:
        return self.person.address if self.person else self.desk.setting.business.owner.address

    def _write(
        self, purpose: str, told: letters.Confirmation, issued: Issued, situations: Sequence[Situation], because: str
    ) -> None:
        person = self.person or self.desk.setting.business.owner
        facts = replace(self._facts(situations, person), confirmation=told)
        self._send(purpose, facts, issued, person.address, because)

    def _facts(self, situations: Sequence[Situation], person: Colleague) -> letters.TellingFacts:
        setting = self.desk.setting
        others = (each.address for each in setting.business.colleagues if each != person)
        language = setting.letters.language_of(CONFIRMATION, setting.languages[0])
        words = letters.words(*situations, language=language, colleague=next(others, None))
        about = letters.business(setting.name, setting.sender(self.mail.folder.inbox).address)
        return letters.TellingFacts(about, letters.Colleague(person.name), words=words)

    def _send(self, purpose: str, facts: letters.TellingFacts, issued: Issued, to: Address, because: str) -> None:
        setting, now, book = self.desk.setting, self.desk.now, self.desk.book
        key = f"reply:{sha256(self.mail.identity.encode()).hexdigest()[:16]}:{purpose}:{to}"
        step = Tell(key, purpose, (to,), because, case=self._case())
        inbox = setting.sender(self.mail.folder.inbox)
        own_id = self.mail.reading.message.message_id if to == self._to and purpose != TOKEN_SEEN else None
        try:
            rendered = setting.letters.tell(purpose, facts, language=setting.languages[0])
            letter = telling_letter(setting, inbox, rendered, key, step, to, now, issued, answering=own_id)
        except LetterError as error:
            book.carry_out(None, (Note("telling could not be written", str(error)),), (), now, inbox.name)
            return
        book.carry_out(None, (step,), (letter,), now, inbox.name)

    def _case(self) -> str | None:
        """The one case that the answered mail was about."""
        cases = {each.case for each in self.token.about if each.case}
        return cases.pop() if len(cases) == 1 else None

    def _voice(self, purpose: str) -> Voice:
        setting = self.desk.setting
        language = setting.letters.language_of(purpose, setting.languages[0])
        return Voice(language, setting.business.hours.zone, self.desk.now)

    def _only_noted(self, outcome: Outcome) -> bool:
        return not outcome.undoing and not outcome.pending and not outcome.help

    def _too_many(self) -> bool:
        """Whether this person has had so many confirmations of mere notes in the last hour."""
        book, key, now = self.desk.book, f"noted for {self._to}", self.desk.now
        since = (now - timedelta(hours=1)).timestamp()
        recent = [at for at in json.loads(book.recall(key) or "[]") if at > since]
        book.remember(key, json.dumps([*recent, now.timestamp()][-NOTES_AN_HOUR - 1 :]))
        return len(recent) >= NOTES_AN_HOUR

    def _done(self, outcome: Outcome, voice: Voice) -> tuple[str, ...]:
        """What was done, with what is worth knowing beside."""
        return tuple(self._line(each, voice) for each in outcome.effects if not isinstance(each.word, NotDone))

    def _refused(self, outcome: Outcome, voice: Voice) -> Iterator[str]:
        for each in outcome.effects:
            if isinstance(each.word, NotDone):
                said = self._line(each, voice)
                yield f"{each.line}: {said}" if each.line else said
        yield from (unaccepted(Unaccepted.UNREAD, voice, line) for line in outcome.unread)
        lines = [line for line in outcome.note.splitlines() if line not in outcome.unread]
        if lines and self._unsent(outcome) is None:
            yield unaccepted(Unaccepted.UNPLACED, voice, lines[0])

    def _line(self, effect: Effect, voice: Voice) -> str:
        client, what, who, when = self._name(effect), effect.what, effect.who, effect.when
        if isinstance(effect.word, policy.Deed):
            return letters.said(letters.Deed(effect.word.value), voice, client=client, what=what, who=who, when=when)
        return objection(effect.word, voice, client=client, what=what, who=who, when=when)

    def _name(self, effect: Effect) -> str:
        return self._client(self.subjects[effect.subject]) if effect.subject is not None else ""

    def _client(self, subject: Subject) -> str:
        """A client's name as colleagues know it, or his address."""
        seen = subject.seen
        if seen is None or seen.author is None:
            return "—"
        card = self.desk.setting.cards.get(seen.author)
        return (card.name if card else "") or seen.author_name or seen.author

    def _about(self, outcome: Outcome, voice: Voice) -> str:
        places = {each.subject for each in outcome.effects if each.subject is not None}
        touched = [subject for at, subject in enumerate(self.subjects) if at in places]
        return self._matters(touched or list(self.subjects), voice)

    def _matters(self, subjects: Sequence[Subject], voice: Voice) -> str:
        """What a reply was about: its client and subject, or its clients."""
        known = [each for each in subjects if each.seen is not None]
        if len(known) == 1 and known[0].seen is not None:
            return f"{self._client(known[0])}, {known[0].seen.subject or voice.no_subject}"
        names = list(dict.fromkeys(self._client(each) for each in known))
        return ", ".join([*names[:3], *(["…"] if len(names) > 3 else [])]) or self.desk.setting.name

    def _known(self) -> list[Subject]:
        """What the answered mail spoke of, as much of it as naming needs."""
        seen = (self.desk.book.seen(each.mail) for each in self.token.about if each.mail)
        return [Subject(Concern(each.identity), seen=each) for each in seen if each is not None]

    def _unsent(self, outcome: Outcome) -> letters.Unsent | None:
        """Words that the client has not received, with the way to send them to him."""
        one = self.subjects[0] if len(self.subjects) == 1 else None
        seen = one.seen if one else None
        if not outcome.note or one is None or seen is None or seen.author is None:
            return None
        name = self._client(one)
        return letters.unsent(seen.author, outcome.note, name=name, subject=seen.subject, message_id=seen.message_id)

    def _held(self) -> str:
        """The letter to a client that now waits for a `send`: nobody is to send it unread."""
        held = [each for each in self.written if each.state is LetterState.HELD and each.kind is not LetterKind.TELLING]
        return message.parse(held[0].raw).text if len(held) == 1 else ""

    def _waiting(self, voice: Voice) -> Iterator[str]:
        """All that waits for a person: open cases, the longest first, then promises by their moment."""
        book = self.desk.book
        lines = [self._of_case(case, voice) for case in book.open_cases()]
        binding = book.promises([PromiseState.OPEN, PromiseState.LATE])
        lines += [self._of_promise(promise, voice) for promise in binding]
        yield from lines or [waits(Waits.NOTHING, voice)]

    def _of_case(self, case: Case, voice: Voice) -> str:
        seen = self.desk.book.seen(case.mail)
        who = self.desk.setting.business.colleague(case.assignee)
        return waits(
            Waits.UNANSWERED if case.state is CaseState.WAITING else Waits.ANSWERED,
            voice,
            client=self._client(Subject(Concern(), seen=seen)),
            about=seen.subject if seen else "",
            who=who.name if who else None,
            since=case.received_at,
        )

    def _of_promise(self, promise: Promise, voice: Voice) -> str:
        seen = self.desk.book.seen(promise.mail)
        client = self._client(Subject(Concern(), seen=seen)) if seen else promise.address
        return waits(Waits.PROMISED, voice, client=client, about=promise.what, due=promise.due_at)


def _worth_a_word(outcome: Outcome, unsure: Sequence[str]) -> bool:
    """Whether a reply asked for anything: a mere `thanks` is not answered."""
    said = (outcome.effects, outcome.note, outcome.unread, outcome.pending, outcome.help, unsure)
    return any(map(bool, said))
