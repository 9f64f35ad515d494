"""Within one transaction: look up what is known, ask the policy, render what it wants sent, write it all down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from troth import policy
from troth.desk.mail import Mail
from troth.desk.setting import Setting
from troth.desk.writing import Writing
from troth.gate import Reason, Refusal, authenticated, return_path_agrees
from troth.letters import LetterError
from troth.model import (
    Address,
    Case,
    CaseState,
    ChangeCase,
    Client,
    Enter,
    Evidence,
    Ignore,
    Letter,
    LetterKind,
    Nature,
    Note,
    OpenCase,
    Relationship,
    Seen,
    Standing,
    Step,
    Tone,
    Withhold,
    WriteLetter,
    domain_of,
)
from troth.relationship import AFTERMATH, open_case
from troth.store import Book

_SLACK = timedelta(hours=1)
"""INTERNALDATE is the server's clock; ours may differ."""

WINDOW = timedelta(days=400)
"""How far back a client's history is looked at."""

_ANSWERED = "\\answered"
_AWAY = frozenset({Reason.NULL_SENDER, Reason.AUTOMATIC, Reason.OUT_OF_OFFICE, Reason.LIST, Reason.BULK})
"""Refusals that a notice of absence is met with; its date is looked at all the same."""


_ASKED_AT_ONCE = 50
_MOST_PARENTS = 50
"""References nearest to a mail; longer chains are not people's."""


@dataclass(frozen=True, slots=True)
class Deciding:
    """What is decided on the mails of one batch, inside the transaction of `book`.

    `referred` is what `letters_referred` found for the batch: asked mail by mail, the store would have to write each
    before it looks.
    """

    book: Book
    setting: Setting
    now: datetime
    first_start: datetime | None = None
    referred: Mapping[str, Letter] | None = None

    def theirs(self, mail: Mail) -> Seen:
        """Decide on a mail of the inbox that is nobody's of ours; gives it as it was recorded."""
        reading = mail.reading
        if reading.client is None or not _perhaps_a_clients(reading.refusal, reading.message.nature):
            return self.nobodys(mail)
        relationship = self.relationship(reading.client, mail.parents, mail.own_id)
        if reading.message.nature is Nature.OUT_OF_OFFICE and not relationship.client.revision:
            return self.nobodys(mail)
        arrival = self._arrival(mail, relationship)
        decision = policy.on_mail(arrival, relationship, self.setting.business, self.now)
        seen = replace(
            mail.seen(relationship.thread),
            client=relationship.client.key,
            case=decision.case.key if decision.case else None,
            refusal=decision.refusal.reason.value if decision.refusal else None,
            authenticated=_authenticated(mail, self.setting),
            evidence=Evidence.DOUBTFUL if arrival.flagged or arrival.refers_to_unseen else Evidence.NONE,
            standing=decision.standing,
            because=decision.because,
        )
        steps, letters = self.written(seen, relationship.client, decision.case, decision.steps)
        seen = _entered(seen, steps)
        self.book.record(seen, relationship.client, steps, letters, self.now)
        return seen

    def nobodys(self, mail: Mail) -> Seen:
        """Mail that is no client's: its reason is recorded, and no client is made of its sender."""
        reason = mail.reading.refusal.reason.value if mail.reading.refusal else "no sender"
        seen = replace(mail.seen(self.thread(mail)), standing=Standing.NO_LETTER, because=reason)
        self.book.record(seen, None, (Ignore(reason),), (), self.now)
        return seen

    def thread(self, mail: Mail) -> str:
        """The thread of a mail that is looked at without a client."""
        known = self.book.threads([*mail.parents, mail.own_id])
        return next((known[each] for each in (*mail.parents, mail.own_id) if each in known), mail.own_id)

    def _arrival(self, mail: Mail, relationship: Relationship) -> policy.Arrival:
        reading, message = mail.reading, mail.reading.message
        ours = self._letters(_referring(mail))
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
            flagged=any(flag.lower() == _ANSWERED for flag in mail.came.flags),
            refers_to_unseen=open_case(relationship) is not None and self._refers_to_unseen(mail, frozenset(ours)),
        )

    def _letters(self, message_ids: Sequence[str]) -> Mapping[str, Letter]:
        """Those of our letters that bear one of these Message-IDs."""
        if self.referred is None:
            return self.book.letters_by_message_id(message_ids)
        return {each: self.referred[each] for each in message_ids if each in self.referred}

    def _refers_to_unseen(self, mail: Mail, ours: frozenset[str]) -> bool:
        """Whether the mail goes back to one that was written at our domain and that no watched folder has shown."""
        domains = self.setting.business.house.domains
        named = [each for each in mail.parents if domain_of(Address(each.strip("<>").lower())) in domains]
        return bool(named) and bool(set(named) - self.book.threads(named).keys() - ours)

    def relationship(self, client: Address, parents: Sequence[str], own_id: str) -> Relationship:
        """What is known of a client, with what the owner wrote of him in clients.yaml."""
        card = self.setting.cards.get(client)
        addresses = card.addresses if card else frozenset({client})
        found = self.book.relationship(addresses, parents, own_id, self.now - WINDOW)
        found = replace(found, cases=tuple(case for case in found.cases if not self._mistaken(case)))
        if card is None:
            return found
        person = replace(
            found.client,
            known=True,
            name=card.name or found.client.name,
            stage=card.stage or found.client.stage,
            quiet=card.quiet,
        )
        return replace(found, client=person)

    def _mistaken(self, case: Case) -> bool:
        """Whether a colleague closed the case by saying that it never was a complaint: it is as if it had not been."""
        if case.state is not CaseState.SETTLED or case.closed_at is None or case.closed_at < self.now - AFTERMATH:
            return False
        said = self.book.corrected(case.mail)
        return said is not None and Tone.COMPLAINT not in said

    def written(
        self, seen: Seen, client: Client, case: Case | None, steps: Sequence[Step]
    ) -> tuple[tuple[Step, ...], tuple[Letter, ...]]:
        """The steps with their letters to the client rendered; one that cannot be written is a note instead."""
        kept: list[Step] = []
        letters: list[Letter] = []
        unwritten: list[Step] = []
        writing = Writing(self.setting, seen, client, latest(case, steps), self.now)
        for step in steps:
            try:
                letters.extend([writing.letter(step)] if isinstance(step, WriteLetter) else [])
                kept.append(step)
            except LetterError as error:
                unwritten.extend(_unwritten(step, seen, str(error)))
        return (*kept, *unwritten), tuple(letters)


def letters_referred(book: Book, mails: Sequence[Mail]) -> Mapping[str, Letter]:
    """The letters of ours that these mails refer to. One that is written in the same transaction has not left yet."""
    wanted = list(dict.fromkeys(each for mail in mails for each in _referring(mail)))
    found: dict[str, Letter] = {}
    for start in range(0, len(wanted), _ASKED_AT_ONCE):
        found.update(book.letters_by_message_id(wanted[start : start + _ASKED_AT_ONCE]))
    return found


def _referring(mail: Mail) -> list[str]:
    own = mail.reading.message.message_id
    return [*mail.parents[:_MOST_PARENTS], *([own] if own else [])]


def _perhaps_a_clients(refusal: Refusal | None, nature: Nature) -> bool:
    if refusal is None or refusal.reason.is_client_mail or refusal.reason in policy.KNOWN_ONLY:
        return True
    return nature is Nature.OUT_OF_OFFICE and refusal.reason in _AWAY


def _authenticated(mail: Mail, setting: Setting) -> bool:
    message = mail.reading.message
    said = authenticated(message, setting.business.house)
    return said is True or (said is None and return_path_agrees(message) is True)


def latest(case: Case | None, steps: Sequence[Step]) -> Case | None:
    """The case as it stands after these steps."""
    changed = [step.case for step in steps if isinstance(step, OpenCase | ChangeCase)]
    return changed[-1] if changed else case


def _unwritten(step: Step, seen: Seen, why: str) -> tuple[Step, ...]:
    """What there is instead of a letter that could not be written; its follow-up is done all the same."""
    because = "letter could not be written"
    if not isinstance(step, WriteLetter) or step.follow_up is None:
        return (Note(because, why),)
    first = step.kind is LetterKind.ACKNOWLEDGEMENT
    entered = (Enter(seen.identity, Standing.NO_LETTER, because),) if first else ()
    return (Note(because, why), Withhold(step.follow_up, because), *entered)


def _entered(seen: Seen, steps: Sequence[Step]) -> Seen:
    """The mail with the standing that the last step gives it."""
    for step in steps:
        if isinstance(step, Enter) and step.mail == seen.identity:
            seen = replace(seen, standing=step.standing, because=step.because)
    return seen
