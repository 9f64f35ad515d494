"""What only several parts of config.yaml together can show: pure questions to its located tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from troth.config.words import is_loopback
from troth.model import address
from troth.place import Gravity, Mistake, Node, Place


def each(node: Node | None, *keys: str) -> Iterator[Node]:
    """The nodes that keys lead to; `*` is every entry of a list. A single entry counts as a list of one."""
    if node is None or node.value is None:
        return
    if not keys:
        yield node
    elif keys[0] == "*":
        for item in node.value if isinstance(node.value, tuple) else (node,):
            yield from each(item, *keys[1:])
    else:
        yield from each(node.get(keys[0]), *keys[1:])


def text_of(node: Node | None) -> str:
    """A scalar text, empty for anything else: what is wrong with it is said elsewhere."""
    return str(node.value).strip() if node is not None and isinstance(node.value, str) else ""


def warning(place: Place, message: str, mend: str) -> Mistake:
    return Mistake(place, message, mend, Gravity.WARNING)


def of_tree(root: Node) -> Iterator[Mistake]:
    """Everything of this kind that can be seen without the values being right."""
    for check in _CHECKS:
        yield from check(root)


def _days(root: Node) -> Iterator[Mistake]:
    """Days with nothing behind them: in braces `{mon, wed: …}` reads so, and would be closed on Monday."""
    for hours in each(root, "business", "hours"):
        for day, spans in hours.value.items() if isinstance(hours.value, dict) else ():
            if spans.value is None:
                mend = f'write `{day}: "09:00-17:00"`, or leave out days on which you are closed'
                yield Mistake(hours.place_of(day), f"`{day}` has no hours", mend)


def _owner(root: Node) -> Iterator[Mistake]:
    people = [node for node in each(root, "colleagues", "*") if isinstance(node.value, dict)]
    owners = [node for node in people if (said := node.get("owner")) and said.value is True]
    unclear = any((said := node.get("owner")) and not isinstance(said.value, bool) for node in people)
    if people and not owners and not unclear:
        yield Mistake(root.place_of("colleagues"), "nobody is the owner", "write `owner: true` with one colleague")
    for node in owners[1:]:
        first, this = text_of(owners[0].get("name")), text_of(node.get("name"))
        mend = "keep it with one; `tell: everyone` reaches all"
        yield Mistake(node.place_of("owner"), f"{first} and {this} are both the owner", mend)


def _names(root: Node) -> Iterator[Mistake]:
    for part in ("colleagues", "inboxes"):
        yield from given_twice(
            list(each(root, part, "*", "name")), f"two {part} are called {{}}", "call one of them otherwise"
        )


def _addresses(root: Node) -> Iterator[Mistake]:
    for part, more, mend in (
        ("colleagues", "also", "name each address with one colleague"),
        ("inboxes", "aliases", "name each address with one inbox"),
    ):
        found = [*each(root, part, "*", "address"), *each(root, part, "*", more, "*")]
        yield from given_twice(sorted(found, key=lambda node: node.place), "{} is given twice", mend)


def given_twice(nodes: list[Node], what: str, mend: str) -> Iterator[Mistake]:
    """A mistake for every text, an address for instance, that another node before it says too."""
    first: dict[str, Place] = {}
    for node in nodes:
        said = text_of(node)
        known = address(said) or said.lower()
        if known and first.setdefault(known, node.place) != node.place:
            message = what.format(f"`{said}`")
            yield Mistake(node.place, f"{message} (first in line {first[known].line})", mend)


def _mailboxes(root: Node) -> Iterator[Mistake]:
    first: dict[tuple[str, str, str, str], Place] = {}
    for inbox in each(root, "inboxes", "*"):
        imap, folder = inbox.get("imap"), text_of(next(each(inbox, "folders", "inbox"), None))
        if imap is not None and (user := text_of(imap.get("username"))):
            port = imap.get("port")
            key = (text_of(imap.get("host")).lower(), str(port.value) if port else "", user, folder or "INBOX")
            if first.setdefault(key, imap.place) != imap.place:
                message = f"this mailbox is watched twice (first in line {first[key].line})"
                yield Mistake(imap.place, message, "keep one inbox for it, with the other address among its aliases")


def _folders(root: Node) -> Iterator[Mistake]:
    for folders in each(root, "inboxes", "*", "folders"):
        if isinstance(folders.value, dict):
            named = [node for node in folders.value.values() if text_of(node).lower() not in ("", "auto")]
            usual = [] if folders.get("inbox") else [Node("INBOX", folders.place)]
            mend = "give each purpose a folder of its own"
            yield from given_twice([*usual, *named], "the folder {} serves two purposes", mend)


def _servers(root: Node) -> Iterator[Mistake]:
    for kind in ("imap", "smtp"):
        for server in each(root, "inboxes", "*", kind):
            yield from _bare(server)
            yield from _usual_port(server)


def _bare(server: Node) -> Iterator[Mistake]:
    tls, host = server.get("tls"), text_of(server.get("host"))
    if tls is not None and text_of(tls) == "none" and host and not is_loopback(host):
        mend = "write implicit or starttls; none is for this machine itself (127.0.0.1)"
        yield Mistake(tls.place, f"without TLS the password would travel to {host} in clear", mend)


_STARTTLS_PORTS, _TLS_PORTS = (25, 143, 587), (465, 993)


def _usual_port(server: Node) -> Iterator[Mistake]:
    port, tls = server.get("port"), text_of(server.get("tls")) or "implicit"
    if port is None:
        return
    if tls == "implicit" and port.value in _STARTTLS_PORTS:
        yield warning(
            port.place, f"servers rarely begin with TLS on port {port.value}", "write `tls: starttls` with it"
        )
    if tls == "starttls" and port.value in _TLS_PORTS:
        yield warning(port.place, f"servers begin with TLS on port {port.value}", "write `tls: implicit` with it")


def _smtp(root: Node) -> Iterator[Mistake]:
    for inbox in each(root, "inboxes", "*"):
        smtp = inbox.get("smtp")
        if isinstance(inbox.value, dict) and smtp is None and _watches(inbox, "inbox"):
            mend = "add `smtp:`, or `watch: [sent]` for a colleague's own mailbox"
            yield Mistake(inbox.place, "this inbox has no `smtp`, so that no letter can leave", mend)
        elif smtp is not None and isinstance(smtp.value, dict):
            yield from _half_a_login(smtp)


def _half_a_login(smtp: Node) -> Iterator[Mistake]:
    given = [key for key in ("username", "password", "oauth") if next(each(smtp, key), None) is not None]
    if given and (given[0] != "username" or len(given) == 1):
        lacking = "password" if given[0] == "username" else "username"
        mend = f"add `{lacking}`, or leave out both where the server asks for none"
        one = "" if given[0] == "oauth" else "a "
        yield Mistake(smtp.place, f"smtp has {one}`{given[0]}` but no `{lacking}`", mend)


def _watches(inbox: Node, word: str) -> bool:
    """Whether that folder is watched, or something that was meant to be it: a wrong word is said elsewhere."""
    watch = inbox.get("watch")
    other = "sent" if word == "inbox" else "inbox"
    return watch is None or watch.value == () or any(text_of(node) != other for node in each(watch, "*"))


def _watching(root: Node) -> Iterator[Mistake]:
    inboxes = [inbox for inbox in each(root, "inboxes", "*") if isinstance(inbox.value, dict)]
    for inbox in inboxes:
        mode = inbox.get("mode")
        if mode is not None and text_of(mode) in ("draft", "send") and not _watches(inbox, "inbox"):
            yield warning(mode.place, "no letter ever leaves from an inbox with `watch: [sent]`", "leave out `mode`")
    if inboxes and not any(_watches(inbox, "inbox") for inbox in inboxes):
        yield warning(root.place_of("inboxes"), "no inbox is watched for clients' mail", "watch one: `[inbox, sent]`")
    if inboxes and not any(_watches(inbox, "sent") for inbox in inboxes):
        message = "no Sent folder is watched: what colleagues answer is never seen"
        yield warning(root.place_of("inboxes"), message, "write `watch: [inbox, sent]` where they answer from")


def _forms(root: Node) -> Iterator[Mistake]:
    yield from given_twice(list(each(root, "forms", "*", "from")), "two forms write from {}", "keep one of them")


_CHECKS: tuple[Callable[[Node], Iterator[Mistake]], ...] = (
    _days,
    _owner,
    _names,
    _addresses,
    _mailboxes,
    _folders,
    _servers,
    _smtp,
    _watching,
    _forms,
)
