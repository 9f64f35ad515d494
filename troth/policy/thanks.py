"""Whether a client says thanks and nothing else. It errs on the side of no: who is taken for content is forgotten."""

# ruff: noqa: E501  # one language, or one family of words, to a line

from __future__ import annotations

import re

from troth.model import Tone, Verdict
from troth.policy.folding import NAME, folded, pieces

_AT_MOST = 60
_CLAUSE_AT_MOST = 16
_LONG = 2000

_WELL = re.compile(
    r"\b(?:thanks?|thank you|thankful|cheers|ta|ty|thx|grateful|appreciat\w+|dank\w*|merci|gracias|grazie|obrigad[oa]|bedankt|tack|takk"
    r"|sorted|resolved|solved|fixed|settled|done|good|fine|great|perfect\w*|brilliant|wonderful|lovely|excellent|super|amazing|fantastic|fab|beautiful|gorgeous|superb|spot on|star|quick\w*|prima|toll|klasse|top|bestens"
    r"|arrived|received|got (?:it|them)|works|working|happy|pleased|delighted|love (?:it|them)|gone|answers (?:my|our)|satisfied|no worries|ok|okay|erledigt|geklart|gelost|funktioniert|angekommen|passt|zufrieden|alles (?:gut|klar)"
    r"|resolu|regle|parfait|resuelto|perfecto|risolto|perfetto|opgelost|have a|best wishes|kind regards|enjoy)\b|[\U0001f300-\U0001faff\u2764]"
)
_SAID = re.compile(
    r"\b(?:thanks?|thank you|cheers|ta|ty|thx|grateful|appreciat\w+|dank\w*|merci|gracias|grazie|obrigad[oa]|bedankt|tack|takk"
    r"|sorted|resolved|solved|fixed|perfect\w*|happy|pleased|delighted|satisfied|erledigt|geklart|gelost|zufrieden|parfait|resuelto|risolto|opgelost)\b"
)
_OVER = re.compile(
    r"\b(?:sorted|resolved|solved|fixed|arrived|perfect\w*|erledigt|geklart|gelost|angekommen|resuelto|risolto|opgelost)\b"
)
"""Thanks for what is still to come are often followed by a second thanks, above the name."""
_COURTESY = re.compile(
    r"\b(?:(?:many )?thank(?:s|ing you| you)?(?: (?:so|very) much)? (?:in (?:advance|anticipation)|for (?:your |the )?(?:(?:kind|prompt|urgent|immediate|swift|quick|time and|continued|full|and) ){0,3}(?:attention|understanding|cooperation|co-operation|consideration|time|patience)\b(?! and (?:all )?(?:your |the )?help)(?: (?:to|in|with|on) (?:this|the|my|our)(?: (?:matter|issue|problem|case))?)?)"
    r"|dank\w* (?:schon (?:mal |einmal )?)?im voraus|vielen dank (?:schon (?:mal |einmal )?)?(?:im voraus|vorab)|im voraus (?:vielen |besten )?dank|vorab (?:vielen |besten )?dank|vielen dank fur ihr(?:e|en)? (?:verstandnis|geduld|bemuhungen|muhe|hilfe im voraus))\b"
)
_MORE = re.compile(
    r"\?|\b(?:but|however|although|though|tho|except|apart from|still|yet|unfortunately|sadly|regrettably|pity|shame|disappoint\w*|not|never|no longer|nothing|none|nor|without|barely|hardly|far from|anything but|less than|un\w*(?:happy|resolved|solved|sorted|satisfied)"
    r"|please|pls|plz|could|can|would|should|must|might|may|will|shall|won't|let\w* (?:me|us|you|them)|if|unless|until|till|once|before|when\w*|why|how|what|where|which|who|whether|as soon as|meanwhile|for now|so far|for the moment|at last"
    r"|call\w*|ring|phone|send\w*|bring|tell|need\w*|want\w*|wish|expect\w*|wait\w*|hop(?:e|es|ing|eful\w*)|look\w* (?:forward|into|at)|check\w*|discuss|talk|speak|chat|meet|come back|get back|reply soon|keep me|asap|urgent\w*|going to|gonna|trying|tried|try"
    r"|another|more|other|others|also|too late|missing|instead|rather|attach\w*|enclos\w*|changed|moved|by the way|btw|ps|only|just one|half|some|part|partly|partially|almost|nearly|mostly|quite|rest|first|second|one|two|three|several|few|question\w*|issues?|problems?|concern\w*|however|wrong|late|again|different|used to|was (?:happy|pleased|delighted|satisfied)"
    r"|wast\w+|ruin\w*|useless|broken|damaged|refund (?:me|us|of|is|has|was)|discount|order\w* (?:more|another)|get (?:it|this|that|these|them|the|my)|to be|\w+n't|\w+nt you|\w+'(?:ll|d)"
    r"|aber|jedoch|leider|noch|nicht|nichts|kein\w*|bitte|wann|warum|wieso|wie|wo|was|ob|wenn|falls|hoff\w*|werde|muss\w*|soll\w*|mochte\w*|hatte\w*|konn\w+|brauch\w*|fehl\w*|allerdings|trotzdem|meld\w*|wart\w*|rufen|schicken|anbei|anhang|falsch|kaputt|nur|bis"
    r"|mais|pas|encore|malheureusement|pero|todavia|por favor|ma|non|ancora|per favore|maar|niet|nog|helaas|alstublieft)\b|^(?:are|is|do|does|did|have(?! a )|has|was|were)\b"
)
_PHRASES = re.compile(
    r"\b(?:can(?:'t|not) thank you enough|could ?n't (?:be (?:happier|more pleased)|have (?:asked for (?:more|better)|been better))|(?:there (?:are|is) )?no (?:more |further |other )*(?:problems?|issues?|complaints?|questions?|concerns?|worries)"
    r"|(?:there is |there's )?no (?:further )?(?:need to (?:reply|do anything(?: else| more)?)|action (?:needed|required)|reply needed)|no (?:one is|rush)|nothing (?:else|more)(?: needed| to (?:do|add))?|thank(?:s|ing)? (?:you )?(?:so much |very much )?(?:once )?(?:again|for everything)|once again|the one|number one|you(?:'ll| will) (?:be|hear) happy to"
    r"|thank(?:s| you) for (?:letting (?:me|us) know|getting back(?: to (?:me|us))?(?: so (?:quickly|soon))?|(?:looking into|dealing with|sorting(?: out)?|solving|fixing|resolving) (?:it|this|that|the|my|our)(?: (?:problem|issue|matter))?|(?:the|my|our|your) (?:refund|replacement)|not (?:giving up|charging))"
    r"|(?:i )?hope (?:you|that you)(?: all)? have (?:a |an )?\w+ \w+|(?:that|it)(?:'s| is| has been) (?:all )?(?:been )?(?:fixed|solved|resolved|sorted)(?: now)?|problem (?:ist|hat sich) (?:jetzt |nun )?(?:gelost|erledigt|behoben)|(?:issue|problem|matter)s? (?:is |are |has been |have been |now |all )*(?:fixed|solved|resolved|sorted)"
    r"|(?:that|this|it|which) (?:has )?(?:(?:solved|fixed|sorted|resolved|answered|answers|solves|fixes) (?:it|everything|(?:my|our|the) (?:problem|question|issue)s?|that)|did the (?:trick|job)))\b"
)
_SPLIT = re.compile(r"[,:]\s|\s[-–—]+\s|[()]")


def thanks_alone(text: str, verdict: Verdict, attachments: tuple[str, ...] = ()) -> bool:
    """Whether a mail says thanks, or that all is well, and nothing that would want an answer.

    Each clause has to be understood as such; what is attached, pictures of a signature aside, wants to be looked at.
    """
    if len(text) > _LONG or Tone.COMPLAINT in verdict.tone | verdict.doubtful or not all(map(_adorns, attachments)):
        return False
    clauses = [clause for piece in pieces(text) for clause in _clauses(piece)]
    said = [_PHRASES.sub("thanks", folded(clause)) for clause in clauses]
    if sum(len(clause.split()) for clause in said) > _AT_MOST or any(map(_MORE.search, said)):
        return False
    meant = [_COURTESY.sub(" ", clause) for clause in said]
    if meant != said and not any(_OVER.search(plain) and not _COURTESY.search(plain) for plain in map(folded, clauses)):
        return False
    understood = all(NAME.fullmatch(clause) or _well(said_) for clause, said_ in zip(clauses, said, strict=True))
    return understood and (any(map(_SAID.search, meant)) or verdict.tone == {Tone.PRAISE})


def _clauses(piece: str) -> list[str]:
    return [clause for part in _SPLIT.split(piece) if (clause := part.strip(" ,:-–—"))]


def _well(clause: str) -> bool:
    return _WELL.search(clause) is not None and len(clause.split()) <= _CLAUSE_AT_MOST


_ADORNS = re.compile(
    r"(?:image|logo|signature|outlook-|facebook|linkedin|twitter|instagram|icon)[\w.-]*\.(?:png|gif|jpe?g)|\w+\.(?:vcf|asc|p7s)|smime.*"
)


def _adorns(name: str) -> bool:
    """Whether an attachment is of those that programs and signatures add."""
    return _ADORNS.fullmatch(name.casefold()) is not None
