"""Mails that people have moved into a folder that asks for something: they say so as a reply would."""

from __future__ import annotations

from dataclasses import dataclass

from troth import policy
from troth.commands import Asked, Command, Reply
from troth.desk.deciding import Deciding, latest
from troth.desk.mail import Mail
from troth.model import Address, Case, Concern, Seen
from troth.policy import Colleague, Subject
from troth.store import JournalLine

MOVED = "moved to folder"


@dataclass(frozen=True, slots=True)
class Moving:
    """What is decided on a mail that was moved, within the transaction of `desk`."""

    desk: Deciding

    def moved(self, mail: Mail, asks: Command) -> None:
        """Do what the folder asks for. The mail is recorded; one of ours, or of nobody, asks for nothing."""
        seen = self.desk.book.seen(mail.identity)
        if seen is None or seen.ours or seen.author is None:
            return
        subject = self._subject(seen, seen.author)
        asked = Reply((Asked(asks, line=mail.folder.name),))
        business = self.desk.setting.business
        outcome = policy.on_commands(asked, (subject,), self._who(mail), business, self.desk.now)
        self._note(mail, seen, ", ".join(effect.word.value for effect in outcome.effects))
        for done in outcome.done:
            self._carry_out(done, seen)

    def _subject(self, seen: Seen, author: Address) -> Subject:
        book, case = self.desk.book, self._case(seen)
        found = self.desk.relationship(author, (seen.message_id or seen.identity,), seen.thread)
        about = tuple(book.letters_about(seen.identity, case.key if case else None))
        concern = Concern(mail=seen.identity, case=case.key if case else None)
        return Subject(concern, seen, case, found, about, corrected=book.corrected(seen.identity))

    def _case(self, seen: Seen) -> Case | None:
        """The case that the mail belongs to, or that somebody's correction has opened for it."""
        return self.desk.book.case(seen.case or policy.case_key(seen.identity))

    def _who(self, mail: Mail) -> Colleague:
        """Whoever has the mailbox: a colleague whose own it is, else somebody unnamed."""
        business, inbox = self.desk.setting.business, mail.folder.inbox
        address = business.inboxes[inbox].address
        return business.colleague(address) or Colleague(f"whoever has the mailbox {inbox}", address)

    def _note(self, mail: Mail, seen: Seen, effects: str) -> None:
        book, folder = self.desk.book, mail.folder
        because = f"{folder.name}: {effects or 'nothing to do'}"
        book.note(JournalLine(self.desk.now, folder.inbox, seen.message_id, seen.author, MOVED, because))

    def _carry_out(self, done: policy.Done, seen: Seen) -> None:
        relationship = done.subject.relationship
        if relationship is None:
            self.desk.book.carry_out(None, done.steps, (), self.desk.now, seen.inbox)
            return
        client = relationship.client
        steps, letters = self.desk.written(seen, client, latest(done.subject.case, done.steps), done.steps)
        self.desk.book.carry_out(client, steps, letters, self.desk.now, seen.inbox)
