"""The way of a colleague's reply: who it is from, what it asks for, what follows, and a confirmation.

Every mail that bears a token of ours leaves one line of audit in the journal, whatever comes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from troth import commands, policy
from troth import token as tokens
from troth.commands import DESTRUCTIVE, Reply
from troth.desk.confirming import Confirming
from troth.desk.deciding import Deciding
from troth.desk.issuing import Issuing
from troth.desk.mail import Mail
from troth.desk.posting import RELEASED
from troth.gate import Reason, authenticated
from troth.model import (
    ChangeLetter,
    Concern,
    Enter,
    Letter,
    LetterState,
    Message,
    Nature,
    Note,
    Relationship,
    Seen,
    Standing,
    Step,
    Token,
)
from troth.policy import Colleague, Denied, Outcome, Subject
from troth.store import JournalLine

COMMAND = "command"
"""What the lines of audit are called in the journal."""

IN_SENT_ONLY = "awaits its copy in Sent"
UNVERIFIED = "sender not verified"
_MOST_MARKS = 20
_TOLD_TO_HIM = frozenset({Denied.SHARED, Denied.EXPIRED, Denied.REVOKED, Denied.FORGED})


@dataclass(frozen=True, slots=True)
class Commanding:
    """What is decided on mails that bear a token, within the transaction of `desk`."""

    desk: Deciding

    def read(self, mail: Mail) -> Seen | Mail:
        """Let a colleague's reply act; gives it as it was recorded, or the mail that is to go on as any other.

        What goes on has lost its tokens: none is recorded with it, and none can come into an answer to it.
        """
        marks = tokens.borne(mail.reading.message)[:_MOST_MARKS]
        if not marks:
            self._note_tokenless(mail)
            return mail
        verified = {mark: found for mark in marks if (found := self._issuing.verified(mark)) is not None}
        nearest = verified.get(marks[0])
        lead = nearest or next(iter(verified.values()), None)
        if lead is None:
            self._audit(mail, marks[0].id, "no effect: the token does not verify")
            return _unmarked(mail, ())
        why = self._denied(mail, lead)
        if why is None and nearest is not None:
            return self._act(mail, nearest)
        return self._refuse(mail, lead, list(verified.values()), why or Denied.STRANGER)

    def found_again(self, mail: Mail) -> None:
        """A mail that came into an inbox lies in Sent too: what it could not ask for there, it may now."""
        recorded = self.desk.book.seen(mail.identity)
        if recorded is None or recorded.ours or recorded.because not in (IN_SENT_ONLY, UNVERIFIED):
            return
        marks = tokens.borne(mail.reading.message)
        found = self._issuing.verified(marks[0]) if marks else None
        person = policy.holder(found, self.desk.setting.business) if found else None
        if found is None or person is None or self._denied(mail, found) is not None:
            return
        reply = self._reply(mail)
        if recorded.because == UNVERIFIED:
            reply = Reply(tuple(each for each in reply.commands if isinstance(each.command, DESTRUCTIVE)))
        said = self._do(mail, found, person, reply)
        entered = Enter(mail.identity, Standing.NO_LETTER, Reason.COLLEAGUE.value)
        self.desk.book.carry_out(None, (entered, self._line(mail, found.id, said)), (), self.desk.now)

    def repeated(self, mail: Mail) -> None:
        """A mail that was recorded before came once more: it does nothing, and that is noted once."""
        marks, recorded = tokens.borne(mail.reading.message), self.desk.book.seen(mail.identity)
        again = recorded is not None and (recorded.folder, recorded.uid) != (mail.folder.name, mail.came.uid)
        if marks and again and self.desk.book.remember(f"repeated token {marks[0].id}", mail.identity):
            self._audit(mail, marks[0].id, "no effect: it came before")

    @property
    def _issuing(self) -> Issuing:
        return Issuing(self.desk.book, self.desk.now)

    def _denied(self, mail: Mail, token: Token) -> Denied | None:
        business, sent = self.desk.setting.business, mail.folder.sent
        return policy.denied(mail.reading.message, token, business, self.desk.now, sent=sent)

    def _reply(self, mail: Mail) -> Reply:
        setting = self.desk.setting
        return commands.read(mail.reading.message.text, setting.languages, self.desk.now, setting.business.hours)

    def _act(self, mail: Mail, token: Token) -> Seen:
        """Do what a reply asks for that may ask; of a sender who is not verified only what harms nobody."""
        person = policy.holder(token, self.desk.setting.business) or self.desk.setting.business.owner
        reply, because = self._reply(mail), Reason.COLLEAGUE.value
        surely = policy.surely(mail.reading.message, self.desk.setting.business, sent=mail.folder.sent)
        unsure = () if surely else tuple(each for each in reply.commands if isinstance(each.command, DESTRUCTIVE))
        if unsure:
            because = UNVERIFIED
            reply = replace(reply, commands=tuple(each for each in reply.commands if each not in unsure))
        seen = replace(mail.seen(self._thread(mail, token)), standing=Standing.NO_LETTER, because=because)
        said = self._do(mail, token, person, reply, tuple(each.line for each in unsure))
        self.desk.book.record(seen, None, (self._line(mail, token.id, said),), (), self.desk.now)
        return seen

    def _thread(self, mail: Mail, token: Token) -> str:
        """The thread of the client's mail that a reply is about, where it is about one."""
        about = {each.mail for each in token.about if each.mail}
        seen = self.desk.book.seen(about.pop()) if len(about) == 1 else None
        return seen.thread if seen else self.desk.thread(mail)

    def _do(self, mail: Mail, token: Token, person: Colleague, reply: Reply, unsure: Sequence[str] = ()) -> str:
        """Decide on a reply, write down what follows, and confirm it; gives the effect in words."""
        book, now = self.desk.book, self.desk.now
        subjects = tuple(self._subject(each) for each in token.about)
        undoing = book.undoing(token.id)
        undone_from = token.issued_at if undoing else None
        outcome = policy.on_commands(reply, subjects, person, self.desk.setting.business, now, undoing, undone_from)
        written = [letter for group in _by_client(outcome) for letter in self._carry_out(group)]
        Confirming(self.desk, mail, person, token, subjects, written).confirm(outcome, unsure)
        return _effect(outcome, unsure)

    def _subject(self, concern: Concern) -> Subject:
        """All that is known of one thing that the answered mail spoke of."""
        book = self.desk.book
        seen = book.seen(concern.mail) if concern.mail else None
        promise = book.promise(concern.promise) if concern.promise else None
        if seen is None:
            return Subject(concern, promise=promise)
        key = concern.case or seen.case
        about = list(book.letters_about(seen.identity, key))
        own = book.letter(concern.letter) if concern.letter else None
        if own is not None and own.key not in {each.key for each in about}:
            about.append(own)
        return Subject(
            concern,
            seen=seen,
            case=book.case(key) if key else None,
            relationship=self._relationship(seen),
            letters=tuple(about),
            promise=promise,
            corrected=book.corrected(seen.identity),
        )

    def _relationship(self, seen: Seen) -> Relationship | None:
        """What is known of the client of a mail; a web form that he filled in was sent from another address."""
        client = self.desk.book.client(seen.client) if seen.client else None
        his = client.addresses if client else frozenset()
        who = seen.author if not his or seen.author in his else min(his)
        parents = (seen.message_id or seen.identity,)
        return self.desk.relationship(who, parents, seen.thread) if who and seen.client else None

    def _carry_out(self, group: Sequence[policy.Done]) -> Sequence[Letter]:
        """Write down what was decided of one client; gives the letters that were written for it."""
        steps: list[Step] = []
        letters: list[Letter] = []
        for done in group:
            subject = done.subject
            if subject.seen is None or subject.relationship is None:
                continue
            client = subject.relationship.client
            of_this = tuple(_released(step) for step in done.steps)
            kept, written = self.desk.written(subject.seen, client, subject.case, of_this)
            steps.extend(kept)
            letters.extend(written)
        first = group[0].subject.relationship
        self.desk.book.carry_out(first.client if first else None, steps, letters, self.desk.now)
        return letters

    def _refuse(self, mail: Mail, token: Token, borne: Sequence[Token], why: Denied) -> Seen | Mail:
        """A mail that may not act: its tokens die where they were seen outside, and whoever must know is told."""
        alive = [each for each in borne if tokens.alive(each, self.desk.now)]
        if why.seen_outside:
            for each in alive:
                self.desk.book.revoke(each.id, self.desk.now)
        said = f"no effect: {why}" + ("; revoked" if why.seen_outside and alive else "")
        if why is Denied.OWN_ADDRESS:
            seen = replace(mail.seen(self.desk.thread(mail)), standing=Standing.NO_LETTER, because=IN_SENT_ONLY)
            self.desk.book.record(seen, None, (self._line(mail, token.id, said),), (), self.desk.now)
            return seen
        self._audit(mail, token.id, said)
        confirming = Confirming(self.desk, mail, policy.holder(token, self.desk.setting.business), token)
        if why is Denied.STRANGER and alive:
            confirming.warn()
        elif why in _TOLD_TO_HIM and (alive or not why.seen_outside):
            confirming.refuse(why)
        return _unmarked(mail, self._behind(borne) if why is Denied.SHARED else ())

    def _behind(self, borne: Iterable[Token]) -> tuple[str, ...]:
        """The Message-IDs of the clients' mails that tokens are about: who answers a client by way of a telling of
        ours answers his mail."""
        about = chain.from_iterable(token.about for token in borne)
        seen = (self.desk.book.seen(each.mail) for each in about if each.mail)
        return tuple(dict.fromkeys(each.message_id for each in seen if each is not None and each.message_id))

    def _note_tokenless(self, mail: Mail) -> None:
        """A reply of a colleague that asks for something and bears no token, wherever else it may hold one."""
        message = mail.reading.message
        ours = self.desk.setting.business.colleague(message.author) is not None
        replies = bool(message.in_reply_to or message.references)
        if mail.folder.sent or not ours or not replies or message.nature is not Nature.PERSON:
            return
        if self._reply(mail).commands:
            self._audit(mail, None, "no effect: no token")

    def _audit(self, mail: Mail, token_id: str | None, said: str) -> None:
        line = self._line(mail, token_id, said)
        message_id = mail.reading.message.message_id
        at, inbox = self.desk.now, mail.folder.inbox
        self.desk.book.note(JournalLine(at, inbox, message_id, None, line.what, line.because))

    def _line(self, mail: Mail, token_id: str | None, said: str) -> Note:
        """A line of audit: no word of a client's, nor of whoever wrote the mail, stands in it."""
        sure = _authentication(mail.reading.message, self.desk, sent=mail.folder.sent)
        return Note(COMMAND, f"token {token_id or 'none'}, mail {mail.identity}, sender {sure}: {said}")


def _unmarked(mail: Mail, instead: Sequence[str]) -> Mail:
    """A mail without the tokens it bears, other ids in their place."""
    message = mail.reading.message
    answered = (*tokens.without(message.in_reply_to), *instead) if message.in_reply_to else ()
    references = (*tokens.without(message.references), *instead)
    return replace(
        mail,
        reading=replace(mail.reading, message=replace(message, in_reply_to=answered, references=references)),
    )


def _authentication(message: Message, desk: Deciding, *, sent: bool) -> str:
    if sent:
        return "found in Sent"
    passed = authenticated(message, desk.setting.business.house)
    return "not authenticated" if passed is None else "authenticated" if passed else "failed authentication"


def _by_client(outcome: Outcome) -> list[list[policy.Done]]:
    """What was decided, together for each client: each of them is written once."""
    groups: dict[str, list[policy.Done]] = {}
    for done in outcome.done:
        if done.subject.relationship is not None:
            groups.setdefault(done.subject.relationship.client.key, []).append(done)
    return list(groups.values())


def _released(step: Step) -> Step:
    """A letter that a person lets go is asked for by no breaker any more."""
    if isinstance(step, ChangeLetter) and step.state is LetterState.QUEUED:
        return replace(step, because=RELEASED)
    return step


def _effect(outcome: Outcome, unsure: Sequence[str]) -> str:
    """What came of a reply, in words of ours alone."""
    done = [str(effect.word) for effect in outcome.effects]
    done += ["a note kept"] if outcome.note else []
    done += ["asked what is pending"] if outcome.pending else []
    done += ["asked for help"] if outcome.help else []
    done += [f"{len(unsure)} not done: the sender is not verified"] if unsure else []
    return "; ".join(done) or "nothing asked"
