"""What a letter to a client may say: frozen facts, cleaned when made. docs/writing-letters.md tells owners of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from troth.letters import wording
from troth.letters.cleaning import maybe, one_line, quotable, without_re
from troth.letters.wording import Voice
from troth.model import Address, Party


@dataclass(frozen=True, slots=True)
class Business:
    """`address` is that of the inbox the letter leaves from; `opens` is what `Hours.opening_words` says."""

    name: str
    address: str
    opens: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """`greeting` is the whole opening without its comma; `name` is None for somebody not known."""

    greeting: str
    name: str | None = None
    known: bool = False
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """`subject` has no `Re:` before it; `received` is a day and a time, `day` the day alone.

    `sentence` is the client's own, where it may be given back.
    """

    subject: str
    received: str
    day: str
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """The days on which a case was opened and answered."""

    opened: str
    answered: str | None = None


@dataclass(frozen=True, slots=True)
class Colleague:
    """In a letter, who has answered the client; in a telling, who is told."""

    name: str


@dataclass(frozen=True, slots=True)
class Promised:
    what: str
    by: str


@dataclass(frozen=True, slots=True)
class About:
    """The letter itself: a draft that a person sends is not `automatic`."""

    automatic: bool = True
    language: str = "en"


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """The facts of a letter to a client; made by `facts_for_known` and `facts_for_stranger` only.

    Raises ValueError where facts for a stranger hold anything but neutral words (CONTRACT, templates/).
    """

    client: Client
    business: Business
    message: Mail
    case: Case | None = None
    colleague: Colleague | None = None
    promise: Promised | None = None
    letter: About = field(default_factory=About)

    def __post_init__(self) -> None:
        if not self.client.known and not self._neutral():
            raise ValueError("a letter to somebody not known may hold none of the sender's words")

    def _neutral(self) -> bool:
        own = (self.client.name, self.client.since, self.message.sentence, self.promise)
        return (
            own == (None, None, None, None)
            and self.client.greeting in wording.neutral_greetings()
            and self.message.subject in wording.neutral_subjects(self.business.name)
        )


def business(name: str, address: Address, opens: str | None = None) -> Business:
    return Business(one_line(name), address, opens)


@dataclass(frozen=True, slots=True)
class Course:
    """How a case has gone so far: when it was opened, when answered, and the name of who answered."""

    opened: datetime
    answered: datetime | None = None
    answered_by: str | None = None


def facts_for_stranger(
    about: Business, voice: Voice, *, received: datetime, course: Course | None = None, automatic: bool = True
) -> LetterFacts:
    """Facts for somebody no colleague has written to: there is no way to hand in a word of his."""
    return LetterFacts(
        client=Client(wording.greeting(None, voice.language)),
        business=about,
        message=_mail(wording.neutral_subject(about.name, voice.language), received, voice),
        case=_case(course, voice),
        colleague=_answerer(course),
        letter=About(automatic, voice.language),
    )


def facts_for_known(
    about: Business,
    voice: Voice,
    *,
    subject: str,
    received: datetime,
    greeting: str | None = None,
    name: str | None = None,
    since: str | None = None,
    sentence: str | None = None,
    course: Course | None = None,
    promise: Promised | None = None,
    automatic: bool = True,
) -> LetterFacts:
    """Facts for a known client, from his mail and from what the business calls him.

    `greeting` is a name ("Jo") or opening words a colleague used ("Hi Jo"). `sentence` is handed in only where DMARC
    passed or Return-Path agrees; one that holds a link is left out.
    """
    own = without_re(one_line(subject, 150)).strip() or wording.neutral_subject(about.name, voice.language)
    return LetterFacts(
        client=Client(_greeting(greeting, voice.language), maybe(name, 100), True, since),
        business=about,
        message=_mail(own, received, voice, quotable(sentence)),
        case=_case(course, voice),
        colleague=_answerer(course),
        promise=Promised(one_line(promise.what, 300), one_line(promise.by)) if promise else None,
        letter=About(automatic, voice.language),
    )


def addressee(client: Party, *, known: bool) -> Party:
    """Whom a letter is addressed to: a stranger's own display name is left out, it is text of his."""
    return Party(one_line(client.name, 100) if known else "", client.address)


def _greeting(given: str | None, language: str) -> str:
    return wording.greeting(one_line(given or "", 80).rstrip(" ,!"), language)


def _mail(subject: str, received: datetime, voice: Voice, sentence: str | None = None) -> Mail:
    return Mail(subject, voice.moment(received), voice.day(received), sentence)


def _case(course: Course | None, voice: Voice) -> Case | None:
    if course is None:
        return None
    return Case(voice.day(course.opened), voice.day(course.answered) if course.answered else None)


def _answerer(course: Course | None) -> Colleague | None:
    return Colleague(one_line(course.answered_by, 100)) if course and course.answered_by else None
