"""Sample facts, for previews and for finding what a template would miss."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

from troth.letters import facts as f
from troth.letters import tellings as t
from troth.letters.deeds import Deed, said
from troth.letters.rendered import Rendered, is_telling
from troth.letters.replies import Situation, Word, words
from troth.letters.sample_digest import sample_digest
from troth.letters.theclient import the_client
from troth.letters.wording import Voice
from troth.model import Address

_NOW = datetime(2026, 11, 26, 16, 45, tzinfo=UTC)
_TOMORROW = _NOW + timedelta(days=1)
_WHO = Address("jo@client.example")
_OCCASIONS_WITH_A_CASE = frozenset({"complaint", "mixed", "promise"})
_OCCASIONS_WITHOUT = frozenset({"praise", "care"})
_COMPLAINT = {
    "en": "The brochures came two days late and half of them are smudged.",
    "de": "Die Broschüren kamen zwei Tage zu spät, und die Hälfte ist verschmiert.",
}
_PRAISE = {
    "en": "Your people could not have been kinder, and the prints are beautiful.",
    "de": "Ihre Leute hätten nicht freundlicher sein können, und die Drucke sind wunderschön.",
}
_MAIL = {
    "en": "Hello,\n\nI ordered 500 brochures for our open day (order 1182). {sentence} I rang twice and nobody "
    "rang back.\n\nPlease tell me what you can do before Saturday.\n\nJo Marsh",
    "de": "Guten Tag,\n\nich habe 500 Broschüren für unseren Tag der offenen Tür bestellt (Auftrag 1182). {sentence} "
    "Ich habe zweimal angerufen, und niemand rief zurück.\n\nBitte sagen Sie mir, was vor Samstag noch geht.\n\n"
    "Jo Marsh",
}


def sample_facts(
    name: str,
    language: str = "en",
    *,
    known: bool = True,
    sentence: bool = True,
    answered: bool = True,
    automatic: bool = True,
    open_now: bool = True,
    many: bool = False,
) -> t.Facts:
    """Facts as a letter of that name would have them, of a business that does not exist."""
    if is_telling(name):
        return _telling(name, language, many=many, full=sentence)
    occasion = name.partition("/")[0]
    about, voice = _business(language, open_now=open_now), Voice(language, UTC, _NOW)
    course = _course(answered=answered) if _has_case(occasion, full=answered) else None
    if not known:
        return f.facts_for_stranger(about, voice, received=_NOW, course=course, automatic=automatic)
    said = (_PRAISE if occasion in _OCCASIONS_WITHOUT else _COMPLAINT).get(language, _COMPLAINT["en"])
    return f.facts_for_known(
        about,
        voice,
        subject="Re: Order 1182" if language != "de" else "AW: Auftrag 1182",
        received=_NOW,
        greeting="Jo",
        name="Jo Marsh",
        since="2021" if sentence else None,
        sentence=said if sentence else None,
        course=course,
        promise=f.Promised("new proofs", voice.soon(_TOMORROW)) if _promises(occasion, full=answered) else None,
        automatic=automatic,
    )


class _Press(Protocol):
    def render(self, name: str, facts: t.Facts, *, language: str | None = None) -> Rendered: ...

    def language_of(self, name: str, wanted: str | None) -> str: ...


def preview(letters: _Press, name: str, language: str | None = None, *, known: bool = True) -> Rendered:
    """The letter with sample facts. Raises LetterError."""
    spoken = letters.language_of(name, language)
    return letters.render(name, sample_facts(name, spoken, known=known), language=language)


def _has_case(occasion: str, *, full: bool) -> bool:
    return occasion in _OCCASIONS_WITH_A_CASE or (full and occasion not in _OCCASIONS_WITHOUT)


def _promises(occasion: str, *, full: bool) -> bool:
    return occasion == "promise" or (full and occasion not in _OCCASIONS_WITH_A_CASE | _OCCASIONS_WITHOUT)


def _business(language: str, *, open_now: bool) -> f.Business:
    opens = "heute bis 17:30 Uhr" if language == "de" else "today until 17:30"
    return f.business("Harbour Print", Address("hello@harbour.example"), opens if open_now else None)


def _course(*, answered: bool) -> f.Course:
    if not answered:
        return f.Course(_NOW - timedelta(days=2))
    return f.Course(_NOW - timedelta(days=2), _NOW - timedelta(days=1), "Ada Byron")


def _telling(name: str, language: str, *, many: bool, full: bool) -> t.TellingFacts:
    told, voice = _NOTICES.get(name), Voice(language, UTC, _NOW)
    reply, daily = name in _REPLIED, name == _DAILY
    matters = (_matter(name, voice, full=full), *([_matter(name, voice, full=False)] if many else []))
    return t.TellingFacts(
        business=_business(language, open_now=True),
        colleague=f.Colleague("Ada Byron"),
        matters=() if told or reply or daily else matters,
        notice=(told if full else t.notice(told.what, told.because)) if told else None,
        words=_words(name, language) if full else (),
        digest=sample_digest(voice, full=full, many=many) if daily else None,
        confirmation=_confirmation(voice, refused=name == "colleague/not-accepted", full=full) if reply else None,
        letter=f.About(automatic=True, language=language),
    )


def _words(name: str, language: str) -> tuple[Word, ...]:
    situation = _SITUATIONS.get(name, Situation.COMPLAINT)
    return () if name in _WORDLESS else words(situation, language=language, colleague="sam@harbour.example")


def _confirmation(voice: Voice, *, refused: bool, full: bool) -> t.Confirmation:
    about = "Jo Marsh, Order 1182"
    if refused:
        why = ("promise yesterday: that moment has passed",) if full else ()
        return t.confirmation(voice, about=about, refused=why or ("no word was understood",))
    done = [said(Deed.PROMISED, voice, client="Jo Marsh", what="new proofs", when=_TOMORROW)]
    note = t.unsent(_WHO, "Dear Jo,\n\nthe new proofs are on their way.", name="Jo Marsh", subject="Order 1182")
    return t.confirmation(
        voice,
        about=about,
        done=done,
        refused=["kept: there is no promise that could be kept"] if full else (),
        waiting=["Jo Marsh, Order 1182: waiting 2 hours"] if full else (),
        unsent=note if full else None,
        undo_until=_TOMORROW if full else None,
        letter="Dear Jo,\n\nwe think that we should part here." if full else "",
    )


def _matter(name: str, voice: Voice, *, full: bool) -> t.Matter:
    language = voice.language if voice.language in _MAIL else "en"
    sentence = _COMPLAINT[language]
    mail = t.their_mail(
        _WHO,
        voice,
        subject="Order 1182",
        received=_NOW - timedelta(minutes=130),
        text=_MAIL[language].format(sentence=sentence),
        sentence=sentence if full else None,
        attachments=("smudged.jpg",) if full else (),
        message_id="<1182@client.example>",
        limit=1000 if full else 150,
    )
    unsure = full and name == "colleague/unsure"
    nothing = f"nothing was sent to the client ({'complaint, not sure' if unsure else 'sender not verified'})"
    case = t.the_case(
        voice,
        severity=voice.said("high" if full and not unsure else "normal"),
        opened=_NOW,
        waiting_since=_NOW - timedelta(minutes=130),
        because="delivered late; nobody called back",
        done=voice.said("the client has had an acknowledgement" if full and not unsure else nothing),
        deadline=_NOW.replace(hour=17, minute=30) if full else None,
        tags=("late", "quality") if full else (),
        assignee="Sam Fox" if full else None,
        doubt=voice.said("Sam Fox wrote to the client in another thread") if full else None,
        history=_history(voice) if full else (),
        unsure=unsure,
    )
    who = the_client(
        _WHO, "Jo Marsh", known=True, company="Marsh & Co", stage=voice.said("friend"), notes="wants proofs by post"
    )
    return t.Matter(who if full else the_client(_WHO), mail, case, _pledge(name, voice))


def _history(voice: Voice) -> tuple[str, ...]:
    passed = (
        (_NOW - timedelta(days=23, minutes=20), "an earlier complaint was settled"),
        (_NOW - timedelta(minutes=130), "the client wrote"),
        (_NOW - timedelta(minutes=128), "an acknowledgement was sent"),
    )
    return tuple(f"{voice.past(at)}: {voice.said(words)}" for at, words in passed)


def _pledge(name: str, voice: Voice) -> t.Pledge | None:
    if name not in _PLEDGED:
        return None
    due = _NOW + (timedelta(hours=-2) if name.endswith("late") else timedelta(hours=19))
    return t.pledge(voice, what="new proofs", by="Sam Fox", made=_NOW - timedelta(days=2), due=due)


_DAILY = "colleague/digest"
_REPLIED = frozenset({"colleague/confirmation", "colleague/not-accepted"})
_PLEDGED = frozenset({"colleague/promise-due", "colleague/promise-late"})
_WORDLESS = frozenset(
    {
        "colleague/mailbox-unreachable",
        "colleague/cannot-send",
        "colleague/configuration-refused",
        "colleague/breaker",
        "colleague/token-seen",
        _DAILY,
    }
)
_SITUATIONS = {
    "colleague/unsure": Situation.UNSURE,
    "colleague/promise-due": Situation.PROMISE,
    "colleague/promise-late": Situation.PROMISE,
    "colleague/delivery-unknown": Situation.UNKNOWN,
    "colleague/confirmation": Situation.CONFIRMED,
    "colleague/not-accepted": Situation.HELP,
}

_NOTICES = {
    "colleague/delivery-unknown": t.notice(
        "the letter to jo@client.example, Re: Order 1182",
        "the connection broke before the server said that it had taken it",
        mend="ask the client, or look into Sent",
        lines=("complaint/acknowledgement:7f3a",),
    ),
    "colleague/mailbox-unreachable": t.notice(
        "the inbox hello",
        "the server refuses the password: AUTHENTICATIONFAILED",
        since="15:02",
        mend="look at `imap:` of this inbox in config.yaml; nothing has to be started again",
    ),
    "colleague/cannot-send": t.notice(
        "the inbox hello",
        "unreachable (no connection: Connection refused)",
        since="15:02",
        mend="look at `smtp:` of this inbox in config.yaml; what waits leaves by itself then",
    ),
    "colleague/configuration-refused": t.notice(
        "the configuration",
        "a configuration with a mistake is none, so the one of before goes on",
        mend="mend these and save; they are read again by themselves",
        lines=(
            "config.yaml:12:5: there is no key `colour`; did you mean `colleagues`?",
            "rules/complaint.yaml:8:11: the bracket is not closed; close it",
        ),
    ),
    "colleague/breaker": t.notice(
        "all letters to clients",
        "more than 60 were to leave within an hour",
        mend="the digest has a word for each of them; raise `letters: at_most` if so many are right",
    ),
    "colleague/token-seen": t.notice(
        "a mail to Sam Fox was answered by somebody else",
        "jo@client.example has written a mail that refers to one of ours to Sam Fox, so it is in other hands",
        mend="ask Sam Fox whether it was forwarded; tellings that come from now on can be answered as ever",
    ),
}

NOTICES = frozenset(_NOTICES)
"""The tellings that are about the daemon itself and have a `notice` and no `matters`."""
