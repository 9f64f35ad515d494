"""From a decided letter to a client to the frozen mail: facts gathered, rendered, composed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from troth import letters, token
from troth.desk.setting import Card, Setting
from troth.hours import NeverOpens
from troth.letters import Voice
from troth.model import (
    Address,
    Case,
    Client,
    Letter,
    LetterKind,
    LetterState,
    Mode,
    Party,
    Promise,
    Seen,
    WriteLetter,
    domain_of,
)
from troth.outbox import expiry
from troth.policy import Inbox

_NO_CARD = Card(frozenset())


@dataclass(frozen=True, slots=True)
class Writing:
    """What a letter is written from: the mail it goes back to, its client, the case or promise if there is one."""

    setting: Setting
    seen: Seen
    client: Client
    case: Case | None
    now: datetime
    promise: Promise | None = None

    @property
    def card(self) -> Card:
        found = (self.setting.cards.get(who) for who in (self.seen.author, *sorted(self.client.addresses)) if who)
        return next((card for card in found if card is not None), _NO_CARD)

    @property
    def known(self) -> bool:
        return self.client.known or self.card is not _NO_CARD

    def letter(self, step: WriteLetter) -> Letter:
        """The letter to the client. Raises LetterError where a fact is missing or will not go into a mail."""
        setting, seen = self.setting, self.seen
        inbox = setting.sender(seen.inbox)
        first, draft = step.kind is LetterKind.ACKNOWLEDGEMENT, step.mode is Mode.DRAFT
        voice = self.voice(
            setting.letters.language_of(step.purpose, setting.language(self.card.language, seen.language))
        )
        facts = self._facts(inbox, voice, automatic=not draft)
        rendered = setting.letters.render(step.purpose, facts, language=voice.language)
        own_id = message_id(inbox.address)
        raw = letters.compose(
            rendered,
            key=step.key,
            from_=setting.from_(inbox),
            to=letters.addressee(Party(self.card.name or seen.author_name, step.to), known=self.known),
            message_id=own_id,
            date=self.now.astimezone(voice.zone),
            in_reply_to=next(iter(token.without([seen.message_id] if seen.message_id else [])), None),
            references=token.without(seen.references),
            auto_submitted=None if draft else "auto-replied" if first else "auto-generated",
            list_unsubscribe=None if first or draft else f"mailto:{inbox.address}?subject=unsubscribe",
        )
        state = _first_state(step)
        return Letter(
            key=step.key,
            inbox=inbox.name,
            kind=step.kind,
            purpose=step.purpose,
            to=step.to,
            subject=rendered.subject,
            message_id=own_id,
            envelope_from="" if first else inbox.address,
            raw=raw,
            state=state,
            created=self.now,
            mode=step.mode,
            because=_because(step),
            client=self.client.key,
            case=step.case,
            mail=seen.identity,
            expires=expiry(step.kind, seen.arrived, self.now, self._oldest()),
            next_try=self.now if state is LetterState.QUEUED else None,
        )

    def voice(self, language: str) -> Voice:
        return Voice(language, self.setting.business.hours.zone, self.now)

    def opens(self, language: str) -> str | None:
        try:
            return self.setting.business.hours.opening_words(self.now, language)
        except NeverOpens:
            return None

    def _oldest(self) -> timedelta:
        business = self.setting.business
        return business.hours.later(self.seen.arrived, business.oldest) - self.seen.arrived

    def _facts(self, inbox: Inbox, voice: Voice, *, automatic: bool) -> letters.LetterFacts:
        setting, seen = self.setting, self.seen
        about = letters.business(setting.name, inbox.address, self.opens(voice.language))
        if not self.known:
            return letters.facts_for_stranger(
                about, voice, received=seen.arrived, course=self._course(), automatic=automatic
            )
        return letters.facts_for_known(
            about,
            voice,
            subject=seen.subject,
            received=seen.arrived,
            greeting=self.card.greeting,
            name=self.card.name or self.client.name or None,
            sentence=seen.verdict.sentence if seen.authenticated and seen.verdict else None,
            course=self._course(),
            automatic=automatic,
        )

    def _course(self) -> letters.Course | None:
        case = self.case
        if case is None:
            return None
        by = self.setting.business.colleague(case.answered_by)
        return letters.Course(case.opened_at, case.answered_at, by.name if by else None)


def _first_state(step: WriteLetter) -> LetterState:
    if step.mode is Mode.OBSERVE:
        return LetterState.WITHDRAWN
    return LetterState.HELD if step.hold else LetterState.QUEUED


def _because(step: WriteLetter) -> str:
    if step.mode is Mode.OBSERVE:
        return "observe"
    return step.hold or step.because


def message_id(address: Address) -> str:
    return letters.new_message_id(domain_of(address), secrets.token_hex(16))
