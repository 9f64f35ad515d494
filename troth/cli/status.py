"""`status`: how things stand."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import closing

from troth import clock
from troth.app.wiring import needed
from troth.cli.attention import waiting
from troth.cli.loading import existing_store
from troth.cli.terminal import Terminal, visible
from troth.config import Config, Inbox
from troth.model import CaseState, LetterState, PromiseState
from troth.store import LETTERS, Accounting, InboxState, SqlStore

HELP = "show inboxes, open cases, follow-ups, letters and the accounting"
ABOUT = "Shows how things stand. For every inbox: seen = acknowledged + pending + no letter + set aside."


def add(part: ArgumentParser) -> None:
    part.add_argument("--json", action="store_true", help="one JSON object")


def act(arguments: Namespace, terminal: Terminal) -> int:
    config, store = existing_store(arguments)
    with closing(store):
        facts = standing(config, store)
        needing = () if arguments.json else (*_folders(config, store), *waiting(store, config.hours.zone, terminal))
    if arguments.json:
        terminal.json(facts)
        return 0
    terminal.print(told(facts, terminal))
    if needing:
        terminal.print("\n".join([terminal.style("for a person", "bold"), *needing]))
    return 0


def standing(config: Config, store: SqlStore) -> dict[str, object]:
    """What `status --json` prints, as CONTRACT words it."""
    counts = store.counts(clock.now())
    accounts, states = store.accounting(), store.states()
    return {
        "inboxes": [_inbox(each, accounts.get(each.name, Accounting()), states) for each in config.inboxes],
        "cases": {state.value: counts.cases.get(state.value, 0) for state in CaseState},
        "promises": {
            state.value: counts.promises.get(state.value, 0)
            for state in (PromiseState.OPEN, PromiseState.LATE, PromiseState.KEPT)
        },
        "letters": {state.value: counts.letters.get(state.value, 0) for state in LetterState},
        "follow_ups": {"due": counts.due, "scheduled": counts.scheduled},
    }


def _folders(config: Config, store: SqlStore) -> Iterator[str]:
    """Folders to move mail into that cannot be looked at: the inbox is well without them."""
    for state in store.states():
        inbox = next((each for each in config.inboxes if each.name == state.inbox), None)
        if inbox and state.error and state.folder in inbox.folders.asking:
            yield f"  {state.inbox}, folder for {state.folder}: {visible(state.error, lines=False)}"


def _looked(at: object) -> str:
    """A moment of `status --json` as people read it: to the second, in UTC as in the log."""
    return f"{at[:10]} {at[11:19]}Z" if isinstance(at, str) else "never"


def _inbox(inbox: Inbox, account: Accounting, states: Sequence[InboxState]) -> dict[str, object]:
    own = [state for state in states if state.inbox == inbox.name and state.folder in needed(inbox)]
    worst = next((state for word in ("stopped", "retrying") for state in own if state.state == word), None)
    synced = [state.last_sync for state in own if state.folder != LETTERS and state.last_sync is not None]
    return {
        "name": inbox.name,
        "state": worst.state if worst else "watching" if own else "stopped",
        "last_sync": min(synced).isoformat() if synced else None,
        "error": worst.error if worst else None,
        "seen": account.seen,
        "acknowledged": account.acknowledged,
        "pending": account.pending,
        "no_letter": dict(account.no_letter or {}),
        "set_aside": account.set_aside,
    }


def told(facts: dict[str, object], terminal: Terminal) -> str:
    """What `status` prints for people, made of what `standing` gives."""
    lines = []
    inboxes = facts["inboxes"]
    for inbox in inboxes if isinstance(inboxes, list) else []:
        well = inbox["state"] == "watching"
        state = terminal.style(inbox["state"], "green" if well else "red")
        lines.append(
            f"{terminal.style(inbox['name'], 'bold')}: {state}" + (f" ({inbox['error']})" if inbox["error"] else "")
        )
        lines.append(f"  last looked at {_looked(inbox['last_sync'])}")
        lines.append(
            f"  seen {inbox['seen']} = acknowledged {inbox['acknowledged']} + pending {inbox['pending']}"
            f" + no letter {sum(inbox['no_letter'].values())} + set aside {inbox['set_aside']}"
        )
        lines += [
            f"    no letter: {reason} {n}" for reason, n in sorted(inbox["no_letter"].items(), key=lambda r: -r[1])
        ]
    for name in ("cases", "promises", "letters", "follow_ups"):
        counts = facts[name]
        if isinstance(counts, dict):
            said = ", ".join(f"{word} {n}" for word, n in counts.items() if n) or "none"
            lines.append(f"{terminal.style(name.replace('_', '-'), 'bold')}: {said}")
    return "\n".join(lines)
