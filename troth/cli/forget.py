"""`forget ADDRESS`: erase a client everywhere."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser, Namespace
from contextlib import closing

from troth.cli.ending import FINDING, WRONG, Ending
from troth.cli.loading import existing_store
from troth.cli.terminal import Terminal, visible
from troth.model import address
from troth.store import SqlStore
from troth.store.erasing import SILENCE_KEY, Erased

HELP = "erase a client everywhere in the store, and print what was erased"
ABOUT = (
    "Erases everything the store holds of a client, under all of his addresses, and prints what was erased. Where he "
    "asked for silence a keyed hash of each address remains, so that it is kept. Mails of others that name his address "
    "lose their words; those that give only his name keep them until `keep: text`. Mail folders on the server, "
    "clients.yaml and backups are not touched: what stands there of him is yours to remove."
)


def add(part: ArgumentParser) -> None:
    part.add_argument("address", metavar="ADDRESS", help="any of the client's addresses")


def act(arguments: Namespace, terminal: Terminal) -> int:
    who = address(arguments.address)
    if who is None:
        raise Ending(WRONG, f"{visible(arguments.address, lines=False)} is no address")
    _, store = existing_store(arguments)
    with closing(store):
        erased = store.forget(frozenset({who}), _key(store))
    if not (erased.clients or erased.mails or erased.letters or erased.journal or erased.follow_ups or erased.named):
        raise Ending(FINDING, f"nothing is known of {who}")
    for line in _told(erased):
        terminal.print(line)
    return 0


def _key(store: SqlStore) -> bytes:
    """The key of the hashes, made when it is first needed; it never leaves the store."""
    with store.writing() as book:
        found = book.recall(SILENCE_KEY)
        if found is None:
            found = secrets.token_hex(32)
            book.remember(SILENCE_KEY, found)
    return bytes.fromhex(found)


def _told(erased: Erased) -> list[str]:
    lines = [f"erased {', '.join(erased.addresses)}:"]
    counts = {
        "mail": erased.mails,
        "letter or telling": erased.letters,
        "case": erased.cases,
        "promise": erased.promises,
        "follow-up": erased.follow_ups,
        "line of the journal": erased.journal,
    }
    plural = {"letter or telling": "letters and tellings", "line of the journal": "lines of the journal"}
    lines += [f"  {n} {word if n == 1 else plural.get(word, word + 's')}" for word, n in counts.items() if n]
    if erased.named:
        mails = (
            "1 mail of somebody else's that names him has"
            if erased.named == 1
            else (f"{erased.named} mails of others that name him have")
        )
        lines.append(f"{mails} lost the words")
    if erased.silence:
        lines.append("a keyed hash of each address remains, for silence was asked for")
    lines.append("mail folders on the server, clients.yaml and backups of the store were not touched")
    return lines
