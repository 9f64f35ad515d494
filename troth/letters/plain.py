"""A telling without a template: what colleagues get where theirs cannot be written, for a telling always leaves."""

from __future__ import annotations

from collections.abc import Iterator

from troth.letters.cleaning import one_line
from troth.letters.daily import Digest
from troth.letters.rendered import Rendered
from troth.letters.tellings import Matter, TellingFacts


def plain_telling(name: str, facts: TellingFacts, because: str) -> Rendered:
    """The facts that matter, and `because` of what they come so bare."""
    subject = facts.notice.what if facts.notice else ", ".join(_title(matter) for matter in facts.matters[:3])
    subject = subject or (facts.digest.day if facts.digest else "")
    rows = [row for matter in facts.matters for row in _matter(matter)]
    rows += _digest(facts.digest) if facts.digest else []
    if facts.notice:
        rows += [facts.notice.what, facts.notice.because, *facts.notice.lines, facts.notice.mend or ""]
    rows += ["", f"The letter {name} could not be written, so this is all it says: {because}"]
    return Rendered(one_line(f"{name}: {subject}"), "\n".join(rows) + "\n")


def _digest(digest: Digest) -> Iterator[str]:
    """What must not be missed; the numbers stay those that may be replied."""
    for waiting in digest.waiting:
        who = f"{waiting.client.name} <{waiting.client.address}>"
        yield f"{waiting.number}. {who}: {waiting.subject}, waiting {waiting.waited}"
    for old in digest.old:
        yield f"{old.number}. {old.client.name} <{old.client.address}>: {old.subject}, {old.received}"
    for promise in digest.promises:
        yield f"{promise.number}. promised to {promise.client.name}: {promise.what}, {promise.due}"
    for unsure in digest.unsure:
        yield f"{unsure.number}. {unsure.client.name}: {unsure.subject}, perhaps {unsure.tone}"
    for stuck in digest.stuck:
        yield f"{stuck.number}. {stuck.state}: {stuck.letter} to {stuck.to}"


def _title(matter: Matter) -> str:
    return f"{matter.client.name} ({matter.message.subject})"


def _matter(matter: Matter) -> Iterator[str]:
    yield f"{matter.client.name} <{matter.client.address}> wrote on {matter.message.received}: {matter.message.subject}"
    yield ""
    yield from (f"> {line}" for line in matter.message.text.split("\n"))
    yield ""
    if matter.case.deadline:
        yield f"Answer by {matter.case.deadline}."
    yield f"Answer: {matter.message.reply}"
