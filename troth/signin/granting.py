"""What the token endpoint is asked, and what its answers mean (RFC 6749, 5 and 6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from troth.signin.asking import Answer, ask
from troth.signin.values import Client, Fault, Grant, SignInError

_USUAL_LIFE = 600
"""Seconds; where the provider does not say how long a token lives."""

_LONGEST_LIFE = 7 * 86400
_LONGEST_SIGN_IN = 10 * 365 * 86400
_MARGIN = 120
"""Seconds before its end from which an access token is not used any more, or a fifth of a short life."""

_ENDED = ("invalid_grant", "interaction_required", "consent_required", "login_required")
_LATER = ("temporarily_unavailable", "server_error", "slow_down")


def granted(client: Client, form: Mapping[str, str], now: datetime, before: Grant | None = None) -> Grant:
    """What the token endpoint gives for this grant of the person's, or for a refresh token. Raises SignInError."""
    answer = ask(client, client.token_endpoint, identified(client, form))
    if answer.error is not None:
        raise refusal(client, answer)
    return grant_of(client, answer, now, before)


def refreshed(client: Client, before: Grant, now: datetime) -> Grant:
    """A new access token, and the refresh token to use from now on: some providers give a new one each time.

    Raises SignInError; ENDED where the provider does not take the refresh token any more.
    """
    return granted(client, {"grant_type": "refresh_token", "refresh_token": before.refresh}, now, before)


def identified(client: Client, form: Mapping[str, str]) -> dict[str, str]:
    """The form with who asks (RFC 6749, 2.3.1: in the body, as both large providers want it)."""
    return {"client_id": client.client_id, **secret_of(client), **form}


def secret_of(client: Client) -> dict[str, str]:
    try:
        return {"client_secret": client.secret()} if client.secret is not None else {}
    except OSError as why:
        raise SignInError(Fault.REFUSED, f"the client secret cannot be had: {why}") from None


def refusal(client: Client, answer: Answer) -> SignInError:
    """What an error of the token endpoint means for a sign-in that was given once."""
    said = ": ".join(part for part in (answer.error, answer.words) if part)
    if answer.error in _ENDED:
        return SignInError(Fault.ENDED, f"the sign-in at {client.provider} has ended ({said}); {client.mend}")
    if answer.error in _LATER:
        return SignInError(Fault.UNREACHABLE, f"{client.provider} is not ready ({said})")
    return SignInError(
        Fault.REFUSED, f"{client.provider} refuses this client ({said}); look at `oauth:` in config.yaml"
    )


def grant_of(client: Client, answer: Answer, now: datetime, before: Grant | None = None) -> Grant:
    """The tokens of an answer that is no error. Raises SignInError where they cannot be used."""
    access = answer.text("access_token")
    refresh = answer.text("refresh_token") or (before.refresh if before else "")
    kind = answer.members.get("token_type", "bearer")
    if not access or not isinstance(kind, str) or kind.lower() != "bearer":
        raise SignInError(Fault.UNREACHABLE, f"{client.provider} gave no access token that can be used")
    if not refresh:
        words = f"{client.provider} gave nothing to stay signed in with; look at the scopes (offline_access)"
        raise SignInError(Fault.REFUSED, words)
    life = answer.seconds("expires_in", _USUAL_LIFE, _LONGEST_LIFE)
    return Grant(access, refresh, now + timedelta(seconds=life - min(_MARGIN, life / 5)), _end(answer, now, before))


def _end(answer: Answer, now: datetime, before: Grant | None) -> datetime | None:
    """When the sign-in itself ends: Google says so of apps in "Testing". A renewal may say nothing of it."""
    seconds = answer.seconds("refresh_token_expires_in", 0, _LONGEST_SIGN_IN)
    if seconds:
        return now + timedelta(seconds=seconds)
    return before.ends if before is not None else None
