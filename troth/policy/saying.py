"""What a client's few words ask for beside any tone: thanks alone, or silence. Both err on the side of no."""

# ruff: noqa: E501  # one language, or one family of words, to a line

from __future__ import annotations

import re
import unicodedata

from troth.model import Tone, Verdict

_THANKS_AT_MOST = 60
_SILENCE_AT_MOST = 40
_LONG = 2000

_THANKS = re.compile(
    r"\b(?:thanks?|thank you|thankful|cheers|ta|ty|thx|grateful|appreciat\w+|danke\w*|dank|merci|gracias|grazie|obrigad[oa]|bedankt|tack|takk"
    r"|(?:all )?(?:sorted|resolved|solved|fixed|settled|good|fine|great|perfect|brilliant|wonderful|lovely|excellent|super|prima)"
    r"|arrived|received|works|working|happy|pleased|delighted|erledigt|geklart|gelost|funktioniert|angekommen|passt|zufrieden"
    r"|resolu|regle|parfait|resuelto|perfecto|risolto|perfetto|opgelost)\b"
)
_SAID = re.compile(
    r"\b(?:thanks?|thank you|cheers|ta|ty|thx|grateful|appreciat\w+|danke\w*|dank|merci|gracias|grazie|obrigad[oa]|bedankt|tack|takk"
    r"|sorted|resolved|solved|fixed|perfect|happy|pleased|delighted|erledigt|geklart|gelost|zufrieden|parfait|resuelto|risolto|opgelost)\b"
)
_MORE = re.compile(
    r"\?|\b(?:but|however|although|though|except|still|yet|unfortunately|not|never|no longer|please|could you|can you|would you|when|why|until|unless"
    r"|call|ring|phone|send|bring|let (?:me|us)|tell|need|want|expect\w*|wait\w*|asap|urgent\w*|rufen|schicken|brauche\w*"
    r"|\w+n't|\w+nt you|aber|jedoch|leider|noch|nicht|kein\w*|bitte|wann|warum|mais|pas|encore|malheureusement|pero|todavia|por favor"
    r"|ma|non|ancora|per favore|maar|niet|nog|helaas|alstublieft)\b"
)
_PHRASES = re.compile(
    r"\b(?:can(?:'t|not) thank you enough|could ?n't be (?:happier|more pleased)|no (?:more )?problems?)\b"
)
_SENTENCE = re.compile(r"[.!;\n]+")

_STOP = re.compile(
    r"(?:please )?(?:stop|unsubscribe(?: me)?|remove me|opt out|abmelden|abbestellen|austragen|desinscription|desabonner|baja|disiscrivimi|uitschrijven)"
    r"(?: please| bitte| now| thanks| thank you)*"
)
_STOP_WRITING = re.compile(
    r"\b(?:(?:please )?(?:stop|quit|cease) (?:writing|e-?mailing|mailing|messaging|contacting|sending|bothering|spamming)\b(?: me)?(?: (?:any more|more|these|such|those|your|automatic|automated|emails?|e-mails?|mails?|messages?|letters?))*"
    r"|(?:do not|don't|never) (?:write|e-?mail|mail|contact|message)(?: to)? (?:me|us)(?: again| any ?more)?"
    r"|no more (?:of (?:these|your) )?(?:e-?mails|mails|messages|letters)"
    r"|(?:take|remove) (?:me|us) (?:off|from) (?:your|this|the) (?:mailing )?list"
    r"|unsubscribe (?:me|us)\b"
    r"|(?:bitte )?(?:schreiben|schicken|senden) sie (?:mir|uns) (?:bitte )?(?:keine|nicht)(?: mehr| weiteren)*"
    r"|(?:bitte )?keine (?:weiteren |automatischen )?(?:e-?mails|mails|nachrichten) mehr"
    r"|ne m'ecrivez plus|no me escriban? mas|non scrivetemi piu)"
)
_UNSUBSCRIBE = re.compile(r"(?:re: )?(?:unsubscribe|abmelden|abmeldung|desinscription|opt[- ]?out)")


def thanks_alone(text: str, verdict: Verdict) -> bool:
    """Whether a mail says thanks, or that all is well, and nothing that would want an answer."""
    said = _PHRASES.sub("thanks", _folded(text[:_LONG]))
    if (
        len(text) > _LONG
        or Tone.COMPLAINT in verdict.tone | verdict.doubtful
        or len(said.split()) > _THANKS_AT_MOST
        or _MORE.search(said)
    ):
        return False
    if verdict.tone == {Tone.PRAISE}:
        return True
    sentences = [part for part in _SENTENCE.split(said) if part.strip()]
    return _SAID.search(said) is not None and all(_THANKS.search(part) or len(part.split()) <= 3 for part in sentences)


def asks_for_silence(subject: str, text: str, *, answers_letter: bool) -> bool:
    """Whether a mail asks us to write no more.

    `answers_letter`: it goes back to a letter of ours; only there does a bare "stop" speak of letters. The subject
    alone counts where it is what the List-Unsubscribe of a letter writes.
    """
    said = _folded(text[:_LONG]).strip(" .!\n\t")
    if len(text) > _LONG or len(said.split()) > _SILENCE_AT_MOST:
        return False
    alone = _STOP.fullmatch(said.split("\n")[0].strip(" .!,"))
    by_subject = _UNSUBSCRIBE.fullmatch(_folded(subject).strip()) is not None and len(said.split()) <= 5
    return by_subject or bool(answers_letter and (alone or _STOP_WRITING.search(said)))


def _folded(text: str) -> str:
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub(r"[ \t]+", " ", bare.casefold().replace("’", "'"))
