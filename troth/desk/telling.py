"""From decided tellings to the frozen mails that colleagues get: several matters of one moment in one mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from troth import letters, token
from troth.desk.issuing import Issued, Issuing
from troth.desk.setting import Setting
from troth.desk.writing import Writing
from troth.letters import LetterError, Rendered, Situation, Voice
from troth.model import (
    Address,
    Case,
    Concern,
    Letter,
    LetterKind,
    LetterState,
    Mode,
    Party,
    Purpose,
    Seen,
    Severity,
    Stage,
    Standing,
    Tell,
    domain_of,
)
from troth.policy import ACKNOWLEDGEMENT_HELD, Inbox, Mail

_MOST_REASONS = 3
WAITING, UNSURE = "colleague/waiting", "colleague/unsure"


@dataclass(frozen=True, slots=True)
class Telling:
    """The tellings of one moment, each with what it is written from, by the telling's key."""

    setting: Setting
    now: datetime
    of: Mapping[str, Writing]
    issuing: Issuing

    def written(self, mail: Mail) -> list[Letter]:
        """The mail to one colleague; where it cannot be written, one for each matter. Raises LetterError."""
        try:
            return [self._letter(mail)]
        except LetterError:
            if len(mail.all) == 1:
                raise
        return [letter for step in mail.all for letter in self.written(Mail(mail.to, step, (step,)))]

    def _letter(self, mail: Mail) -> Letter:
        setting, lead = self.setting, mail.lead
        inbox = setting.sender(self.of[lead.key].seen.inbox)
        person = setting.business.colleague(mail.to)
        issued = self.issuing.issue(mail.to, Purpose.TELLING, [self._concern(step) for step in mail.all], inbox)
        facts = letters.TellingFacts(
            business=letters.business(setting.name, inbox.address, _opens(self.of[lead.key])),
            colleague=letters.Colleague(person.name if person else mail.to),
            matters=tuple(self._matter(step, len(mail.all)) for step in mail.all),
            words=self._words(mail),
        )
        rendered = setting.letters.tell(self._template(mail), facts, language=setting.languages[0])
        attached = [_attached(self.of[step.key].seen) for step in mail.all]
        key = f"{lead.key}:{mail.to}"
        return telling_letter(setting, inbox, rendered, key, lead, mail.to, self.now, issued, attached)

    def _template(self, mail: Mail) -> str:
        """That of the plan; but where nobody knows yet whether it is a complaint, that is what is asked."""
        asks = mail.lead.purpose == WAITING and self._situations(mail) == (Situation.UNSURE,)
        return UNSURE if asks and UNSURE in self.setting.letters else mail.lead.purpose

    def _concern(self, step: Tell) -> Concern:
        """What a reply to this matter of the mail is about."""
        writing = self.of[step.key]
        case, promise = writing.case, writing.promise
        return Concern(writing.seen.identity, case.key if case else None, None, promise.key if promise else None)

    def _words(self, mail: Mail) -> tuple[letters.Word, ...]:
        """What may be replied to this mail."""
        business, language = self.setting.business, self._language(mail.lead)
        others = (each for each in business.colleagues if each.address != mail.to)
        other = next((each.address for each in others if business.reachable(each, self.now)), None)
        return letters.words(*self._situations(mail), language=language, colleague=other)

    def _situations(self, mail: Mail) -> tuple[Situation, ...]:
        """What the matters of a mail are about; of complaints the sure ones come first."""
        found: dict[Situation, None] = {}
        for step in mail.all:
            writing = self.of[step.key]
            if writing.promise is not None:
                found[Situation.PROMISE] = None
            else:
                found[Situation.UNSURE if _unsure(writing.case) else Situation.COMPLAINT] = None
            if step.done == ACKNOWLEDGEMENT_HELD:
                found[Situation.HELD] = None
        return tuple(sorted(found))

    def _language(self, step: Tell) -> str:
        return self.setting.letters.language_of(step.purpose, self.setting.languages[0])

    def _matter(self, step: Tell, many: int) -> letters.Matter:
        writing = self.of[step.key]
        seen, card, promise = writing.seen, writing.card, writing.promise
        voice, who = writing.voice(self._language(step)), seen.author or Address("")
        client = letters.the_client(
            who,
            card.name or seen.author_name,
            known=writing.known,
            company=card.company,
            stage=voice.said(writing.client.stage) if writing.client.stage is not Stage.STRANGER else None,
            notes=card.notes,
        )
        mail = letters.their_mail(
            who,
            voice,
            subject=seen.subject,
            received=seen.arrived,
            text=seen.text,
            sentence=seen.verdict.sentence if seen.verdict else None,
            attachments=seen.attachments,
            message_id=seen.message_id,
            limit=_shown(many) if promise is None else 300,
        )
        by = self.setting.business.colleague(promise.by) if promise else None
        promised = (
            letters.pledge(
                voice, what=promise.what, by=by.name if by else promise.by, made=promise.made_at, due=promise.due_at
            )
            if promise
            else None
        )
        return letters.Matter(client, mail, self._case(step, voice), promised)

    def _case(self, step: Tell, voice: Voice) -> letters.TheCase:
        writing = self.of[step.key]
        seen, case = writing.seen, writing.case
        assignee = self.setting.business.colleague(case.assignee if case else None)
        return letters.the_case(
            voice,
            severity=voice.said(case.severity if case else Severity.NORMAL),
            opened=case.opened_at if case else seen.arrived,
            waiting_since=case.received_at if case else seen.arrived,
            because=_reasons(seen),
            done=voice.said(step.done or _done(seen)),
            deadline=step.deadline,
            tags=case.tags if case else (),
            assignee=assignee.name if assignee else None,
            doubt=voice.said(step.doubt) or None,
            history=tuple(f"{voice.past(at)}: {voice.said(words)}" for at, words in step.history),
            unsure=_unsure(case),
        )


def telling_letter(
    setting: Setting,
    inbox: Inbox,
    rendered: Rendered,
    key: str,
    step: Tell,
    who: Address,
    now: datetime,
    issued: Issued,
    attached: Sequence[bytes] = (),
    answering: str | None = None,
    thread: str = "house",
) -> Letter:
    """A rendered telling as a queued letter that bears its token; all tellings of one case stand in one thread.

    `answering` is the Message-ID of the colleague's mail that it answers. What is of no case stands in `thread`.
    """
    own_id = issued.message_id
    person = setting.business.colleague(who)
    root = f"<{step.case or thread}.matter@{domain_of(inbox.address)}>"
    raw = letters.compose(
        rendered,
        key=key,
        from_=setting.from_(inbox),
        to=Party(person.name if person else "", who),
        message_id=own_id,
        date=now.astimezone(setting.business.hours.zone),
        in_reply_to=answering or root,
        references=(root,) if answering else (),
        auto_submitted="auto-generated",
        reply_to=issued.answers_to(setting.name),
        attached=attached,
    )
    return Letter(
        key=key,
        inbox=inbox.name,
        kind=LetterKind.TELLING,
        purpose=step.purpose,
        to=who,
        subject=rendered.subject,
        message_id=own_id,
        envelope_from=inbox.address,
        raw=raw,
        state=LetterState.QUEUED,
        created=now,
        mode=Mode.SEND,
        because=step.because,
        case=step.case,
        next_try=now,
    )


def _shown(many: int) -> int:
    """So many characters of a client's text stand in a mail of so many matters; all of it is attached."""
    return 1000 if many == 1 else 500 if many <= 5 else 250


def _unsure(case: Case | None) -> bool:
    return case is not None and not case.sure


def _opens(writing: Writing) -> str | None:
    return writing.opens(writing.setting.languages[0])


def _reasons(seen: Seen) -> str:
    """The rules that made it a complaint, the weightiest of them."""
    matches = seen.verdict.matches if seen.verdict else ()
    weighty = sorted((each for each in matches if not each.negated and each.weight > 0), key=lambda each: -each.weight)
    return "; ".join(list(dict.fromkeys(each.rule for each in weighty))[:_MOST_REASONS])


def _done(seen: Seen) -> str:
    """What the client has got from us so far, as his mail stands in the accounting."""
    said = {
        Standing.ACKNOWLEDGED: "the client has had an acknowledgement",
        Standing.PENDING: "an acknowledgement is on its way",
    }
    return said.get(seen.standing, f"nothing was sent to the client ({seen.because})")


def _attached(seen: Seen) -> bytes:
    return letters.client_mail(
        author=Party(seen.author_name, seen.author or Address("unknown@invalid")),
        to=seen.to,
        subject=seen.subject,
        text=seen.text,
        date=seen.arrived,
        message_id=seen.message_id,
        references=token.without(seen.references),
        fields=seen.fields,
        attachments=seen.attachments,
    )
