"""Why a verdict is what it is: marked stretches, the rules' sums, what did not count, and the nearest miss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from troth.model import Tone, Verdict
from troth.rulebook.judge import Hit, Reading
from troth.rulebook.parts import BODY, SUBJECT, Marks, Pack
from troth.rulebook.verdict import NEVER, Sum, share, side_of, sums, verdict

HELD = "held"
MASKED = "masked"
NEGATED = "negated"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters of a subject or body with their style: complaint, praise, neutral, negated, masked or held."""

    where: str
    start: int
    end: int
    style: str


@dataclass(frozen=True, slots=True)
class RuleSum:
    """What one rule brought, after length: its hits as written in the mail, and whether negation turned them."""

    rule: str
    side: str
    weight: float
    total: float
    said: tuple[str, ...]
    turned: bool = False
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withheld:
    """A phrase that stands in the mail and does not count, and why: courtesy, signature, boilerplate or unless."""

    rule: str
    said: str
    why: str


@dataclass(frozen=True, slots=True)
class Miss:
    """A tone that was not called: how far it was from its mark, and what held it back."""

    tone: Tone
    score: float
    mark: float
    held_back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All there is to say about a verdict, as values. `shares` is what length leaves of each part's weights."""

    verdict: Verdict
    subject: str
    text: str
    stretches: tuple[Stretch, ...]
    rules: tuple[RuleSum, ...]
    withheld: tuple[Withheld, ...]
    masked: tuple[tuple[str, str], ...]
    sums: tuple[Sum, ...]
    marks: tuple[tuple[Tone, Marks], ...]
    shares: tuple[tuple[str, int, float], ...]
    miss: Miss | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a line with the name of its style; None is plain."""

    text: str
    style: str | None = None


Line = tuple[Segment, ...]


def explain(
    pack: Pack, readings: Sequence[Reading], language: str | None, notes: Sequence[str], subject: str, text: str
) -> Explanation:
    """The explanation of the verdict on these readings."""
    result = verdict(pack, readings, language, notes)
    totals = sums(readings, pack.effects)
    withheld = tuple(_withheld(readings))
    return Explanation(
        verdict=result,
        subject=subject,
        text=text,
        stretches=tuple(_stretches(readings)),
        rules=_rule_sums(pack, readings),
        withheld=withheld,
        masked=tuple((span.what, _said(r, span.start, span.end)) for r in readings for span in r.masked),
        sums=tuple(totals.values()),
        marks=tuple((tone, pack.marks.get(tone, NEVER)) for tone in Tone),
        shares=tuple((r.where, r.words, share(r, pack.effects)) for r in readings),
        miss=_miss(pack, result, totals, withheld),
    )


def _said(reading: Reading, start: int, end: int) -> str:
    return " ".join(reading.text[reading.folded.place(start) : reading.folded.place(end)].split())


def _stretches(readings: Sequence[Reading]) -> Iterator[Stretch]:
    for reading in readings:
        place = reading.folded.place
        for span in reading.masked:
            yield Stretch(reading.where, place(span.start), place(span.end), MASKED)
        for hit in reading.hits:
            yield Stretch(reading.where, place(hit.start), place(hit.end), _style(hit))


def _style(hit: Hit) -> str:
    if not hit.factor:
        return HELD
    return NEGATED if hit.turned else hit.rule.side.value


def _rule_sums(pack: Pack, readings: Sequence[Reading]) -> tuple[RuleSum, ...]:
    gathered: dict[tuple[str, bool], list[tuple[Reading, Hit]]] = {}
    for reading in readings:
        for hit in reading.hits:
            if hit.factor:
                gathered.setdefault((hit.rule.name, hit.turned), []).append((reading, hit))
    found = [_rule_sum(pack, hits) for hits in gathered.values()]
    return tuple(sorted(found, key=lambda one: (-one.total, one.rule)))


def _rule_sum(pack: Pack, hits: Sequence[tuple[Reading, Hit]]) -> RuleSum:
    first = hits[0][1]
    return RuleSum(
        rule=first.rule.name,
        side=side_of(first).value,
        weight=first.rule.weight,
        total=sum(hit.weight * share(reading, pack.effects) for reading, hit in hits),
        said=tuple(_said(reading, hit.start, hit.end) for reading, hit in hits),
        turned=first.turned,
        why=tuple(dict.fromkeys(why for _, hit in hits for why in hit.why)),
    )


def _withheld(readings: Sequence[Reading]) -> Iterator[Withheld]:
    for reading in readings:
        for hit in reading.hits:
            if not hit.factor:
                yield Withheld(hit.rule.name, _said(reading, hit.start, hit.end), hit.why[0] if hit.why else "")


def _miss(pack: Pack, result: Verdict, totals: dict[Tone, Sum], withheld: Sequence[Withheld]) -> Miss | None:
    """The uncalled tone nearest to its mark, of those that anything spoke for."""
    near = [
        (pack.marks[t].tone - total.score, t) for t, total in totals.items() if t in pack.marks and t not in result.tone
    ]
    spoken = [(missing, t) for missing, t in near if totals[t].own or withheld]
    if not spoken:
        return None
    tone = min(spoken)[1]
    return Miss(tone, totals[tone].score, pack.marks[tone].tone, tuple(_held_back(totals[tone], withheld)))


def _held_back(total: Sum, withheld: Sequence[Withheld]) -> Iterator[str]:
    if total.other:
        yield f"the other tone took {total.other:.2f}"
    if total.ordinary:
        yield f"ordinary business took {total.ordinary:.2f}"
    for one in withheld:
        yield f"“{one.said}” did not count ({one.why})"


def render(explanation: Explanation) -> list[Line]:
    """The explanation as lines for a terminal; styles are named, colours are the reader's business."""
    lines: list[Line] = []
    if explanation.subject.strip():
        lines += _marked("Subject: ", explanation.subject, SUBJECT, explanation)
    lines += _marked("", explanation.text, BODY, explanation)
    lines.append(())
    lines += [_rule_line(one) for one in explanation.rules]
    lines += [(Segment(f"  not counted  {one.rule}: “{one.said}” ({one.why})", HELD),) for one in explanation.withheld]
    lines += [(Segment(f"  {what}: “{_short(said)}”", MASKED),) for what, said in explanation.masked]
    lines += [_length_line(*one) for one in explanation.shares if one[2] != 1.0]
    lines += [_sum_line(total, dict(explanation.marks)[total.tone], explanation.verdict) for total in explanation.sums]
    lines += [(Segment(f"note: {note}"),) for note in explanation.verdict.notes]
    return lines + list(_last_lines(explanation))


def _marked(lead: str, text: str, where: str, explanation: Explanation) -> list[Line]:
    styles: list[str | None] = [None] * len(text)
    for stretch in explanation.stretches:
        if stretch.where == where:
            styles[stretch.start : stretch.end] = [stretch.style] * (min(stretch.end, len(text)) - stretch.start)
    lines: list[Line] = []
    at = 0
    for line in text.split("\n"):
        lines.append((Segment(lead), *_runs(line, styles[at : at + len(line)])))
        at += len(line) + 1
    return lines


def _runs(line: str, styles: Sequence[str | None]) -> Iterator[Segment]:
    start = 0
    for at in range(1, len(line) + 1):
        if at == len(line) or styles[at] != styles[start]:
            yield Segment(line[start:at].replace("\t", " "), styles[start])
            start = at


def _rule_line(one: RuleSum) -> Line:
    said = ", ".join(f"“{_short(words)}”" for words in one.said)
    why = f" ({', '.join(one.why)})" if one.why else ""
    lead = f"  {one.total:6.2f} {one.side:<9} {one.rule}: "
    return (Segment(lead, NEGATED if one.turned else one.side), Segment(f"{said}{why}"))


def _length_line(where: str, words: int, left: float) -> Line:
    return (Segment(f"  {where}: {words} words, so each counts {left:.2f}"),)


def _sum_line(total: Sum, marks: Marks, result: Verdict) -> Line:
    state = "sure" if total.tone in result.sure else "yes" if total.tone in result.tone else "no"
    state = "no, but doubtful" if state == "no" and total.tone in result.doubtful else state
    sure = "never" if marks.sure is None else f"{marks.sure:g}"
    reckoning = f"{total.own:.2f} - {total.other:.2f} (other tone) - {total.ordinary:.2f} (ordinary)"
    limits = f"doubtful {marks.doubtful:g}, called {marks.tone:g}, sure {sure}"
    return (Segment(f"{total.tone}: {total.score:.2f} = {reckoning}; {limits}: {state}", total.tone.value),)


def _last_lines(explanation: Explanation) -> Iterator[Line]:
    result, miss = explanation.verdict, explanation.miss
    if miss is not None:
        held = f"; {'; '.join(miss.held_back)}" if miss.held_back else ""
        yield (Segment(f"nearest miss: {miss.tone} {miss.score:.2f} of {miss.mark:g}{held}"),)
    tone = " and ".join(sorted(result.tone)) or "neither"
    severity = f", severity {result.severity}" if result.severity else ""
    yield (Segment(f"verdict: {tone}{severity}{', ' + ', '.join(result.tags) if result.tags else ''}"),)


def _short(said: str) -> str:
    return said if len(said) <= 60 else f"{said[:57]}..."
