"""A telling without a template: what colleagues get where theirs cannot be written, for a telling always leaves."""

from __future__ import annotations

from collections.abc import Iterator

from troth.letters.cleaning import one_line
from troth.letters.rendered import Rendered
from troth.letters.tellings import Matter, TellingFacts


def plain_telling(name: str, facts: TellingFacts, because: str) -> Rendered:
    """The facts that matter, and `because` of what they come so bare."""
    subject = facts.notice.what if facts.notice else ", ".join(_title(matter) for matter in facts.matters[:3])
    rows = [row for matter in facts.matters for row in _matter(matter)]
    if facts.notice:
        rows += [facts.notice.what, facts.notice.because, *facts.notice.lines, facts.notice.mend or ""]
    rows += ["", f"The letter {name} could not be written, so this is all it says: {because}"]
    return Rendered(one_line(f"{name}: {subject}"), "\n".join(rows) + "\n")


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
