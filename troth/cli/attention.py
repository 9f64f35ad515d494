"""What waits for a person: open cases, and letters that cannot go on by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from troth.cli.terminal import Terminal, visible
from troth.model import Case, CaseState, LetterState
from troth.store import Book, SqlStore

_NAMED = 20
_STUCK = {
    LetterState.HELD: "held: `letters release KEY` lets it leave, `letters drop KEY` gives it up",
    LetterState.FAILED: "failed: `letters resend KEY` tries again, `letters drop KEY` gives it up",
    LetterState.UNKNOWN: "of unknown fate: ask the client, or `letters resend KEY`",
}


def waiting(store: SqlStore, zone: ZoneInfo, terminal: Terminal) -> Iterator[str]:
    """One line for each open case, those that wait first, and for each kind of letter that needs a word."""
    cases = sorted(store.open_cases(), key=lambda case: (case.state is not CaseState.WAITING, case.received_at))
    with store.reading() as book:
        for case in cases[:_NAMED]:
            yield _of_case(case, book, zone, terminal)
    if len(cases) > _NAMED:
        yield f"  and {len(cases) - _NAMED} more open cases"
    for state, words in _STUCK.items():
        found = store.letters((state,))
        if found:
            many = f"{len(found)} letter{'' if len(found) == 1 else 's'}"
            yield f"  {terminal.style(many, 'yellow')} {words}"


def _of_case(case: Case, book: Book, zone: ZoneInfo, terminal: Terminal) -> str:
    seen, client = book.seen(case.mail), book.client(case.client)
    who = (seen and seen.author) or (min(client.addresses, default=None) if client else None) or "nobody"
    waits = case.state is CaseState.WAITING
    since = (case.received_at if waits else case.answered_at or case.received_at).astimezone(zone)
    state = terminal.style(case.state.value, "red" if waits else "green")
    signs = [*([] if case.sure else ["not sure"]), *(["severe"] if case.severity == "high" else []), *case.tags]
    said = f" ({', '.join(signs)})" if signs else ""
    words = visible(f"{who}: {seen.subject if seen else ''}", lines=False)
    return f"  {state} since {since:%Y-%m-%d %H:%M}  {words}{said}"
