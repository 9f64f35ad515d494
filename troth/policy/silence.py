"""Whether a client asks for no more letters. It errs on the side of no: who stops a delivery is to hear from us."""

# ruff: noqa: E501  # one language, or one family of words, to a line

from __future__ import annotations

import re
from functools import cache

from troth.policy.folding import NAME, folded, pieces

_AT_MOST = 200
_LONG = 4000
_SENTENCE = 200

_KIND = r"(?:(?:these|those|this|that|such|your|our|any|an?|all|the|more|further|other|of|kinds?|sorts?|automat\w+|auto(?:[- ]?generated)?|computer[- ]generated|robot\w*|bot|unwanted|unsolicited|marketing|promotional|survey|feedback|follow[- ]?up|reminder|stupid|annoying|silly|bloody|damn(?:ed)?)[ -])*"
_LETTER = r"(?:e-?mails?|mails?|mailings?|messages?|letters?|repl(?:y|ies)|responses?|auto-?(?:reply|replies|responses?|responders?)|surveys?|questionnaires?|newsletters?|notifications?|reminders?|(?:feedback|review) requests?|requests for (?:feedback|a review)|follow[- ]?ups?|spam)"
_LETTERS = r"(?:e-?mails|mails|mailings|messages|surveys|questionnaires|newsletters|auto-?replies|feedback requests|follow[- ]?ups|reminders)"
_THESE = r"(?:any )?(?:more )?(?:of )?(?:these|those|this stuff|them|it)"
_AFTER = r"(?: (?:please|again|any ?more|ever|now|thanks|thank you|ta|like (?:this|these|that|those)|from (?:you|this address|now on)|to (?:me|us|this address|my address|my inbox|this e-?mail(?: address)?)|in (?:the )?future|at all|at once|immediately|right away|right now|straight ?away|automatically|every time|for ever|forever|for good|whatsoever|either))*"
_ASKING = r"(?:(?:hi|hello|hey|so|and|also|but|or|again|once more|for the last time|i (?:said|repeat)|thanks|thank you|no thanks|no thank you|ok|okay)[,:]? )*"
_PLEASE = rf"{_ASKING}(?:(?:please|pls|plz|kindly|just|(?:can|could|would|will) (?:you|someone|somebody)|would you mind|i(?: would|'d) (?:like|ask|prefer|want) you to|i (?:want|ask|need|beg) you to|i(?: would|'d) be grateful if you(?: would|'d| could)?) )*"
_SENDING = r"(?:writ(?:e|ing)|(?:e-?)?mail(?:ing)?|messag(?:e|ing)|contact(?:ing)?|spam(?:ming)?)"
_LIST = r"(?:off|from|out of)(?: of)? (?:[\w-]+ ){0,3}(?:lists?|mailings?|database|distribution|newsletters?|e-?mails|mails)(?: (?:this|it|that) is)?"

_MAIL = rf"{_KIND}{_LETTER}"
_GERMAN_KIND = r"(?:(?:diese[rnsm]?|solche[rn]?|derartige[rn]?|weitere[rn]?|automati\w+|automatisierte[rn]?|ihre[rn]?|eure|mehr|die|von|den) )*"
_GERMAN = rf"{_GERMAN_KIND}(?:auto(?:matik)?-?)?(?:e-?mails?|mails?|nachrichten|mitteilungen|antworten|umfragen|newsletter|werbung|erinnerungen|schreiben)"
_GERMAN_AFTER = r"(?: (?:mehr|bitte|danke|von ihnen|an mich|wieder|jemals))*"
_GERMAN_PLEASE = r"(?:(?:hallo|und|also|nochmals|danke|bitte|ich bitte sie)[ ,]+)*"
_SEND = r"(?:schick|send|schreib)(?:en sie|t|e)?"

_BECAUSE = r"(?: (?:because|as|since|for|i am|i'm|it is|it's|they|and|or|but) .*)?"
_ENGLISH = (
    rf"{_PLEASE}(?:stop|stopping|quit|cease|refrain from) (?:{_SENDING}|bothering|pestering|bombarding)(?: to)? (?:me|us)(?: (?:with|about))?(?: {_MAIL})?",
    rf"{_PLEASE}(?:stop|stopping|quit|cease|refrain from) (?:sending|e-?mailing|mailing|messaging|writing)(?: (?:me|us))?(?: with)? {_MAIL}",
    rf"{_PLEASE}(?:stop|stopping|quit|cease|end|switch off|turn off|enough of|enough with)(?: (?:with|getting|receiving))? {_KIND}{_LETTERS}",
    rf"{_PLEASE}(?:stop|end|no|no more)(?: of)? {_KIND}(?:automat\w+|auto(?:[- ]?generated)?|robot\w*) {_LETTER}",
    rf"{_ASKING}(?:please )?no more {_KIND}{_LETTERS} (?:please|thanks|thank you)",
    rf"{_ASKING}please,? no (?:more )?{_KIND}{_LETTERS}",
    rf"{_PLEASE}(?:do not|don't|dont) {_SENDING}(?: to)? (?:me|us)(?: with)?(?: {_MAIL})?(?: (?:again|any ?more|ever))",
    rf"{_PLEASE}never {_SENDING}(?: to)? (?:me|us) again",
    rf"{_PLEASE}(?:do not|don't|dont) (?:e-?mail|message|contact|spam) (?:me|us)",
    rf"{_PLEASE}(?:do not|don't|dont|never) send (?:me|us)? ?{_MAIL}",
    rf"{_ASKING}i(?: really| just)? (?:do not|don't|dont|no longer|never|would not|wouldn't) (?:really )?(?:want|wish|like|care|need)(?: (?:to (?:receive|get|have|see|be sent)|getting|receiving|for))? {_MAIL}",
    rf"{_ASKING}i(?: would|'d) (?:rather|prefer) not(?: to)? (?:receive|get|have|be sent) {_MAIL}",
    rf"{_PLEASE}(?:take|remove|delete|strike) (?:me|us|(?:my|our|this)(?: name| e-?mail| address){{1,3}}) {_LIST}",
    rf"{_PLEASE}(?:unsubscribe|opt) (?:me|us|my address|this address)(?: out)?(?: (?:from|of) (?:[\w-]+ ){{0,3}}(?:lists?|mailings?|{_LETTER}))?",
)
_IN_GERMAN = (
    rf"{_GERMAN_PLEASE}(?:schreib|mail|kontaktier)(?:en sie|t|e)? (?:mir|uns|mich) (?:bitte )?(?:nicht|nie|keine {_GERMAN})(?: wieder| mehr)+",
    rf"{_GERMAN_PLEASE}{_SEND} (?:mir|uns) (?:bitte )?(?:keine|nicht|nie) ?{_GERMAN}",
    rf"{_GERMAN_PLEASE}keine {_GERMAN}",
    rf"{_GERMAN_PLEASE}(?:hor|hoer)(?:en sie|t)? (?:bitte )?auf,? (?:mir|uns) (?:{_GERMAN}|so etwas) zu (?:schicken|senden|schreiben)",
    rf"ich (?:mochte|moechte|will|wunsche|wuensche|brauche) (?:bitte )?keine {_GERMAN}(?: mehr)?(?: (?:bekommen|erhalten|haben|empfangen))?",
    rf"ich (?:mochte|moechte|will) {_GERMAN} nicht(?: mehr)?(?: (?:bekommen|erhalten|haben|empfangen))?",
    r"(?:bitte )?(?:nehm|nimm|streich|losch|loesch|entfern|trag)(?:en sie|t|e)? (?:mich|uns|meine (?:e-?mail-?)?adresse) (?:bitte )?(?:aus|von) (?:\w+ ){0,2}\w*(?:verteiler|liste|newsletter)\w*(?: (?:aus|heraus))?",
    r"ne m'ecrivez plus|no me escriban? mas|non scrivetemi piu",
)
_BARE = re.compile(
    r"(?:please )?(?:stop(?: (?:it|this|that|these|those))?|stopp|remove me|leave (?:me|us) alone|no more(?: of)?(?: (?:these|those|your|automatic))?(?: e-?mails| mails| messages)?|aufhoren|baja)(?: please| bitte| now| thanks| thank you| danke| mehr)*"
)
_PLAIN = re.compile(
    r"(?:please )?(?:unsubscribe(?: me)?|opt(?: me)? out|abmelden|abbestellen|austragen|desinscription|desabonner|disiscrivimi|uitschrijven)(?: please| bitte| now| thanks| thank you| danke)*"
)
_OF_THESE = re.compile(
    rf"{_PLEASE}(?:(?:stop|quit|cease) (?:sending|e-?mailing|writing)(?: (?:me|us))? {_THESE}|(?:do not|don't|dont|never) send (?:me|us) {_THESE}|no more of (?:these|those|this)"
    rf"|(?:stop|quit|cease) (?:sending|writing|mailing|e-?mailing|contacting|messaging)|i (?:do not|don't|no longer) (?:want|need|wish) (?:any more of|to (?:get|receive|have))(?: any more(?: of)?)? (?:these|those)){_AFTER}$"
)
_UNSUBSCRIBE = re.compile(
    r"(?:re: )?(?:please |bitte )?(?:unsubscribe(?: me)?|abmelden|abmeldung|desinscription|opt[- ]?out)(?: please| bitte)?"
)
_PROGRAM = re.compile(
    r".*\b(?:generated|sent|erzeugt|gesendet|erstellt)\b.*\b(?:gmail|mail|outlook|thunderbird|client)\b.*|.*\bto unsubscribe\b.*"
)
"""What mail programs write below the subject when their button for it is pressed."""

_HINT = re.compile(
    r"stop|quit|ceas|refrain|\bend\b|\boff\b|enough|\bno\b|\bnot\b|n't\b|dont|never|take|remove|delete|strike|unsubscribe|\bopt\b"
    r"|nicht|\bnie\b|keine|\bauf\b|nehm|nimm|streich|losch|loesch|entfern|trag|ecrivez|escrib|scrivete"
)
"""One of these stands in whatever the patterns above find: most sentences need not be held against each of them."""


@cache
def _asked() -> tuple[re.Pattern[str], ...]:
    """Compiled when the first mail is read: to start is to wait for nothing."""
    english = (f"{pattern}{_AFTER}{_BECAUSE}$" for pattern in _ENGLISH)
    german = (f"{pattern}{_GERMAN_AFTER}$" for pattern in _IN_GERMAN)
    return tuple(map(re.compile, (*english, *german)))


def asks_for_silence(subject: str, text: str, *, answers_letter: bool, after_letter: bool = False) -> bool:
    """Whether a mail asks us to write no more.

    `answers_letter`: it goes back to a letter of ours; only there does a bare "stop" speak of letters. `after_letter`:
    a letter is the last that we sent him, so that "no more of these" speaks of letters without going back to one. The
    subject alone counts where it is what the List-Unsubscribe of a letter writes.
    """
    if len(text) > _LONG:
        return False
    all_said = pieces(text)
    said = [folded(piece).rstrip(" ?") for piece in all_said if not NAME.fullmatch(piece)] or [
        folded(piece) for piece in all_said[:1]
    ]
    words = sum(len(piece.split()) for piece in said)
    if words > _AT_MOST:
        return False
    if _UNSUBSCRIBE.fullmatch(folded(subject)) is not None and (words <= 5 or _by_program(said)):
        return True
    if _alone(_PLAIN, said) or any(asked.match(part) for part in _parts(said) for asked in _asked()):
        return True
    if (answers_letter or after_letter) and any(_OF_THESE.match(part) for part in _parts(said)):
        return True
    return answers_letter and _alone(_BARE, said)


def _by_program(said: list[str]) -> bool:
    return len(said) <= 2 and len(said[0]) <= _SENTENCE and _PROGRAM.fullmatch(said[0]) is not None


def _alone(asked: re.Pattern[str], said: list[str]) -> bool:
    return len(said) == 1 and asked.fullmatch(said[0]) is not None


def _parts(said: list[str]) -> list[str]:
    """Each sentence, and each part of one between its commas, that may ask; nobody needs many words for it."""
    parts = [*said, *(part.strip() for piece in said if "," in piece for part in piece.split(","))]
    return [part for part in parts if len(part) <= _SENTENCE and _HINT.search(part)]
