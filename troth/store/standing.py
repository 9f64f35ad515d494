"""Where a mail stands once it, its steps and its letters are written: pure, so that every store keeps one rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from troth.model import Address, Client, Enter, Letter, LetterKind, LetterState, OpenCase, Seen, Standing, Step

LEARNT = "before first start"

_STILL_TO_COME = frozenset(
    {LetterState.QUEUED, LetterState.HELD, LetterState.DRAFTED, LetterState.SENDING, LetterState.DEFERRED}
)
_BY_THE_SERVER = {LetterState.FAILED: "delivery failed", LetterState.UNKNOWN: "delivery unknown"}


def by_letter(letter: Letter) -> Enter | None:
    """Where a letter puts the mail it answers; None for letters that acknowledge nothing.

    A server's words vary with each mail, so what failed is counted under words of our own.
    """
    if letter.kind is not LetterKind.ACKNOWLEDGEMENT or letter.mail is None:
        return None
    if letter.state is LetterState.SENT:
        return Enter(letter.mail, Standing.ACKNOWLEDGED, letter.because)
    if letter.state in _STILL_TO_COME:
        return Enter(letter.mail, Standing.PENDING, letter.because)
    because = _BY_THE_SERVER.get(letter.state) or letter.because or letter.state.value
    return Enter(letter.mail, Standing.NO_LETTER, because)


def may_enter(now: Standing, to: Standing) -> bool:
    """Whether a mail that stands there may stand elsewhere: what was acknowledged stays so."""
    return now is not Standing.ACKNOWLEDGED or to is Standing.ACKNOWLEDGED


def at_record(seen: Seen, client: Client | None, steps: Sequence[Step], letters: Sequence[Letter]) -> Seen:
    """A mail as it is written: with its client and case, and standing where its steps and letters put it."""
    entered = [step for step in steps if isinstance(step, Enter)]
    entered += [enter for letter in letters if (enter := by_letter(letter)) is not None]
    last = next((enter for enter in reversed(entered) if enter.mail == seen.identity), None)
    standing, because = (last.standing, last.because) if last else (seen.standing, seen.because)
    return replace(
        seen,
        client=client.key if client else seen.client,
        case=seen.case or _opened(seen, steps),
        standing=standing,
        because=because or (seen.refusal or "" if standing is Standing.NO_LETTER else ""),
    )


def at_learning(seen: Seen) -> Seen:
    return replace(seen, learnt=True, standing=Standing.NO_LETTER, because=LEARNT)


def is_clients(seen: Seen) -> bool:
    """Whether a learnt mail makes its author a client: a person wrote it, and the gate saw no reason against him."""
    return not seen.ours and not seen.automatic and seen.refusal is None and seen.author is not None


def shown(client: Client | None, seen: Seen) -> Address | None:
    """The address under which the journal keeps a line about this mail."""
    if seen.author is not None and not seen.ours:
        return seen.author
    addresses = client.addresses if client else frozenset[Address]()
    return next((each for each in (*seen.to, *sorted(addresses)) if each in addresses), None)


def _opened(seen: Seen, steps: Sequence[Step]) -> str | None:
    opened = (step.case for step in steps if isinstance(step, OpenCase))
    return next((case.key for case in opened if case.mail == seen.identity), None)
