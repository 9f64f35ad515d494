"""`login`: sign in at Gmail, Microsoft 365 or a provider of one's own, for an inbox with `oauth:`."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from troth import clock
from troth.app.connecting import Finding, servers
from troth.app.signing import client_of, kept_of
from troth.cli.ending import FINDING, UNREACHABLE, WELL, WRONG, Ending
from troth.cli.loading import loaded
from troth.cli.terminal import Terminal, program, visible
from troth.config import Config, Inbox
from troth.signin import Client, Fault, Grant, Kept, Once, SignInError

HELP = "sign in by OAuth2, for Gmail and Microsoft 365"
ABOUT = (
    "Shows where to sign in for an inbox with `oauth:`, waits until somebody has, proves it by logging in to the mail "
    "servers, and keeps it for the daemon, which takes it up within seconds. By a code where the provider has that way "
    "(Microsoft 365), else by a link (Gmail), which is to be opened in a browser on this machine, or elsewhere as the "
    "command explains."
)
_PUZZLED = "That is not the address at which this sign-in ends. Paste all of it; it has `code=` in it. Still waiting."
_ENDINGS = {Fault.UNREACHABLE: UNREACHABLE}


def add(part: ArgumentParser) -> None:
    part.add_argument("inbox", metavar="INBOX", help="its name in config.yaml")
    part.add_argument("--link", action="store_true", help="sign in by a link where a code would be the usual way")
    part.add_argument("--port", type=int, default=0, metavar="N", help="where the link comes back to; default: any")


def act(arguments: Namespace, terminal: Terminal) -> int:
    config, _ = loaded(arguments, letters=False)
    inbox = _inbox(config, arguments.inbox)
    client = client_of(inbox, os.environ)
    if client is None:
        words = (
            f"{inbox.name} logs in with a password; `oauth:` instead of `password:` in config.yaml is for signing in"
        )
        raise Ending(WRONG, words)
    if not 0 <= arguments.port < 65536:
        raise Ending(WRONG, f"{arguments.port} is no port")
    try:
        grant = _signed_in(client, terminal, link=arguments.link, port=arguments.port)
        return _proved(inbox, client, kept_of(config, inbox, client, os.environ), grant, terminal)
    except SignInError as why:
        raise Ending(_ENDINGS.get(why.fault, FINDING), why.words) from None


def _inbox(config: Config, name: str) -> Inbox:
    found = next((inbox for inbox in config.inboxes if inbox.name == name), None)
    if found is None:
        there = ", ".join(inbox.name for inbox in config.inboxes)
        raise Ending(FINDING, f"there is no inbox `{name}`; there are: {there}")
    return found


def _signed_in(client: Client, terminal: Terminal, *, link: bool, port: int) -> Grant:
    by_link = client.authorization_endpoint is not None and (link or client.device_authorization_endpoint is None)
    if link and not by_link:
        raise Ending(WRONG, f"no authorization_endpoint of {client.provider} is known; leave out --link")
    try:
        return _by_link(client, terminal, port) if by_link else _by_code(client, terminal)
    finally:
        terminal.clear()


def _by_code(client: Client, terminal: Terminal) -> Grant:
    from troth.signin.device import await_grant, code_for  # noqa: PLC0415 - the other way needs none of it

    code = code_for(client)
    user_code = terminal.style(visible(code.user_code, lines=False), "bold")
    terminal.print(f"Open {visible(code.where, lines=False)} in any browser,")
    terminal.print(f"enter the code {user_code} and sign in as {client.username}.")
    terminal.out.flush()
    return await_grant(client, code, clock.now, _waiting(terminal))


def _by_link(client: Client, terminal: Terminal, port: int) -> Grant:
    from troth.signin.loopback import Doorway  # noqa: PLC0415 - as above

    try:
        doorway = Doorway(client, port, _typed(), lambda: terminal.print(_PUZZLED))
    except OSError as why:
        raise Ending(WRONG, f"port {port} of this machine cannot be had: {why.strerror}") from None
    with doorway:
        terminal.print(f"Open this in a browser on this machine, and sign in as {client.username}:\n")
        terminal.print(doorway.link + "\n")
        terminal.print("Is the browser elsewhere? Run this there first, and leave it running:")
        terminal.print(f"  ssh -L {doorway.port}:127.0.0.1:{doorway.port} THIS-MACHINE")
        terminal.print("Or paste here the address at which the browser ends, and press Enter.")
        terminal.out.flush()
        return doorway.await_grant(clock.now, _waiting(terminal))


def _typed() -> int | None:
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # there is none
        return None


def _waiting(terminal: Terminal) -> Callable[[int], None]:
    def waiting(seconds: int) -> None:
        terminal.progress(f"waiting for the sign-in, {seconds // 60}:{seconds % 60:02} left")

    return waiting


def _proved(inbox: Inbox, client: Client, kept: Kept, grant: Grant, terminal: Terminal) -> int:
    """Log in with it everywhere, and keep it unless the mailbox itself refuses it."""
    terminal.print(f"signed in at {client.provider}; trying it:")
    found = list(_shown(inbox, Once(grant), terminal))
    if found[0].refused and inbox.imap.oauth is not None:
        words = f"the mailbox refuses this sign-in, so it is not kept; was it as {client.username}"
        raise Ending(FINDING, f"{words}, and may that mailbox be read by IMAP?")
    try:
        with kept.locked():
            kept.write(grant, clock.now())
    except SignInError as why:
        raise Ending(WRONG, why.words) from None
    except OSError as why:
        raise Ending(WRONG, f"{kept.path}: the sign-in cannot be kept there: {why.strerror}") from None
    terminal.print(f"kept in {kept.path}, for the daemon alone; a running one takes it up by itself")
    if grant.ends is not None:
        end = terminal.style(f"{grant.ends:%Y-%m-%d}", "yellow")
        terminal.print(f"{client.provider} says that this sign-in ends by itself on {end}: docs/operating.md says why")
    if all(finding.well for finding in found):
        return WELL
    refused = any(finding.refused for finding in found)
    words = "a server refuses it: see above" if refused else "not every server could be tried: see above"
    raise Ending(FINDING if refused else UNREACHABLE, f"{words}; `{program()} check --connect` tries again")


def _shown(inbox: Inbox, access: Once, terminal: Terminal) -> list[Finding]:
    found = []
    for finding in servers(inbox, access):
        found.append(finding)
        mark = terminal.style("ok", "green") if finding.well else terminal.style("no", "red")
        terminal.print(f"{mark}  {finding.where}: {visible(finding.words, lines=False)}")
    return found
