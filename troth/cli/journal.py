"""`journal [ADDRESS or MESSAGE-ID]`: what was seen and decided, and why."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from troth.cli.ending import WRONG, Ending
from troth.cli.loading import existing_store
from troth.cli.terminal import Terminal, visible
from troth.model import address
from troth.store import JournalLine

HELP = "show what was seen and decided, and why"
ABOUT = "Shows the journal, oldest first: all of it, or what concerns one client's address or one Message-ID."


def add(part: ArgumentParser) -> None:
    part.add_argument("about", nargs="?", metavar="ADDRESS|MESSAGE-ID", help="a client's address, or <…> of a mail")
    part.add_argument("--json", action="store_true", help="one JSON object a line")
    part.add_argument(
        "--limit", type=_positive, default=1000, metavar="N", help="at most the latest N lines (default 1000)"
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_positive.__name__ = "positive number"  # argparse names it in what it says


def act(arguments: Namespace, terminal: Terminal) -> int:
    about = arguments.about
    message_id = about if about and about.startswith("<") else None
    client = address(about) if about and not message_id else None
    if about and not message_id and client is None:
        raise Ending(WRONG, f"{visible(about)} is neither an address nor a Message-ID in <…>")
    _, store = existing_store(arguments)
    try:
        lines = store.journal(client=client, message_id=message_id, limit=arguments.limit)
    finally:
        store.close()
    if not lines and not arguments.json:
        terminal.print(
            f"nothing stands there of {visible(about, lines=False)}" if about else "nothing stands there yet"
        )
    for line in lines:
        if arguments.json:
            terminal.json(_facts(line))
        else:
            terminal.print(_told(line, terminal))
    return 0


def _facts(line: JournalLine) -> dict[str, str | None]:
    return {
        "at": line.at.isoformat(),
        "inbox": line.inbox,
        "message_id": line.message_id,
        "client": line.client,
        "what": line.what,
        "because": line.because,
    }


def _told(line: JournalLine, terminal: Terminal) -> str:
    at = terminal.style(line.at.strftime("%Y-%m-%d %H:%M:%SZ"), "dim")
    who = visible(line.client or line.message_id or "-", lines=False)
    return (
        f"{at}  {terminal.style(visible(line.what, lines=False), 'bold')}  {who}  {visible(line.because, lines=False)}"
    )
