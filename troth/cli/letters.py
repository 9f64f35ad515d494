"""`letters`: what waits, is held, failed, or whose delivery is unknown; and a person's word on it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from troth import clock
from troth.cli.ending import FINDING, WRONG, Ending
from troth.cli.loading import existing_store
from troth.cli.terminal import Terminal, visible
from troth.desk import RELEASED, RESENT
from troth.model import Letter, LetterKind, LetterState
from troth.store import SqlStore

HELP = "list letters that wait, are held, failed or of unknown fate; release, resend or drop one"
ABOUT = (
    "Without more: the letters that have not gone their way by themselves. `release KEY` lets a held letter leave, "
    "`resend KEY` sends a failed or unknown one again, `drop KEY` gives one up."
)

_SHOWN = (
    LetterState.QUEUED,
    LetterState.HELD,
    LetterState.DRAFTED,
    LetterState.SENDING,
    LetterState.DEFERRED,
    LetterState.FAILED,
    LetterState.UNKNOWN,
)
_WORDS = {
    "release": ((LetterState.HELD,), LetterState.QUEUED, RELEASED),
    "resend": ((LetterState.FAILED, LetterState.UNKNOWN), LetterState.QUEUED, RESENT),
    "drop": (
        (
            LetterState.HELD,
            LetterState.QUEUED,
            LetterState.DRAFTED,
            LetterState.DEFERRED,
            LetterState.FAILED,
            LetterState.UNKNOWN,
        ),
        LetterState.DROPPED,
        "dropped by a person",
    ),
}
_KEYED = {True: "takes a KEY: `letters list` shows them", False: "takes no KEY"}


def add(part: ArgumentParser) -> None:
    part.add_argument("word", nargs="?", choices=["list", *_WORDS], default="list")
    part.add_argument("key", nargs="?", metavar="KEY", help="a letter's key, as `list` shows it")
    part.add_argument("--all", action="store_true", help="list also letters that were sent, withdrawn or dropped")
    part.add_argument("--json", action="store_true", help="one JSON object a line")


def act(arguments: Namespace, terminal: Terminal) -> int:
    if (arguments.word == "list") is not (arguments.key is None):
        raise Ending(WRONG, f"letters {arguments.word} {_KEYED[arguments.key is None]}")
    _, store = existing_store(arguments)
    try:
        return _list(arguments, store, terminal) if arguments.key is None else _say(arguments, store, terminal)
    finally:
        store.close()


def _list(arguments: Namespace, store: SqlStore, terminal: Terminal) -> int:
    found = store.letters(() if arguments.all else _SHOWN)
    for letter in found:
        if arguments.json:
            terminal.json(_facts(letter))
        else:
            terminal.print(_told(letter, terminal))
    if not found and not arguments.json:
        terminal.print("no letter waits")
    return 0


def _say(arguments: Namespace, store: SqlStore, terminal: Terminal) -> int:
    letter = store.letter(arguments.key)
    if letter is None:
        raise Ending(FINDING, f"there is no letter {visible(arguments.key)}; `letters list` shows the keys")
    expected, state, because = _WORDS[arguments.word]
    if not store.change_letter(arguments.key, expected, state, because, clock.now()):
        lies = "; it lies in Drafts, where a person sends it" if letter.state is LetterState.DRAFTED else ""
        raise Ending(FINDING, f"{visible(arguments.key)} is {letter.state}: {arguments.word} does not apply{lies}")
    terminal.print(f"{arguments.key}: {because}")
    if letter.state is LetterState.DRAFTED:
        terminal.print("    the daemon takes it out of Drafts, unless somebody has edited it there")
    return 0


def _facts(letter: Letter) -> dict[str, str | int | None]:
    return {
        "key": letter.key,
        "state": letter.state.value,
        "to": letter.to,
        "letter": letter.purpose,
        "subject": letter.subject,
        "client": None if letter.kind is LetterKind.TELLING else letter.to,
        "case": letter.case,
        "attempts": letter.attempts,
        "next_try": letter.next_try.isoformat() if letter.next_try else None,
        "because": letter.because,
    }


def _told(letter: Letter, terminal: Terminal) -> str:
    colour = {"failed": "red", "unknown": "red", "held": "yellow", "sent": "green"}.get(letter.state.value, "cyan")
    state = terminal.style(letter.state.value, colour)
    first = f"{state}  {visible(letter.purpose)} to {visible(letter.to)}: {visible(letter.subject)}"
    return f"{first}\n    {letter.key}\n    {visible(letter.because)}"
