"""The configuration of one business, in the words of config.yaml."""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from troth.config.oauth import Oauth
from troth.config.secret import Secret
from troth.config.shape import Shape
from troth.config.store import StoreWords
from troth.config.usual import usual_plans
from troth.config.words import (
    AddressWord,
    AwayWord,
    DomainWord,
    DurationWord,
    HolidaysWords,
    LanguageWord,
    ListenWord,
    PathWord,
    PlainDurationWord,
    PlansRead,
    PollWord,
    Port,
    RateWord,
    SecretWords,
    Several,
    Text,
    TimeWord,
    ToldWord,
    WeekWords,
    WhoWord,
    ZoneWord,
)
from troth.hours import Duration, Holidays, Hours, Rate, Unit, week
from troth.model import Address, Mode
from troth.plan import Role


class Tls(StrEnum):
    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"


class Watch(StrEnum):
    INBOX = "inbox"
    SENT = "sent"


class ReturnPath(StrEnum):
    """What the envelope sender must be for a letter to leave: there and fitting, fitting if there, or anything."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    IGNORE = "ignore"


class Business(Shape):
    name: Annotated[Text, Field(examples=["Harbour Print"])]
    """As letters sign it."""
    timezone: Annotated[ZoneWord, Field(examples=["Europe/London"])]
    hours: WeekWords = week({"mon-fri": "09:00-17:00"})
    """Opening hours by day, a day left out is closed: {mon-thu: "09:00-12:30 13:30-17:30", fri: "09:00-15:00"}"""
    holidays: HolidaysWords = Holidays()
    """Whole days off: public ones by country and subdivision (ISO codes), and dates of your own."""
    languages: Annotated[tuple[LanguageWord, ...], Field(min_length=1), Several] = ("en",)
    """The languages that clients write in, the business's own first."""
    domains: Annotated[tuple[DomainWord, ...], Several] = ()
    """Every address there is yours. Never a public mail provider's domain."""


class Colleague(Shape):
    name: Annotated[Text, Field(examples=["Ada Byron"])]
    address: Annotated[AddressWord, Field(examples=["ada@harbour.example"])]
    also: Annotated[tuple[AddressWord, ...], Several] = ()
    """Other addresses of the same person; mail from them is the colleague's."""
    owner: Annotated[bool, Field(strict=True)] = False
    """Told where nobody else is, and when others are away. One colleague is the owner."""
    away: Annotated[tuple[AwayWord, ...], Several] = ()
    """First and last days of absence: 2026-12-01..2026-12-12. The owner is told instead."""

    @property
    def addresses(self) -> frozenset[Address]:
        return frozenset((self.address, *self.also))


class Server(Shape):
    host: Annotated[Text, Field(examples=["imap.harbour.example"])]
    tls: Tls = Tls.IMPLICIT
    """implicit (TLS from the first byte), starttls, or none (loopback only)."""
    ca_file: PathWord | None = None
    """The certificates of a private authority (PEM)."""
    password: Annotated[SecretWords | None, Field(examples=["{env: HELLO_PASSWORD}"])] = None
    oauth: Annotated[Oauth | None, Field(examples=["{provider: microsoft, tenant: …, client_id: …}"])] = None
    """Instead of a password. Of smtp it may be left at the provider: imap and smtp share one sign-in."""


class Imap(Server):
    username: Annotated[Text, Field(examples=["hello"])]
    port_: Annotated[Port | None, Field(alias="port")] = None
    """993, or 143 where TLS is not implicit."""

    @property
    def port(self) -> int:
        return self.port_ or (993 if self.tls is Tls.IMPLICIT else 143)


class Smtp(Server):
    username: Text | None = None
    """Left out together with the password where the server asks for none."""
    port_: Annotated[Port | None, Field(alias="port")] = None
    """465, or 587 where TLS is not implicit."""

    @property
    def port(self) -> int:
        return self.port_ or (465 if self.tls is Tls.IMPLICIT else 587)


class Folders(Shape):
    """Folders by name; auto finds them by their special use, or by the names that providers give them.

    The others are for people: moving a mail there says what a reply would say. Troth never makes a folder.
    """

    inbox: Text = "INBOX"
    sent: Text = "auto"
    drafts: Text = "auto"
    complaint: Annotated[Text | None, Field(examples=["Troth/Complaint"])] = None
    """A mail that is moved here is a complaint, whatever the rules made of it."""
    praise: Annotated[Text | None, Field(examples=["Troth/Praise"])] = None
    """A mail that is moved here is praise."""
    neither: Annotated[Text | None, Field(examples=["Troth/Neither"])] = None
    """A mail that is moved here is neither complaint nor praise."""
    answered: Annotated[Text | None, Field(examples=["Troth/Answered"])] = None
    """The client of a mail that is moved here has his answer, by phone for instance."""
    settled: Annotated[Text | None, Field(examples=["Troth/Settled"])] = None
    """Nothing more is to come about a mail that is moved here."""

    @property
    def asking(self) -> dict[str, str]:
        """The folders in which a mail asks for something, by what it asks for."""
        named = {word: getattr(self, word) for word in ("complaint", "praise", "neither", "answered", "settled")}
        return {word: name for word, name in named.items() if name is not None}


class Inbox(Shape):
    name: Annotated[Text, Field(examples=["hello"])]
    """A short word of your own, for logs and commands."""
    address: Annotated[AddressWord, Field(examples=["hello@harbour.example"])]
    """What letters come from."""
    aliases: Annotated[tuple[AddressWord, ...], Several] = ()
    """Other addresses whose mail arrives here."""
    mode: Mode = Mode.OBSERVE
    """observe: decide only. draft: letters are put into Drafts. send: letters leave by themselves."""
    imap: Annotated[Imap, Field(examples=["{host: …, username: …, password: {env: NAME}}"])]
    smtp: Smtp | None = None
    """May be left out where only Sent is watched."""
    folders: Folders = Folders()
    watch: Annotated[frozenset[Watch], Field(min_length=1), Several] = frozenset(Watch)
    """[inbox, sent]; for a colleague's own mailbox [sent]: his answers are seen, and no letters leave from it."""
    poll: PollWord = Duration(60, Unit.SECONDS)
    """How often to look, whatever the server announces in between."""
    authserv_id: Text | None = None
    """Whose Authentication-Results are believed: the name your own server writes there. Nobody's by default."""
    sub_addresses: Annotated[bool, Field(strict=True)] = False
    """true where mail to hello+anything@… arrives in hello@…: colleagues' replies then find their matter even from mail
    programs that lose the thread."""

    @property
    def addresses(self) -> frozenset[Address]:
        return frozenset((self.address, *self.aliases))

    @property
    def oauth(self) -> Oauth | None:
        """The one sign-in of this inbox; None where passwords are used."""
        return self.imap.oauth or (self.smtp.oauth if self.smtp is not None else None)

    @property
    def sends(self) -> bool:
        """Whether letters may leave from here at all, whatever the mode."""
        return Watch.INBOX in self.watch

    @property
    def posts(self) -> bool:
        """Whether letters or tellings leave from here."""
        return self.smtp is not None and self.sends


class PerClient(Shape):
    """How many automatic letters one client gets, in windows that roll."""

    acknowledgement: RateWord = Rate(1, Duration(1, Unit.DAYS))
    follow_up: RateWord = Rate(1, Duration(7, Unit.DAYS))
    any: RateWord = Rate(3, Duration(30, Unit.DAYS))


class Letters(Shape):
    per_client: PerClient = PerClient()
    at_most: RateWord = Rate(60, Duration(1, Unit.HOURS))
    """Letters to all clients together; past it every one is held and the owner is told once. Tellings always leave."""
    oldest: PlainDurationWord = Duration(12, Unit.HOURS)
    """No acknowledgement leaves later than this after the mail came."""
    return_path: ReturnPath = ReturnPath.REQUIRED
    """required, optional (absent is allowed) or ignore (given a DMARC pass)."""


class Form(Shape):
    """A web form's mail: a case and a telling, never a letter."""

    from_: Annotated[AddressWord, Field(alias="from", examples=["web@harbour.example"])]
    client: Literal["reply-to"] = "reply-to"
    """Where the client's address stands."""


class Digest(Shape):
    to: Annotated[tuple[ToldWord, ...], Several] = (Role.OWNER,)
    at: TimeWord = time(17)
    """By the business's clock, in quotes: "17:00"."""


class Keep(Shape):
    text: PlainDurationWord = Duration(90, Unit.DAYS)
    """How long the words of mails are kept."""
    journal: PlainDurationWord = Duration(3, Unit.YEARS)


class Health(Shape):
    listen: Annotated[ListenWord, Field(examples=["127.0.0.1:9125"])]
    """Where /healthz and /metrics are served."""


def _off(value: object) -> object:
    return None if value == "none" else value


_ADA = "[{name: Ada Byron, address: ada@harbour.example, owner: true}]"
_HELLO = "[{name: hello, address: hello@harbour.example, imap: {…}, smtp: {…}}]"


class Config(Shape):
    """What config.yaml says, with everything left out filled in. Paths are already under its folder."""

    business: Annotated[Business, Field(examples=["{name: Harbour Print, timezone: Europe/London}"])]
    colleagues: Annotated[tuple[Colleague, ...], Field(min_length=1, examples=[_ADA])]
    inboxes: Annotated[tuple[Inbox, ...], Field(min_length=1, examples=[_HELLO])]
    store: Annotated[StoreWords, Field(default="sqlite:///state/troth.db", validate_default=True)]
    """An SQLite file, or postgresql://…; {env: NAME} keeps an address with a password out of this file."""
    rules: Annotated[tuple[Text, ...], Several] = ()
    """Packs of rules, in order: shipped:en, then folders or files of your own. A later rule of the same name counts."""
    templates: PathWord | None = None
    """A folder of letters of your own; a shipped letter of the same name is replaced."""
    clients: PathWord | None = None
    """What you know of clients: clients.yaml."""
    letters: Letters = Letters()
    not_clients: Annotated[tuple[WhoWord, ...], Several] = ()
    """Read, never answered, no case: "*@supplier.example"."""
    forms: tuple[Form, ...] = ()
    """Web forms that write to an inbox: {from: web@harbour.example, client: reply-to}"""
    plans: Annotated[PlansRead, Field(default_factory=usual_plans)]
    """What follows a complaint, praise, and both in one mail."""
    settle: DurationWord = Duration(7, Unit.BUSINESS_DAYS)
    """An answered case settles after this much silence."""
    digest: Annotated[Digest | None, BeforeValidator(_off, json_schema_input_type=Digest | Literal["none"])] = Digest()
    """The owner's daily mail; none for none."""
    keep: Keep = Keep()
    health: Health | None = None
    """Left out, nothing listens."""

    @cached_property
    def hours(self) -> Hours:
        """The business's opening hours, holidays left out."""
        return Hours(self.business.timezone, self.business.hours, self.business.holidays)

    @property
    def owner(self) -> Colleague:
        return next(colleague for colleague in self.colleagues if colleague.owner)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret there is, in the order of the file."""
        servers = (server for inbox in self.inboxes for server in (inbox.imap, inbox.smtp) if server)
        passwords = (server.password for server in servers)
        clients = (inbox.oauth.client_secret for inbox in self.inboxes if inbox.oauth)
        return tuple(secret for secret in (self.store.secret, *passwords, *clients) if secret is not None)
