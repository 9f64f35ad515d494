"""What the owner's digest may say: frozen facts, cleaned when they are made. docs/writing-letters.md tells of each."""

from __future__ import annotations

from dataclasses import dataclass

from troth.letters.theclient import TheClient


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A complaint that nobody has answered. `late`: the closing time it should have been answered by has passed."""

    number: int
    client: TheClient
    subject: str
    waited: str
    deadline: str | None
    late: bool
    assignee: str | None
    severe: bool
    unsure: bool
    tags: str | None
    sentence: str | None
    answer: str
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OldLine:
    """A complaint from before the first start that nobody has answered."""

    number: int
    client: TheClient
    subject: str
    received: str
    sentence: str | None
    answer: str
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PromiseLine:
    number: int
    client: TheClient
    what: str
    by: str
    due: str
    late: bool
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueLine:
    """A letter to a client that is to be reconsidered at that moment."""

    when: str
    letter: str
    client: TheClient
    subject: str


@dataclass(frozen=True, slots=True)
class SentLine:
    """How many letters of one name left; `telling`: they went to colleagues."""

    letter: str
    many: int
    telling: bool


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter to a client that would have gone, or that lies in Drafts."""

    letter: str
    client: TheClient
    subject: str
    since: str


@dataclass(frozen=True, slots=True)
class PraiseLine:
    client: TheClient
    sentence: str
    received: str


@dataclass(frozen=True, slots=True)
class UnsureLine:
    """A mail whose tone is not sure. `tone` is "complaint", "praise" or "both", `because` the rules that said so."""

    number: int
    client: TheClient
    subject: str
    tone: str
    sentence: str | None
    because: str
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StuckLine:
    """A letter that waits for a person's word. `state` is "held", "unknown" or "failed"."""

    number: int
    state: str
    letter: str
    to: str
    subject: str
    because: str
    telling: bool
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuietLine:
    """A known client who usually writes again within `usual`, and has not written since `last`."""

    client: TheClient
    last: str
    usual: str


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """`trend` is "up", "down", "same" or "new", `width` a percentage, `bar` the same as text."""

    tag: str
    week: int
    before: str
    trend: str
    arrow: str
    width: int
    bar: str


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """Median time to answer, in opening hours, this week and in the four weeks before it."""

    many: int
    week: str
    before: str | None
    trend: str
    arrow: str


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of the chart: its day of the month, how many came, and the heights of its two bars in pixels."""

    day: str
    complaints: int
    praise: int
    complaint_height: int
    praise_height: int


@dataclass(frozen=True, slots=True)
class InboxLine:
    """What became of an inbox's mail since the last digest: seen is the sum of the four after it; `total` is all."""

    name: str
    seen: int
    acknowledged: int
    pending: int
    no_letter: int
    set_aside: int
    total: int
    reasons: tuple[str, ...] = ()
    error: str | None = None
    silent: str | None = None


@dataclass(frozen=True, slots=True)
class EndingLine:
    """Something that ends soon, such as a certificate."""

    what: str
    when: str
    past: bool


@dataclass(frozen=True, slots=True)
class Digest:
    """All facts of a digest. What a list leaves out because it is long is counted in `left_out`.

    `answerable`: this mail may be replied to with a line's number and a word. `reminders` are tellings that fall due
    by tomorrow evening, `seen` all mails of clients since the last digest. `empty`: there is nothing in it that anybody
    has to know.
    """

    day: str
    since: str
    empty: bool = False
    seen: int = 0
    answerable: bool = True
    waiting: tuple[WaitingLine, ...] = ()
    old: tuple[OldLine, ...] = ()
    promises: tuple[PromiseLine, ...] = ()
    due: tuple[DueLine, ...] = ()
    reminders: int = 0
    sent: tuple[SentLine, ...] = ()
    observed: tuple[LetterLine, ...] = ()
    drafts: tuple[LetterLine, ...] = ()
    praise: tuple[PraiseLine, ...] = ()
    unsure: tuple[UnsureLine, ...] = ()
    stuck: tuple[StuckLine, ...] = ()
    quiet: tuple[QuietLine, ...] = ()
    themes: tuple[ThemeLine, ...] = ()
    answered: AnsweredLine | None = None
    days: tuple[DayLine, ...] = ()
    inboxes: tuple[InboxLine, ...] = ()
    endings: tuple[EndingLine, ...] = ()
    left_out: int = 0
