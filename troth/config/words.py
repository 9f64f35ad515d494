"""How the words of config.yaml become values. Each domain type words its own mistake; pydantic knows its place."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from datetime import date, time
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    TypeAdapter,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic.dataclasses import dataclass
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from troth.config.planning import PLANS_SCHEMA
from troth.config.providers import PROVIDERS
from troth.config.secret import Origin, Secret
from troth.hours import Duration, Holidays, Rate, Week, dates, duration, public_holidays, rate, week
from troth.hours.week import days_of, spans_of
from troth.model import Address, address
from troth.place import Place, nearest
from troth.plan import Plans, Role

T = TypeVar("T")
NOT_TEXT = "not_text"
"""The type of an error that only the place in the file can word: another value than a text."""


def wrong(what: str, mend: str) -> ValueError:
    """A mistake of two clauses, as `Mistake` keeps them apart."""
    return ValueError(f"{what}; {mend}")


_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def text(value: object) -> str:
    """One line of text; it may come to stand in a header."""
    if not isinstance(value, str):
        raise PydanticCustomError(NOT_TEXT, "this is no text")
    if not value.strip():
        raise wrong("nothing stands here", "write a text, or leave the key out")
    if _CONTROL.search(value):
        raise wrong("a line break or a control character stands in this text", "write it in one line")
    return value.strip()


def _said(read: Callable[[str], T]) -> PlainValidator:
    """Reads a text; whole numbers are shown to `read` too, so that it can say what they lack."""

    def validate(value: object) -> T:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return read(str(value) if whole else text(value))

    return PlainValidator(validate)


def _schema(example: str, pattern: str | None = None, **more: object) -> WithJsonSchema:
    rest = {"pattern": pattern} if pattern else {}
    return WithJsonSchema({"type": "string", "examples": [example], **rest, **more})


def _address(said: str) -> Address:
    found = address(said)
    if found is None:
        raise wrong(f"`{said}` is no mail address", "write it as name@domain.example")
    return found


_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}")


def _domain(said: str) -> str:
    name = _any_domain(said)
    if name in PROVIDERS:
        raise wrong(
            f"`{name}` belongs to a mail provider, and everybody there would count as one of yours",
            "leave it out and name your own addresses under inboxes and colleagues",
        )
    return name


_WHO = re.compile(r"(?:[^\s@*]*\*?[^\s@*]*)@(?:\*\.)?[^\s@*]+")


def _any_domain(said: str) -> str:
    probe = address(f"x@{said.removeprefix('@')}")
    name = probe.partition("@")[2] if probe else ""
    if not _DOMAIN.fullmatch(name):
        raise wrong(f"`{said}` is no domain", "write it as harbour.example, without anything before it")
    return name


def _who(said: str) -> str:
    """An address, or one with `*` for any name or for what stands before the last parts of a domain."""
    pattern = f"*{said}" if said.startswith("@") else said
    if not _WHO.fullmatch(pattern):
        raise wrong(f"`{said}` names no addresses", "write an address, or *@supplier.example for a whole domain")
    return pattern.lower()


def _zone(said: str) -> ZoneInfo:
    try:
        return ZoneInfo(said)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = available_timezones()
        meant = nearest(said, sorted(known)) or next((name for name in known if name.endswith(f"/{said}")), None)
        mend = f"did you mean `{meant}`" if meant else "write continent and city, such as Europe/London"
        raise wrong(f"`{said}` is no time zone", mend) from None


def _several(value: object) -> object:
    """A word alone stands for a list of one."""
    return value if isinstance(value, list) else [value]


def _day(said: str) -> str:
    days_of(said)
    return said


def _spans(said: str) -> str:
    spans_of(said)
    return said


_WEEK = TypeAdapter(dict[Annotated[str, _said(_day)], Annotated[str, _said(_spans)]])


def _week(value: object) -> Week:
    if not isinstance(value, dict):
        raise wrong("opening hours go by days", 'write {mon-thu: "09:00-12:30 13:30-17:30", fri: "09:00-15:00"}')
    return week(_WEEK.validate_python(value))


def _country(said: str) -> str:
    public_holidays(said)
    return said


def _dates(said: str) -> frozenset[date]:
    return dates([said])


@dataclass(config=ConfigDict(extra="forbid"), frozen=True)
class HolidayWords:
    """Public holidays by ISO codes of country and subdivision, and dates of one's own."""

    country: Annotated[str | None, _said(_country)] = None
    subdivision: Annotated[str | None, PlainValidator(text)] = None
    dates: Annotated[tuple[Annotated[frozenset[date], _said(_dates)], ...], BeforeValidator(_several)] = ()


_HOLIDAYS = TypeAdapter(HolidayWords)


def _holidays(value: object) -> Holidays:
    if not isinstance(value, dict):
        raise wrong("holidays go by country and dates", "write {country: GB, subdivision: ENG, dates: [2026-12-24]}")
    said = _HOLIDAYS.validate_python(value)
    days_off = frozenset(day for days in said.dates for day in days)
    if said.country is None:
        if said.subdivision:
            raise wrong("a subdivision needs its country", "add `country: GB`, or another")
        return Holidays(days_off)
    return public_holidays(said.country, said.subdivision, days_off)


def _away(said: str) -> tuple[date, date]:
    days = dates([said])
    return min(days), max(days)


_LANGUAGE = re.compile(r"[a-z]{2,3}")


def _language(said: str) -> str:
    if not _LANGUAGE.fullmatch(said):
        raise wrong(f"`{said}` is no language", "write its code of two letters, such as en or de")
    return said


_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def _time(said: str) -> time:
    found = _TIME.fullmatch(said)
    if not found:
        raise wrong(f"`{said}` is no time of day", 'write hours and minutes in quotes, such as "17:00"')
    return time(int(found[1]), int(found[2]))


def _plain_duration(said: str) -> Duration:
    length = duration(said)
    length.fixed  # noqa: B018 -- raises for business units, which count for nothing here
    return length


def _poll(said: str) -> Duration:
    length = _plain_duration(said)
    if not 1 <= length.fixed.total_seconds() <= 86400:
        raise wrong(f"`{said}` is no sensible pause between two looks", "write something from 1 second to 1 day")
    return length


_TOLD = (Role.OWNER, Role.EVERYONE)


def _role_or_address(said: str) -> Role | Address:
    """Somebody who can be told without there being a case."""
    found = next((role for role in _TOLD if role == said), None) or address(said)
    if found is None:
        meant = nearest(said, [role.value for role in _TOLD])
        mend = f"did you mean `{meant}`" if meant else "write owner, everyone or a colleague's address"
        raise wrong(f"`{said}` is nobody who can be told", mend)
    return found


class Placed(dict[str, object]):
    """A mapping that knows its place, for the values that must know it too."""

    def __init__(self, values: dict[str, object], place: Place) -> None:
        super().__init__(values)
        self.place = place


def secret(value: object, info: ValidationInfo, what: str = "a password") -> Secret:
    ways = "write {env: NAME}, {file: path} or {command: pass show mail}"
    if not isinstance(value, dict):
        raise wrong(f"{what} must not stand in this file", ways)
    known = [origin.value for origin in Origin]
    if len(value) != 1 or next(iter(value)) not in known:
        raise wrong(f"{what} is got in one way", ways)
    origin, where = Origin(next(iter(value))), text(next(iter(value.values())))
    place = value.place if isinstance(value, Placed) else None
    return Secret(origin, _kept(origin, where, under(info)), place)


def _kept(origin: Origin, where: str, folder: Path) -> str:
    if origin is Origin.ENV and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", where):
        raise wrong("this is no name of an environment variable", "write the variable's name, not the password")
    if origin is Origin.COMMAND:
        try:
            shlex.split(where)
        except ValueError:
            raise wrong("a quote in this command is never closed", "close it") from None
    return str(folder / Path(where).expanduser()) if origin is Origin.FILE else where


def under(info: ValidationInfo) -> Path:
    """The folder that paths are relative to: that of config.yaml."""
    return info.context if isinstance(info.context, Path) else Path()


def _path(value: object, info: ValidationInfo) -> Path:
    return under(info) / text(value)


def _listen(said: str) -> tuple[str, int]:
    host, colon, port = said.rpartition(":")
    try:
        ip_address(host.strip("[]"))
        number = int(port) if port.isascii() and port.isdigit() else 0
    except ValueError:
        number = 0
    if not colon or not 0 < number < 65536:
        raise wrong(f"`{said}` is no address to listen on", 'write "127.0.0.1:9125"')
    return host.strip("[]"), number


def _plans(value: object) -> Plans:
    if not isinstance(value, Plans):  # a bug: plans are read with their places before pydantic sees the file
        raise TypeError("plans come read")
    return value


def _note(value: object) -> str:
    """A text that may have lines."""
    return (
        "\n".join(text(line) for line in value.splitlines() if line.strip()) if isinstance(value, str) else text(value)
    )


def _password(value: object, info: ValidationInfo) -> Secret:
    return secret(value, info)


def _client_secret(value: object, info: ValidationInfo) -> Secret:
    return secret(value, info, "a client secret")


def is_loopback(host: str) -> bool:
    try:
        return host.lower() == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _endpoint(said: str) -> str:
    """An address to send secrets to: https, or http to this machine itself."""
    mend = "write the address as the provider gives it, beginning with https://"
    try:
        parts = urlsplit(said)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise wrong(f"`{said}` is no address", mend) from None
    if parts.scheme not in ("https", "http") or not host or not said.isascii() or " " in said:
        raise wrong(f"`{said}` is no address", mend)
    if parts.scheme == "http" and not is_loopback(host):
        raise wrong(f"without TLS the sign-in would travel to {host} in clear", mend)
    if "@" in parts.netloc or "#" in said:
        raise wrong("more than an address stands here", mend)
    return said


_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def _scope(said: str) -> str:
    if not _SCOPE.fullmatch(said):  # RFC 6749, 3.3
        raise wrong(f"`{said}` is no scope", "write each as an entry of its own: [email, offline_access]")
    return said


def _tenant(said: str) -> str:
    if not _TENANT.fullmatch(said):
        raise wrong(f"`{said}` is no tenant", "write the directory (tenant) id, or your domain at Microsoft")
    return said


class _Several:
    """Marks a list for which a word alone may stand."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_several, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        listed = handler(schema)
        return {"anyOf": [listed["items"], listed]}


Several = _Several()
Text = Annotated[str, PlainValidator(text), WithJsonSchema({"type": "string"})]
AddressWord = Annotated[Address, _said(_address), _schema("hello@harbour.example", format="email")]
DomainWord = Annotated[str, _said(_domain), _schema("harbour.example")]
WhoWord = Annotated[str, _said(_who), _schema("*@supplier.example")]
ZoneWord = Annotated[ZoneInfo, _said(_zone), _schema("Europe/London")]
LanguageWord = Annotated[str, _said(_language), _schema("en", "^[a-z]{2,3}$")]
TimeWord = Annotated[time, _said(_time), _schema("17:00")]
AwayWord = Annotated[tuple[date, date], _said(_away), _schema("2026-12-01..2026-12-12")]
DurationWord = Annotated[Duration, _said(duration), _schema("7 business days")]
PlainDurationWord = Annotated[Duration, _said(_plain_duration), _schema("90 days")]
PollWord = Annotated[Duration, _said(_poll), _schema("60 seconds")]
RateWord = Annotated[Rate, _said(rate), _schema("3 per 30 days", "^[0-9]+ per .+$")]
ListenWord = Annotated[tuple[str, int], _said(_listen), _schema("127.0.0.1:9125")]
ToldWord = Annotated[Role | Address, _said(_role_or_address), _schema("owner")]
PathWord = Annotated[Path, PlainValidator(_path), _schema("clients.yaml")]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
WeekWords = Annotated[
    Week,
    PlainValidator(_week),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]
_DATE = {"type": "string", "examples": ["2026-12-24", "2026-12-27..2026-12-31"]}
_ONE_OR_MORE = {"anyOf": [_DATE, {"type": "array", "items": _DATE}]}
HolidaysWords = Annotated[
    Holidays,
    PlainValidator(_holidays),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {"country": {"type": "string"}, "subdivision": {"type": "string"}, "dates": _ONE_OR_MORE},
            "additionalProperties": False,
        }
    ),
]
_IN_ONE_WAY = WithJsonSchema(
    {
        "type": "object",
        "properties": {origin.value: {"type": "string"} for origin in Origin},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
)
SecretWords = Annotated[Secret, PlainValidator(_password), _IN_ONE_WAY]
ClientSecretWords = Annotated[Secret, PlainValidator(_client_secret), _IN_ONE_WAY]
AnyDomainWord = Annotated[str, _said(_any_domain), _schema("rival.example")]
Note = Annotated[str, PlainValidator(_note), WithJsonSchema({"type": "string"})]
EndpointWord = Annotated[str, _said(_endpoint), _schema("https://id.harbour.example/token", "^https?://")]
ScopeWord = Annotated[str, _said(_scope), _schema("offline_access")]
TenantWord = Annotated[str, _said(_tenant), _schema("harbour.onmicrosoft.com")]
PlansRead = Annotated[Plans, PlainValidator(_plans), WithJsonSchema(PLANS_SCHEMA)]
