"""From what the owner wrote to what the house is set up with."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from troth import config as written
from troth import courier, mailbox, policy
from troth.app.signing import revealing, token_of
from troth.config import Config, Loaded, SecretError
from troth.desk import Card, Daily, Setting
from troth.gate import House, ReturnPath
from troth.model import Address
from troth.signin import Access, Once
from troth.store import LETTERS, SqlStore, StoreError, open_store


def setting_of(config: Config, found: Loaded) -> Setting:
    """The frozen picture that the ways through the house work with."""
    if found.rulebook is None or found.letters is None:
        raise ValueError("a configuration with mistakes sets nothing up")
    return Setting(
        name=config.business.name,
        languages=config.business.languages,
        business=business_of(config),
        rulebook=found.rulebook,
        letters=found.letters,
        cards=_cards(found),
        at_most=config.letters.at_most.count,
        servers={each.name: each.authserv_id for each in config.inboxes if each.authserv_id},
        digest=Daily(config.digest.to, config.digest.at) if config.digest else None,
        folders={each.name: needed(each) | watched(each) for each in config.inboxes},
    )


def needed(inbox: written.Inbox) -> frozenset[str]:
    """Under which folders of the store stands whether an inbox is well: what is kept of others is of the past."""
    return frozenset((*inbox.watch, LETTERS) if inbox.posts else inbox.watch)


def watched(inbox: written.Inbox) -> frozenset[str]:
    """The folders that are looked at, those that ask for something included, by what they are."""
    return frozenset((*inbox.watch, *inbox.folders.asking))


def business_of(config: Config) -> policy.Business:
    limits = config.letters.per_client
    return policy.Business(
        hours=config.hours,
        house=house_of(config),
        plans=config.plans,
        budgets=policy.Budgets(limits.acknowledgement, limits.follow_up, limits.any),
        oldest=config.letters.oldest,
        settle=config.settle,
        colleagues=tuple(_colleague(each) for each in config.colleagues),
        inboxes={each.name: _inbox(each) for each in config.inboxes},
    )


def house_of(config: Config) -> House:
    return House(
        own=frozenset(address for each in config.inboxes for address in each.addresses),
        domains=frozenset(config.business.domains),
        colleagues=frozenset(address for each in config.colleagues for address in each.addresses),
        not_clients=config.not_clients,
        forms=tuple(form.from_ for form in config.forms),
        return_path=ReturnPath(config.letters.return_path.value),
        authserv_id=_one_server(config),
    )


def _one_server(config: Config) -> str | None:
    """Whose word counts for a mail of which nobody knows the inbox: the server of all of them, if it is one."""
    named = {each.authserv_id for each in config.inboxes}
    return named.pop() if len(named) == 1 else None


def _inbox(each: written.Inbox) -> policy.Inbox:
    return policy.Inbox(each.name, each.address, each.mode, each.sends, each.sub_addresses)


def _colleague(each: written.Colleague) -> policy.Colleague:
    return policy.Colleague(each.name, each.address, frozenset(each.also), each.owner, each.away)


def _cards(found: Loaded) -> Mapping[Address, Card]:
    cards: dict[Address, Card] = {}
    for client in found.clients:
        card = Card(
            frozenset(client.addresses),
            client.name or "",
            client.company,
            client.greeting,
            client.language,
            client.quiet,
            client.stage,
            client.notes,
        )
        cards.update(dict.fromkeys(card.addresses, card))
    return cards


def store_of(config: Config, environ: Mapping[str, str], *, create: bool) -> SqlStore:
    """The store that config.yaml names. Raises StoreError."""
    try:
        return open_store(config.store.reveal(environ), create=create)
    except SecretError as error:
        raise StoreError(str(error)) from None


def imap_account(inbox: written.Inbox, access: Access | Once | None = None) -> mailbox.Account:
    """How to log in there; `access` is the inbox's sign-in, where it has one."""
    imap = inbox.imap
    return mailbox.Account(
        inbox=inbox.name,
        host=imap.host,
        port=imap.port,
        username=imap.username,
        password=_password(imap, access) or _no_password,
        tls=imap.tls.value,
        ca_file=str(imap.ca_file) if imap.ca_file else None,
        oauth=imap.oauth is not None,
        spent=access.spent if imap.oauth and access else None,
    )


def smtp_account(inbox: written.Inbox, smtp: written.Smtp, access: Access | Once | None = None) -> courier.Account:
    """As above, for what leaves."""
    return courier.Account(
        inbox=inbox.name,
        address=inbox.address,
        host=smtp.host,
        port=smtp.port,
        tls=smtp.tls.value,
        username=smtp.username,
        password=_password(smtp, access),
        ca_file=str(smtp.ca_file) if smtp.ca_file else None,
        oauth=smtp.oauth is not None,
        spent=access.spent if smtp.oauth and access else None,
    )


def _password(server: written.Imap | written.Smtp, access: Access | Once | None) -> Callable[[], str] | None:
    if server.oauth is not None and access is not None:
        return token_of(access)
    return revealing(server.password, os.environ) if server.password else None


def _no_password() -> str:
    raise OSError("there is neither a password nor a sign-in")
