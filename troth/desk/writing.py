"""From a decided letter or telling to the frozen mail: facts gathered, rendered, composed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from troth import letters
from troth.desk.setting import Card, Setting
from troth.hours import NeverOpens
from troth.letters import Rendered
from troth.model import (
    Address,
    Case,
    Client,
    Letter,
    LetterKind,
    LetterState,
    Message,
    Mode,
    Party,
    Seen,
    Tell,
    WriteLetter,
    domain_of,
)
from troth.outbox import expiry
from troth.policy import Inbox

_NO_CARD = Card(frozenset())
WORDS = ("answered", "settled", "part", "help")


@dataclass(frozen=True, slots=True)
class Writing:
    """What a letter is written from: the mail it goes back to, its client, and the case if there is one."""

    setting: Setting
    seen: Seen
    client: Client
    case: Case | None
    now: datetime

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
        language = setting.letters.language_of(step.purpose, setting.language(self.card.language, seen.language))
        automatic = step.mode is not Mode.DRAFT
        rendered = setting.letters.render(step.purpose, self._facts(inbox, language, automatic), language=language)
        message_id = _message_id(inbox.address)
        first = step.kind is LetterKind.ACKNOWLEDGEMENT
        raw = letters.compose(
            rendered,
            key=step.key,
            from_=setting.from_(inbox),
            to=letters.addressee(Party(self.card.name or seen.author_name, step.to), known=self.known),
            message_id=message_id,
            date=self.now.astimezone(setting.business.hours.zone),
            in_reply_to=seen.message_id,
            references=seen.references,
            auto_submitted=("auto-replied" if first else "auto-generated") if automatic else None,
        )
        return Letter(
            key=step.key,
            inbox=inbox.name,
            kind=step.kind,
            purpose=step.purpose,
            to=step.to,
            subject=rendered.subject,
            message_id=message_id,
            envelope_from="" if first else inbox.address,
            raw=raw,
            state=_first_state(step),
            created=self.now,
            mode=step.mode,
            because=step.hold or step.because,
            client=self.client.key,
            case=step.case,
            mail=seen.identity,
            expires=expiry(step.kind, seen.arrived, self.now, self._oldest()),
            next_try=self.now if _first_state(step) is LetterState.QUEUED else None,
        )

    def _oldest(self) -> timedelta:
        business = self.setting.business
        return business.hours.later(self.seen.arrived, business.oldest) - self.seen.arrived

    def _facts(self, inbox: Inbox, language: str, automatic: bool) -> letters.LetterFacts:
        setting, seen = self.setting, self.seen
        hours = setting.business.hours
        about = letters.business(setting.name, inbox.address, _opens(setting, self.now, language))
        received = letters.moment(seen.arrived, hours.zone, language)
        case = self._case_facts(language)
        if not self.known:
            return letters.facts_for_stranger(
                about, received=received, language=language, case=case, automatic=automatic
            )
        given_back = seen.authenticated and seen.verdict is not None
        return letters.facts_for_known(
            about,
            subject=seen.subject,
            received=received,
            language=language,
            greeting=self.card.greeting,
            name=self.card.name or self.client.name or None,
            sentence=seen.verdict.sentence if given_back and seen.verdict else None,
            case=case,
            colleague=self._colleague(),
            automatic=automatic,
        )

    def _case_facts(self, language: str) -> letters.Case | None:
        case = self.case
        if case is None:
            return None
        zone = self.setting.business.hours.zone
        answered = letters.moment(case.answered_at, zone, language) if case.answered_at else None
        return letters.Case(letters.moment(case.opened_at, zone, language), answered)

    def _colleague(self) -> letters.Colleague | None:
        by = self.setting.business.colleague(self.case.answered_by if self.case else None)
        return letters.Colleague(by.name) if by else None

    def tellings(self, step: Tell) -> list[Letter]:
        """One mail for each colleague the telling goes to."""
        return [self._telling(step, who) for who in step.to]

    def _telling(self, step: Tell, who: Address) -> Letter:
        setting = self.setting
        inbox = setting.sender(self.seen.inbox)
        person = setting.business.colleague(who)
        facts = letters.TellingFacts(
            business=letters.business(setting.name, inbox.address),
            colleague=letters.Colleague(person.name if person else who),
            matters=(self._matter(step),),
        )
        rendered = setting.letters.render(step.purpose, facts)
        attached = letters.client_mail(_as_message(self.seen))
        return telling_letter(setting, inbox, rendered, f"{step.key}:{who}", step, who, self.now, attached)

    def _matter(self, step: Tell) -> letters.Matter:
        seen, case, card = self.seen, self.case, self.card
        zone, language = self.setting.business.hours.zone, self.setting.languages[0]
        verdict = seen.verdict
        return letters.Matter(
            letters.the_client(
                seen.author or Address(""),
                card.name or seen.author_name,
                known=self.known,
                company=card.company,
                stage=self.client.stage,
                notes=card.notes,
            ),
            letters.their_mail(
                seen.author or Address(""),
                subject=seen.subject,
                text=seen.text,
                received=letters.moment(seen.arrived, zone, language),
                sentence=verdict.sentence if verdict else None,
                message_id=seen.message_id,
            ),
            letters.the_case(
                severity=case.severity if case else "normal",
                opened=letters.moment(case.opened_at if case else seen.arrived, zone, language),
                waiting=letters.span(self.now - (case.received_at if case else seen.arrived), language),
                because=_reasons(seen),
                done=seen.because or "nothing was sent to the client",
                deadline=letters.moment(step.deadline, zone, language) if step.deadline else None,
                tags=case.tags if case else (),
            ),
        )


def telling_letter(
    setting: Setting,
    inbox: Inbox,
    rendered: Rendered,
    key: str,
    step: Tell,
    who: Address,
    now: datetime,
    attached: bytes | None = None,
) -> Letter:
    """A rendered telling as a queued letter; all tellings of one case stand in one thread."""
    message_id = _message_id(inbox.address)
    person = setting.business.colleague(who)
    root = f"<{step.case or 'house'}.matter@{domain_of(inbox.address)}>"
    raw = letters.compose(
        rendered,
        key=key,
        from_=setting.from_(inbox),
        to=Party(person.name if person else "", who),
        message_id=message_id,
        date=now.astimezone(setting.business.hours.zone),
        in_reply_to=root,
        auto_submitted="auto-generated",
        attached=attached,
    )
    return Letter(
        key=key,
        inbox=inbox.name,
        kind=LetterKind.TELLING,
        purpose=step.purpose,
        to=who,
        subject=rendered.subject,
        message_id=message_id,
        envelope_from=inbox.address,
        raw=raw,
        state=LetterState.QUEUED,
        created=now,
        mode=Mode.SEND,
        because=step.because,
        case=step.case,
        next_try=now,
    )


def _first_state(step: WriteLetter) -> LetterState:
    if step.mode is Mode.OBSERVE:
        return LetterState.WITHDRAWN
    return LetterState.HELD if step.hold else LetterState.QUEUED


def _message_id(address: Address) -> str:
    return letters.new_message_id(domain_of(address), secrets.token_hex(16))


def _opens(setting: Setting, now: datetime, language: str) -> str | None:
    hours = setting.business.hours
    try:
        until = hours.closing(now) if hours.is_open(now) else None
        return letters.opens(now, hours.zone, language, until=until, again=hours.next_opening(until or now))
    except NeverOpens:
        return None


def _reasons(seen: Seen) -> str:
    matches = seen.verdict.matches if seen.verdict else ()
    return ", ".join(dict.fromkeys(match.rule for match in matches if not match.negated and match.weight > 0))


def _as_message(seen: Seen) -> Message:
    parties = (Party(seen.author_name, seen.author),) if seen.author else ()
    return Message(
        identity=seen.identity,
        message_id=seen.message_id,
        from_=parties,
        to=tuple(Party("", to) for to in seen.to),
        subject=seen.subject,
        date=seen.arrived,
        text=seen.text,
        references=seen.references,
    )
