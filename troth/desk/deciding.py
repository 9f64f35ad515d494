"""Within one transaction: look up what is known, ask the policy, render what it wants sent, write it all down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from troth import policy
from troth.desk.mail import Mail
from troth.desk.setting import Setting
from troth.desk.writing import Writing
from troth.gate import Refusal, authenticated, return_path_agrees
from troth.letters import LetterError
from troth.model import (
    Address,
    Case,
    ChangeCase,
    Client,
    Enter,
    Ignore,
    Letter,
    LetterState,
    Nature,
    Note,
    OpenCase,
    Relationship,
    Seen,
    Standing,
    Step,
    Tell,
    WriteLetter,
)
from troth.relationship import open_case
from troth.store import Book

_SLACK = timedelta(hours=1)
"""INTERNALDATE is the server's clock; ours may differ."""

WINDOW = timedelta(days=400)
"""How far back a client's history is looked at."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """What is decided on the mails of one batch, inside the transaction of `book`."""

    book: Book
    setting: Setting
    now: datetime
    first_start: datetime | None = None

    def decide(self, mail: Mail) -> Seen:
        """Decide on one mail and write it down; gives it as it was recorded."""
        if mail.folder.sent:
            return self._ours(mail)
        if mail.reading.message.nature is Nature.BOUNCE:
            return self._bounce(mail)
        return self._theirs(mail)

    def _theirs(self, mail: Mail) -> Seen:
        reading = mail.reading
        if reading.client is None or (reading.refusal is not None and not _perhaps_a_clients(reading.refusal)):
            return self._nobody(mail)
        relationship = self.relationship(reading.client, mail.parents, mail.own_id)
        decision = policy.on_mail(self._arrival(mail), relationship, self.setting.business, self.now)
        seen = replace(
            mail.seen(relationship.thread),
            client=relationship.client.key,
            case=decision.case.key if decision.case else None,
            refusal=decision.refusal.reason.value if decision.refusal else None,
            authenticated=_authenticated(mail, self.setting),
            standing=decision.standing,
            because=decision.because,
        )
        steps, letters = self.written(seen, relationship.client, decision.case, decision.steps)
        seen = _entered(seen, steps)
        self.book.record(seen, relationship.client, steps, letters, self.now)
        return seen

    def _nobody(self, mail: Mail) -> Seen:
        """Mail that is no client's: its reason is recorded, and no client is made of its sender."""
        reason = mail.reading.refusal.reason.value if mail.reading.refusal else "no sender"
        seen = replace(mail.seen(mail.own_id), standing=Standing.NO_LETTER, because=reason)
        self.book.record(seen, None, (Ignore(reason),), (), self.now)
        return seen

    def _arrival(self, mail: Mail) -> policy.Arrival:
        reading, message = mail.reading, mail.reading.message
        ours = self.book.letters_by_message_id([*mail.parents, *([message.message_id] if message.message_id else [])])
        return policy.Arrival(
            message=message,
            verdict=reading.verdict,
            inbox=self.setting.business.inboxes[mail.folder.inbox],
            arrived=mail.came.arrived,
            client=reading.client,
            answers_letter=bool(ours.keys() - {message.message_id}),
            own_letter=message.message_id in ours,
            form=reading.form,
            before_first_start=self.first_start is not None and mail.came.arrived < self.first_start - _SLACK,
        )

    def relationship(self, client: Address, parents: Sequence[str], own_id: str) -> Relationship:
        """What is known of a client, with what the owner wrote of him in clients.yaml."""
        card = self.setting.cards.get(client)
        addresses = card.addresses if card else frozenset({client})
        found = self.book.relationship(addresses, parents, own_id, self.now - WINDOW)
        if card is None:
            return found
        person = replace(
            found.client,
            known=True,
            name=card.name or found.client.name,
            stage=card.stage or found.client.stage,
            silence_asked_at=found.client.silence_asked_at or (self.now if card.quiet else None),
        )
        return replace(found, client=person)

    def written(
        self, seen: Seen, client: Client, case: Case | None, steps: Sequence[Step]
    ) -> tuple[tuple[Step, ...], tuple[Letter, ...]]:
        """The steps with their letters and tellings rendered; one that cannot be written is a note instead."""
        kept: list[Step] = []
        letters: list[Letter] = []
        for step in steps:
            try:
                letters.extend(
                    self._rendered(step, Writing(self.setting, seen, client, _latest(case, steps), self.now))
                )
                kept.append(step)
            except LetterError as error:
                kept.extend(_unwritten(step, seen, str(error)))
        return tuple(kept), tuple(letters)

    def _rendered(self, step: Step, writing: Writing) -> list[Letter]:
        match step:
            case WriteLetter():
                return [writing.letter(step)]
            case Tell():
                return writing.tellings(step)
            case _:
                return []

    def _bounce(self, mail: Mail) -> Seen:
        """A bounce of a letter of ours stops letters to that address; only one that knows our Message-ID may."""
        message = mail.reading.message
        returned = message.bounce.message_id if message.bounce else None
        letter = self.book.letters_by_message_id([returned]).get(returned) if returned else None
        if letter is None or letter.client is None:
            return self._nobody(mail)
        relationship = self.relationship(letter.to, (), letter.message_id)
        steps = (*policy.on_bounce(message, relationship), Ignore("bounce"))
        seen = replace(
            mail.seen(relationship.thread),
            client=relationship.client.key,
            case=letter.case,
            author=None,
            because="bounce",
        )
        self.book.record(seen, relationship.client, steps, (), self.now)
        return seen

    def _ours(self, mail: Mail) -> Seen:
        """A mail found in Sent: perhaps a colleague's answer."""
        message, business = mail.reading.message, self.setting.business
        own = self._own_letter(mail)
        outside = policy.outsiders(message, business)
        if own or not outside:
            seen = replace(mail.seen(mail.own_id), automatic=own or message.nature is not Nature.PERSON)
            self.book.record(seen, None, (), (), self.now)
            return seen
        first, *others = self._answered_clients(mail, outside)
        evidence, why = policy.evidence_of(message, first, len(outside))
        seen = replace(
            mail.seen(first.thread),
            client=first.client.key,
            case=case.key if (case := open_case(first)) else None,
            evidence=evidence,
            because=why,
        )
        steps = policy.on_answer(message.author, mail.came.arrived, first, evidence, business)
        self.book.record(seen, first.client, steps, (), self.now)
        for other in others:
            evidence, _ = policy.evidence_of(message, other, len(outside))
            steps = policy.on_answer(message.author, mail.came.arrived, other, evidence, business)
            self.book.carry_out(other.client, steps, (), self.now, mail.folder.inbox)
        return seen

    def _answered_clients(self, mail: Mail, outside: Sequence[Address]) -> list[Relationship]:
        """The clients a mail went to, those with an open case first; of a circular only the first."""
        meant = outside if len(outside) <= policy.MANY else outside[:1]
        found = [self.relationship(who, mail.parents, mail.own_id) for who in meant]
        one_each = {relationship.client.key: relationship for relationship in found}
        return sorted(one_each.values(), key=lambda relationship: open_case(relationship) is None)

    def _own_letter(self, mail: Mail) -> bool:
        """Whether Troth wrote it and no person sent it."""
        message = mail.reading.message
        if message.message_id is None or not message.field_values("x-troth-letter"):
            return False
        letter = self.book.letters_by_message_id([message.message_id]).get(message.message_id)
        return letter is None or letter.state is not LetterState.DRAFTED


def _perhaps_a_clients(refusal: Refusal) -> bool:
    return refusal.reason.is_client_mail or refusal.reason in policy.KNOWN_ONLY


def _authenticated(mail: Mail, setting: Setting) -> bool:
    message = mail.reading.message
    said = authenticated(message, setting.business.house)
    return said is True or (said is None and return_path_agrees(message) is True)


def _latest(case: Case | None, steps: Sequence[Step]) -> Case | None:
    changed = [step.case for step in steps if isinstance(step, OpenCase | ChangeCase)]
    return changed[-1] if changed else case


def _unwritten(step: Step, seen: Seen, why: str) -> tuple[Step, ...]:
    note = Note("letter could not be written", why)
    acknowledges = isinstance(step, WriteLetter) and step.follow_up is not None
    return (note, Enter(seen.identity, Standing.NO_LETTER, "letter could not be written")) if acknowledges else (note,)


def _entered(seen: Seen, steps: Sequence[Step]) -> Seen:
    """The mail with the standing that the last step gives it."""
    for step in steps:
        if isinstance(step, Enter) and step.mail == seen.identity:
            seen = replace(seen, standing=step.standing, because=step.because)
    return seen
