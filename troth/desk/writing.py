"""From a decided letter or telling to the frozen mail: facts gathered, rendered, composed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from troth import letters
from troth.desk.setting import Card, Setting
from troth.hours import NeverOpens
from troth.letters import Rendered, Voice
from troth.model import (
    Address,
    Case,
    Client,
    Letter,
    LetterKind,
    LetterState,
    Mode,
    Party,
    Seen,
    Standing,
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
        first, draft = step.kind is LetterKind.ACKNOWLEDGEMENT, step.mode is Mode.DRAFT
        voice = self._voice(
            setting.letters.language_of(step.purpose, setting.language(self.card.language, seen.language))
        )
        facts = self._facts(inbox, voice, automatic=not draft)
        rendered = setting.letters.render(step.purpose, facts, language=voice.language)
        message_id = _message_id(inbox.address)
        raw = letters.compose(
            rendered,
            key=step.key,
            from_=setting.from_(inbox),
            to=letters.addressee(Party(self.card.name or seen.author_name, step.to), known=self.known),
            message_id=message_id,
            date=self.now.astimezone(voice.zone),
            in_reply_to=seen.message_id,
            references=seen.references,
            auto_submitted=None if draft else "auto-replied" if first else "auto-generated",
        )
        state = _first_state(step)
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

    def _voice(self, language: str) -> Voice:
        return Voice(language, self.setting.business.hours.zone, self.now)

    def _oldest(self) -> timedelta:
        business = self.setting.business
        return business.hours.later(self.seen.arrived, business.oldest) - self.seen.arrived

    def _facts(self, inbox: Inbox, voice: Voice, *, automatic: bool) -> letters.LetterFacts:
        setting, seen = self.setting, self.seen
        about = letters.business(setting.name, inbox.address, _opens(setting, self.now, voice.language))
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

    def tellings(self, step: Tell) -> list[Letter]:
        """One mail for each colleague the telling goes to. Raises LetterError."""
        return [self._telling(step, who) for who in step.to]

    def _telling(self, step: Tell, who: Address) -> Letter:
        setting, seen = self.setting, self.seen
        inbox = setting.sender(seen.inbox)
        person = setting.business.colleague(who)
        facts = letters.TellingFacts(
            business=letters.business(setting.name, inbox.address),
            colleague=letters.Colleague(person.name if person else who),
            matters=(self._matter(step),),
        )
        rendered = setting.letters.tell(step.purpose, facts, language=setting.languages[0])
        return telling_letter(setting, inbox, rendered, f"{step.key}:{who}", step, who, self.now, _attached(seen))

    def _matter(self, step: Tell) -> letters.Matter:
        seen, case, card = self.seen, self.case, self.card
        language = self.setting.letters.language_of(step.purpose, self.setting.languages[0])
        voice, who = self._voice(language), seen.author or Address("")
        return letters.Matter(
            letters.the_client(
                who,
                card.name or seen.author_name,
                known=self.known,
                company=card.company,
                stage=self.client.stage,
                notes=card.notes,
            ),
            letters.their_mail(
                who,
                voice,
                subject=seen.subject,
                received=seen.arrived,
                text=seen.text,
                sentence=seen.verdict.sentence if seen.verdict else None,
                message_id=seen.message_id,
            ),
            letters.the_case(
                voice,
                severity=case.severity if case else "normal",
                opened=case.opened_at if case else seen.arrived,
                waiting_since=case.received_at if case else seen.arrived,
                because=_reasons(seen),
                done=_done(seen),
                deadline=step.deadline,
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


def _because(step: WriteLetter) -> str:
    if step.mode is Mode.OBSERVE:
        return "observe"
    return step.hold or step.because


def _message_id(address: Address) -> str:
    return letters.new_message_id(domain_of(address), secrets.token_hex(16))


def _opens(setting: Setting, now: datetime, language: str) -> str | None:
    try:
        return setting.business.hours.opening_words(now, language)
    except NeverOpens:
        return None


def _reasons(seen: Seen) -> str:
    matches = seen.verdict.matches if seen.verdict else ()
    return ", ".join(dict.fromkeys(match.rule for match in matches if not match.negated and match.weight > 0))


def _done(seen: Seen) -> str:
    """What the client has got from us so far, as his mail stands in the accounting."""
    said = {
        Standing.ACKNOWLEDGED: "he has had an acknowledgement",
        Standing.PENDING: "an acknowledgement is on its way",
    }
    return said.get(seen.standing, f"nothing was sent to him ({seen.because})")


def _attached(seen: Seen) -> bytes:
    return letters.client_mail(
        author=Party(seen.author_name, seen.author or Address("unknown@invalid")),
        to=seen.to,
        subject=seen.subject,
        text=seen.text,
        date=seen.arrived,
        message_id=seen.message_id,
        references=seen.references,
    )
