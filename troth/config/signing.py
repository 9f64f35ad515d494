"""Whether each inbox has one way to log in, and whether its sign-in can work: pure questions to the located tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from troth.config.checks import each, text_of
from troth.config.located import read_yaml
from troth.config.oauth import GOOGLE, KNOWN, MICROSOFT
from troth.place import Mistake, Node, Place, nearest

_REGISTER = "register Troth with {} and write its client id here, as docs/operating.md shows"
_OWN = ("token_endpoint", "scopes")


def of_log_ins(root: Node) -> Iterator[Mistake]:
    """One way to log in for each server, and one sign-in for each inbox."""
    for inbox in each(root, "inboxes", "*"):
        servers = [(kind, node) for kind in ("imap", "smtp") for node in each(inbox, kind) if _is_mapping(node)]
        for kind, server in servers:
            yield from _one_way(kind, server)
        sign_ins = [node for _, server in servers for node in each(server, "oauth") if _is_mapping(node)]
        if sign_ins:
            yield from _complete(sign_ins[0])
        for other in sign_ins[1:]:
            yield from _same(other, sign_ins[0])


def sign_in_places(path: Path) -> dict[str, Place]:
    """Where in config.yaml the sign-in of each inbox stands, by the inbox's name."""
    root, _ = read_yaml(path)
    found: dict[str, Place] = {}
    for inbox in each(root, "inboxes", "*"):
        for kind in ("imap", "smtp"):
            for node in each(inbox, kind, "oauth"):
                found.setdefault(text_of(inbox.get("name")), node.place)
    return found


def _is_mapping(node: Node) -> bool:
    return isinstance(node.value, dict)


def _one_way(kind: str, server: Node) -> Iterator[Mistake]:
    given = [key for key in ("password", "oauth") if any(True for _ in each(server, key))]
    if len(given) > 1:
        yield Mistake(server.place_of("oauth"), f"{kind} has a `password` and `oauth`", "keep one of them")
    elif not given and kind == "imap":
        mend = "add `password: {env: HELLO_PASSWORD}`, or `oauth:` for Gmail and Microsoft 365"
        yield Mistake(server.place, "imap lacks `password`", mend)


def _complete(oauth: Node) -> Iterator[Mistake]:
    provider = text_of(oauth.get("provider"))
    if not provider:
        return
    if provider not in KNOWN:
        yield from _own(oauth, provider)
    elif not _says(oauth, "client_id"):
        yield Mistake(oauth.place, "oauth lacks `client_id`", _REGISTER.format(provider.capitalize()))
    if provider == GOOGLE and not _says(oauth, "client_secret"):
        mend = "add `client_secret: {file: path}`; it is shown beside the client id"
        yield Mistake(oauth.place, "google wants the secret of its client too", mend)
    if provider == MICROSOFT and not _says(oauth, "tenant"):
        mend = "add `tenant:`, the directory (tenant) id on the registration's page"
        yield Mistake(oauth.place, "oauth lacks `tenant`", mend)
    if provider != MICROSOFT and (tenant := oauth.get("tenant")) is not None:
        yield Mistake(tenant.place, f"{provider} has no tenants", "leave `tenant` out")


def _own(oauth: Node, provider: str) -> Iterator[Mistake]:
    """A provider that is not known here must be written out."""
    missing = [key for key in ("client_id", *_OWN) if not _says(oauth, key)]
    ways = ("device_authorization_endpoint", "authorization_endpoint")
    if not any(_says(oauth, way) for way in ways):
        missing.append("` or `".join(ways))
    if len(missing) >= len(_OWN) + 1:  # hardly anything: not a provider of one's own, but a slip
        meant = nearest(provider, list(KNOWN))
        mend = f"did you mean `{meant}`" if meant else f"write {' or '.join(KNOWN)}, or its endpoints beside it"
        yield Mistake(oauth.place_of("provider"), f"`{provider}` is no provider known here", mend)
    elif missing:
        mend = "add it, as the provider's documents give it"
        yield Mistake(oauth.place, f"oauth lacks `{'`, `'.join(missing)}`", mend)


def _says(node: Node, key: str) -> bool:
    return any(True for _ in each(node, key))


def _same(other: Node, first: Node) -> Iterator[Mistake]:
    """What is left out of the second is taken from the first."""
    for key, node in (other.value if isinstance(other.value, dict) else {}).items():
        known = first.get(key)
        if known is None or known.plain() != node.plain():
            mend = "write the same in both, or in smtp the provider alone"
            yield Mistake(other.place_of(key), f"imap and smtp share one sign-in, and differ in `{key}`", mend)
