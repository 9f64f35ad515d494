"""From what the owner wrote under `oauth:` to what gives the mail servers their access tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from troth import clock, signin
from troth.config import Config, Inbox, Secret, SecretError, sign_in_places, sqlite_path
from troth.desk import Ending
from troth.place import Gravity, Mistake, Place


class SignIns:
    """The sign-ins of all inboxes that have one; the same for every thread that logs in to an inbox."""

    def __init__(self, config: Config, environ: Mapping[str, str]) -> None:
        self._accesses = {
            inbox.name: signin.Access(client, kept_of(config, inbox, client, environ), clock.now)
            for inbox in config.inboxes
            if (client := client_of(inbox, environ)) is not None
        }

    def of(self, inbox: Inbox) -> signin.Access | None:
        return self._accesses.get(inbox.name)

    def endings(self, before: datetime) -> Iterator[Ending]:
        """The sign-ins that end by themselves before that moment."""
        for name, access in self._accesses.items():
            at = access.ends()
            if at is not None and at <= before:
                yield Ending(f"the sign-in of {name} (run `troth login {name}` before)", at)

    def anew(self) -> bool:
        """Whether somebody has signed in since this was made."""
        return any(access.signed_in_anew() for access in self._accesses.values())


def client_of(inbox: Inbox, environ: Mapping[str, str]) -> signin.Client | None:
    """Whom the provider takes us for; None for an inbox that logs in with passwords."""
    oauth = inbox.oauth
    if oauth is None:
        return None
    asked = oauth.endpoints
    return signin.Client(
        inbox=inbox.name,
        provider=oauth.provider,
        client_id=oauth.client_id or "",
        username=_username(inbox),
        scopes=asked.scopes,
        token_endpoint=asked.token_endpoint,
        device_authorization_endpoint=asked.device_authorization_endpoint,
        authorization_endpoint=asked.authorization_endpoint,
        secret=revealing(oauth.client_secret, environ) if oauth.client_secret else None,
        asks=asked.asks,
        redirect_host=asked.redirect_host,
        ca_file=str(oauth.ca_file) if oauth.ca_file else None,
    )


def _username(inbox: Inbox) -> str:
    by_smtp_alone = inbox.imap.oauth is None and inbox.smtp is not None
    return (inbox.smtp.username or "" if inbox.smtp else "") if by_smtp_alone else inbox.imap.username


def kept_of(config: Config, inbox: Inbox, client: signin.Client, environ: Mapping[str, str]) -> signin.Kept:
    """Where the sign-in of an inbox is kept."""
    return signin.Kept(_folder(config, inbox, environ), client)


def _folder(config: Config, inbox: Inbox, environ: Mapping[str, str]) -> Path:
    """The folder that is named, or that of the SQLite file; with PostgreSQL state/ beside config.yaml."""
    oauth = inbox.oauth
    if oauth is None:
        raise ValueError(f"{inbox.name} has no oauth")
    try:
        store = sqlite_path(config.store.reveal(environ))
    except SecretError:
        store = None
    return oauth.state if store is None or "state" in oauth.model_fields_set else store.parent


def not_signed_in(config: Config, environ: Mapping[str, str], file: str) -> Iterator[Mistake]:
    """A warning for each inbox that nobody has signed in for yet, or not with these settings."""
    with_oauth = [inbox for inbox in config.inboxes if inbox.oauth]
    places = sign_in_places(Path(file)) if with_oauth else {}
    for inbox in with_oauth:
        client = client_of(inbox, environ)
        if client is None:
            continue
        try:
            kept_of(config, inbox, client, environ).read()
        except signin.SignInError as why:
            words, _, mend = why.words.partition("; ")
            yield Mistake(places.get(inbox.name, Place(file)), f"{inbox.name}: {words}", mend, Gravity.WARNING)


def revealing(secret: Secret, environ: Mapping[str, str]) -> Callable[[], str]:
    """Gives the secret itself; raises OSError where it cannot be had, as the edges expect."""

    def reveal() -> str:
        try:
            return secret.reveal(environ)
        except SecretError as error:
            raise OSError(str(error)) from None

    return reveal


_RAISED: Mapping[signin.Fault, type[OSError]] = {
    signin.Fault.UNREACHABLE: ConnectionError,
    signin.Fault.ENDED: PermissionError,
}


def token_of(access: signin.Access | signin.Once) -> Callable[[], str]:
    """Gives an access token; raises what the edges expect where there is none."""

    def token() -> str:
        try:
            return access.token()
        except signin.SignInError as why:
            raise _RAISED.get(why.fault, OSError)(why.words) from None

    return token
