"""Mails of ours, found in Sent or come in a colleague's name, and what mail servers report of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from troth import policy
from troth.desk.deciding import Deciding
from troth.desk.drafting import letter_key
from troth.desk.mail import Mail
from troth.model import (
    Address,
    Enter,
    Evidence,
    Ignore,
    Letter,
    LetterState,
    Mode,
    Nature,
    Relationship,
    Seen,
    Standing,
    Step,
)
from troth.relationship import IN_OUR_NAME, latest_mail, open_case


@dataclass(frozen=True, slots=True)
class Answering:
    """What is decided on mails that are no client's, within the transaction of `desk`."""

    desk: Deciding

    def ours(self, mail: Mail) -> Seen:
        """A mail found in Sent: perhaps a colleague's answer to one client or several."""
        outside = policy.outsiders(mail.reading.message, self.desk.setting.business)
        own, draft = self._own_letter(mail, outside)
        if own or not outside:
            return self._internal(mail, automatic=own or mail.reading.message.nature is not Nature.PERSON)
        first, *others = self._clients(mail, self._meant(mail, outside))
        found = self._found(mail, first, len(outside))
        case = open_case(first)
        seen = replace(
            mail.seen(case.thread if case is not None and found.joins else first.thread),
            client=first.client.key,
            case=case.key if case else None,
            evidence=found.evidence,
            because=found.because,
            to=outside,
        )
        draft = draft or self._gone_draft(mail, first)
        steps = (*policy.on_answer(found, first, self.desk.setting.business), *self._sent_draft(draft, mail))
        self.desk.book.record(seen, first.client, steps, (), self.desk.now)
        for other in others:
            self._answered(mail, other, len(outside))
        return seen

    def found_again(self, mail: Mail) -> None:
        """A mail that was recorded as it came into an inbox lies in Sent too: it is ours beyond doubt."""
        recorded = self.desk.book.seen(mail.identity)
        outside = policy.outsiders(mail.reading.message, self.desk.setting.business)
        if recorded is None or recorded.ours or not outside or self._own_letter(mail, outside)[0]:
            return
        for relationship in self._clients(mail, self._meant(mail, outside)):
            self._answered(mail, relationship, len(outside))

    def _answered(self, mail: Mail, relationship: Relationship, outside: int) -> None:
        found = self._found(mail, relationship, outside)
        steps = policy.on_answer(found, relationship, self.desk.setting.business)
        if steps:
            self.desk.book.carry_out(relationship.client, steps, (), self.desk.now, mail.folder.inbox)

    def _internal(self, mail: Mail, *, automatic: bool) -> Seen:
        """A mail among ourselves, or a letter of Troth's own; a forwarded mail keeps its thread."""
        seen = replace(mail.seen(self.desk.thread(mail)), automatic=automatic)
        self.desk.book.record(seen, None, (), (), self.desk.now)
        return seen

    def _found(self, mail: Mail, relationship: Relationship, outside: int) -> policy.Found:
        message = mail.reading.message
        evidence, because = policy.evidence_of(message, outside)
        referring = bool(message.in_reply_to or message.references)
        joins = evidence is Evidence.FIRM and not referring and self._takes_up(message.subject, relationship)
        return policy.Found(mail.came.arrived, message.author, evidence, because, joins)

    def _takes_up(self, subject: str, relationship: Relationship) -> bool:
        """Whether a mail without a thread is the reply, by its subject, to what the client wrote in his open case."""
        case = open_case(relationship)
        if case is None:
            return False
        latest = latest_mail(relationship, case)
        written = [case.mail, *([latest.identity] if latest else [])]
        seen = [self.desk.book.seen(identity) for identity in dict.fromkeys(written)]
        return any(each is not None and policy.takes_up(subject, each.subject) for each in seen)

    def _meant(self, mail: Mail, outside: tuple[Address, ...]) -> tuple[Address, ...]:
        """The outsiders it was written to, and who asked in Reply-To that he be answered at one of their addresses."""
        asked = self.desk.book.seen_by_message_id(mail.parents[0]) if mail.parents else None
        if asked is None or asked.ours or asked.author is None or asked.author in outside:
            return outside
        wanted = policy.named(value for name, value in asked.fields if name == "reply-to")
        return (*outside, asked.author) if wanted.intersection(outside) else outside

    def _clients(self, mail: Mail, outside: Sequence[Address]) -> list[Relationship]:
        """The clients a mail went to, those with an open case first; of a circular only the first."""
        meant = outside if len(outside) <= policy.MANY else outside[:1]
        found = [self.desk.relationship(who, mail.parents, mail.own_id) for who in meant]
        one_each = {relationship.client.key: relationship for relationship in found}
        return sorted(one_each.values(), key=lambda relationship: open_case(relationship) is None)

    def _own_letter(self, mail: Mail, outside: Sequence[Address]) -> tuple[bool, Letter | None]:
        """Whether Troth wrote it and no person sent it; and the draft of ours that a person did send."""
        message = mail.reading.message
        ids = [message.message_id] if message.message_id else []
        letter = next(iter(self.desk.book.letters_by_message_id(ids).values()), None)
        if letter is not None:
            drafted = letter.state in policy.PERHAPS_SENT
            return not drafted, letter if drafted else None
        # a draft carries no mark of a program; a mail program may have given it a new Message-ID
        marks = message.field_values("x-troth-letter")
        if marks and message.nature is not Nature.PERSON:
            return True, None
        key = letter_key(marks)
        marked = self.desk.book.letter(key) if key else None
        drafted = marked is not None and marked.state in policy.PERHAPS_SENT and marked.to in outside
        return False, marked if drafted else None

    def _gone_draft(self, mail: Mail, relationship: Relationship) -> Letter | None:
        """The draft that had gone from Drafts, of which this answer to the same mail seems to have become."""
        for written in reversed(relationship.written):
            if written.mode is not Mode.DRAFT or written.state is not LetterState.WITHDRAWN or written.mail is None:
                continue
            letter, answered = self.desk.book.letter(written.key), self.desk.book.seen(written.mail)
            same = answered is not None and answered.message_id in mail.parents
            if letter is not None and letter.because == policy.GONE and same:
                return letter
        return None

    def _sent_draft(self, draft: Letter | None, mail: Mail) -> tuple[Step, ...]:
        """A person who sends a draft of ours has acknowledged the mail that it answers, in his own name."""
        if draft is None:
            return ()
        sent = policy.sent_by(draft, mail.reading.message.author, self.desk.setting.business)
        return (sent, *((Enter(draft.mail, Standing.ACKNOWLEDGED, sent.because),) if draft.mail else ()))

    def in_our_name(self, mail: Mail) -> Seen:
        """A mail that came into an inbox as if from a colleague: to a client with an open case, perhaps an answer."""
        message, business = mail.reading.message, self.desk.setting.business
        outside = policy.outsiders(message, business)
        if message.nature is not Nature.PERSON or not 0 < len(outside) <= policy.MANY:
            return self.desk.nobodys(mail)
        relationship = self._clients(mail, outside)[0]
        if open_case(relationship) is None:
            return self.desk.nobodys(mail)
        found = policy.Found(mail.came.arrived, message.author, Evidence.DOUBTFUL, IN_OUR_NAME)
        reason = mail.reading.refusal.reason.value if mail.reading.refusal else "colleague"
        seen = replace(
            mail.seen(relationship.thread),
            client=relationship.client.key,
            evidence=found.evidence,
            standing=Standing.NO_LETTER,
            because=reason,
        )
        steps = (*policy.on_answer(found, relationship, business), Ignore(reason))
        self.desk.book.record(seen, relationship.client, steps, (), self.desk.now)
        return seen

    def bounce(self, mail: Mail) -> Seen:
        """A bounce counts only where it knows a Message-ID of ours: of a letter, or of a colleague's answer."""
        message = mail.reading.message
        returned = message.bounce.message_id if message.bounce else None
        letter = self.desk.book.letters_by_message_id([returned]).get(returned) if returned else None
        if letter is not None and letter.client is not None:
            relationship = self.desk.relationship(letter.to, (), letter.message_id)
            return self._bounced(mail, relationship, policy.on_bounce(message, letter.to, relationship))
        answer = self.desk.book.seen_by_message_id(returned) if returned else None
        if answer is not None and answer.ours and answer.to and message.bounce and not message.bounce.delayed:
            return self._undelivered(mail, answer)
        return self.desk.nobodys(mail)

    def _undelivered(self, mail: Mail, answer: Seen) -> Seen:
        failed = mail.reading.message.bounce.recipients if mail.reading.message.bounce else ()
        to = next((who for who in answer.to if who in failed), answer.to[0])
        relationship = self.desk.relationship(to, (), answer.thread)
        at, business = mail.came.arrived, self.desk.setting.business
        waits = policy.on_undelivered(answer.arrived, at, relationship, business)
        return self._bounced(mail, relationship, (*policy.on_bounce(mail.reading.message, to, relationship), *waits))

    def _bounced(self, mail: Mail, relationship: Relationship, steps: tuple[Step, ...]) -> Seen:
        seen = replace(
            mail.seen(relationship.thread),
            client=relationship.client.key,
            author=None,
            because="bounce",
        )
        self.desk.book.record(seen, relationship.client, (*steps, Ignore("bounce")), (), self.desk.now)
        return seen
