"""OAuth 2.0: signing in at a provider, and access tokens from then on.

`Access` gives tokens to whoever logs in to a mail server. `device` and `loopback` are the two ways to sign in; they and
http.client are imported by who signs in, for a daemon that logs in with passwords needs none of it.
"""

from troth.signin.access import Access, Once
from troth.signin.keeping import Kept
from troth.signin.values import Client, Fault, Grant, SignInError

__all__ = ["Access", "Client", "Fault", "Grant", "Kept", "Once", "SignInError"]
