"""Signing in by OAuth 2.0 instead of a password: at which provider, as which client, and where that one is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from troth.config.shape import Shape
from troth.config.words import (
    ClientSecretWords,
    EndpointWord,
    PathWord,
    ScopeWord,
    Several,
    TenantWord,
    Text,
)

GOOGLE = "google"
MICROSOFT = "microsoft"
KNOWN = (GOOGLE, MICROSOFT)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a provider is asked, for which permissions.

    `asks` is what else its authorization request says. A provider without `device_authorization_endpoint` signs in by a
    link alone, whose answer is awaited at `redirect_host` of this machine.
    """

    token_endpoint: str
    device_authorization_endpoint: str | None = None
    authorization_endpoint: str | None = None
    scopes: tuple[str, ...] = ()
    asks: tuple[tuple[str, str], ...] = ()
    redirect_host: str = "127.0.0.1"


def _google() -> Endpoints:
    """No device grant: Google's takes neither this scope nor any other of Gmail's ("Allowed scopes" of its page)."""
    return Endpoints(
        token_endpoint="https://oauth2.googleapis.com/token",  # noqa: S106 - an address, not a password
        authorization_endpoint="https://accounts.google.com/o/oauth2/v2/auth",
        scopes=("https://mail.google.com/",),  # the one scope that Gmail's IMAP and SMTP take
        asks=(("access_type", "offline"), ("prompt", "consent")),  # else no refresh token comes, or only once
    )


def _microsoft(tenant: str) -> Endpoints:
    base = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
    return Endpoints(
        token_endpoint=f"{base}/token",
        device_authorization_endpoint=f"{base}/devicecode",
        authorization_endpoint=f"{base}/authorize",
        scopes=(
            "https://outlook.office.com/IMAP.AccessAsUser.All",
            "https://outlook.office.com/SMTP.Send",
            "offline_access",  # else no refresh token comes
        ),
        redirect_host="localhost",  # the one host for which an app registration lets the port differ
    )


def _known(provider: str, tenant: str) -> Endpoints:
    if provider == MICROSOFT:
        return _microsoft(tenant)
    return _google() if provider == GOOGLE else Endpoints("")


class Oauth(Shape):
    """Signing in at a provider, by `troth login INBOX`, instead of a password."""

    provider: Annotated[Text, Field(examples=["google", "microsoft"])]
    """google, microsoft, or a word of your own with its endpoints written out."""
    client_id: Text | None = None
    """The client that you have registered with the provider: docs/operating.md says how."""
    client_secret: ClientSecretWords | None = None
    """Where the client has one; Google's always has, Microsoft's must not."""
    tenant: TenantWord | None = None
    """Of microsoft: the directory (tenant) id on the registration's page."""
    device_authorization_endpoint: EndpointWord | None = None
    """Of a provider of your own, for signing in by a code (RFC 8628)."""
    authorization_endpoint: EndpointWord | None = None
    """Of a provider of your own, for signing in by a link (RFC 6749)."""
    token_endpoint: EndpointWord | None = None
    """Of a provider of your own."""
    scopes: Annotated[tuple[ScopeWord, ...], Several] = ()
    """Of a provider of your own: the permissions to ask for, such as [email, offline_access]."""
    ca_file: PathWord | None = None
    """The certificates of a private authority (PEM) that vouches for the provider's endpoints."""
    state: Annotated[PathWord, Field(default="state", validate_default=True)]
    """The folder where the sign-in is kept; that of the SQLite file, or state/ beside config.yaml with PostgreSQL."""

    @property
    def endpoints(self) -> Endpoints:
        """The provider's own, and what is written here in their place."""
        known = _known(self.provider, self.tenant or "")
        return Endpoints(
            token_endpoint=self.token_endpoint or known.token_endpoint,
            device_authorization_endpoint=self.device_authorization_endpoint or known.device_authorization_endpoint,
            authorization_endpoint=self.authorization_endpoint or known.authorization_endpoint,
            scopes=self.scopes or known.scopes,
            asks=known.asks,
            redirect_host=known.redirect_host,
        )
