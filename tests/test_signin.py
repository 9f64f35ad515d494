"""Signing in by OAuth 2.0: the two ways, what is kept of it, and how it is renewed, against a provider of our own."""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.provider import Canned, Provider, asked_for, browse, error, landing
from tests.servers import CERTIFICATES
from troth.signin import Access, Client, Fault, Grant, Kept, SignInError, asking, loopback
from troth.signin.asking import ask
from troth.signin.device import await_grant, code_for
from troth.signin.granting import granted, refreshed
from troth.signin.loopback import Doorway

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OLD = Grant("old-access", "old-refresh", NOW - timedelta(hours=1))


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as made:
        yield made


def client(provider: Provider, **changes: object) -> Client:
    made = Client(
        inbox="hello",
        provider="harbour-id",
        client_id=provider.client_id,
        username="hello@harbour.example",
        scopes=("mail", "offline_access"),
        token_endpoint=provider.at("token"),
        device_authorization_endpoint=provider.at("device"),
        authorization_endpoint=provider.at("authorize"),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # what a test says of it


def signed_in(provider: Provider, folder: Path, *, until: datetime = NOW - timedelta(seconds=1)) -> Kept:
    """A file with a sign-in whose access token's time is over, unless `until` says otherwise."""
    access, refresh = provider.issue()
    kept = Kept(folder, client(provider))
    kept.write(Grant(access, refresh, until), NOW)
    return kept


def access(provider: Provider, kept: Kept) -> Access:
    return Access(client(provider), kept, lambda: NOW)


def refusal(act: Callable[[], object]) -> SignInError:
    with pytest.raises(SignInError) as refused:
        act()
    return refused.value


def test_a_daemon_that_logs_in_with_passwords_loads_nothing_that_asks_a_provider() -> None:
    say = "import sys, troth.app.daemon, troth.cli.run; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", say], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "troth.signin.access" in loaded
    for module in ("asking", "granting", "device", "loopback"):
        assert f"troth.signin.{module}" not in loaded


# a code


class Clock:
    """Passes by being waited on; `on` acts are done when so many seconds have passed."""

    def __init__(self, **on: Callable[[], object]) -> None:
        self.at = 0.0
        self.pauses: list[float] = []
        self._on = {int(when.removeprefix("at_")): act for when, act in on.items()}

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.at += seconds
        for when in [when for when in self._on if when <= self.at]:
            self._on.pop(when)()


def by_code(provider: Provider, clock: Clock) -> Grant:
    mine = client(provider)
    return await_grant(mine, code_for(mine), lambda: NOW, pause=clock.pause, steady=lambda: clock.at)


def test_a_code_is_shown_and_asked_about_until_the_person_has_entered_it(provider: Provider) -> None:
    mine = client(provider)
    code = code_for(mine)
    assert (code.user_code, code.where, code.seconds) == ("WDJB-MJHT", provider.at("enter"), 900)
    assert provider.asked == [("/device", {"client_id": "troth-client", "scope": "mail offline_access"})]
    assert code.device_code not in repr(code)
    clock = Clock(at_3=provider.approve)
    grant = await_grant(mine, code, lambda: NOW, pause=clock.pause, steady=lambda: clock.at)
    assert grant.access.startswith("access-")
    assert grant.refresh.startswith("refresh-")
    assert grant.until == NOW + timedelta(seconds=3600 - 120)
    assert clock.pauses == [1, 1, 1]
    assert grant.access not in repr(grant)
    assert grant.refresh not in repr(grant)


def test_who_is_asked_to_slow_down_asks_five_seconds_later_each_time_from_then_on(provider: Provider) -> None:
    clock = Clock()
    provider.interval = 2
    mine = client(provider)
    code = code_for(mine)
    provider.canned.extend([error("slow_down"), error("authorization_pending"), error("slow_down")])
    provider.approve()
    await_grant(mine, code, lambda: NOW, pause=clock.pause, steady=lambda: clock.at)
    assert clock.pauses == [2, 7, 7, 12]


def test_a_provider_that_is_out_of_reach_for_a_while_is_asked_less_often_and_not_given_up(provider: Provider) -> None:
    clock = Clock()
    mine = client(provider)
    code = code_for(mine)
    provider.canned.extend([Canned(503, b"busy"), Canned(200, b"<html>"), error("temporarily_unavailable")])
    provider.approve()
    await_grant(mine, code, lambda: NOW, pause=clock.pause, steady=lambda: clock.at)
    assert clock.pauses == [1, 2, 4, 8]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("access_denied", Fault.DECLINED),
        ("authorization_declined", Fault.DECLINED),
        ("expired_token", Fault.LATE),
        ("code_expired", Fault.LATE),
        ("invalid_client", Fault.REFUSED),
        ("unauthorized_client", Fault.REFUSED),
        ("bad_verification_code", Fault.REFUSED),
        ("invalid_grant", Fault.ENDED),
    ],
)
def test_what_ends_the_wait_for_a_code_is_told_apart(provider: Provider, said: str, fault: Fault) -> None:
    mine = client(provider)
    code = code_for(mine)
    provider.canned.append(error(said))
    assert refusal(lambda: await_grant(mine, code, lambda: NOW, pause=lambda _: None)).fault is fault
    assert provider.count("device_code") == 1


def test_a_code_that_nobody_enters_is_given_up_when_its_time_is_over(provider: Provider) -> None:
    clock = Clock()
    provider.interval = 60
    assert refusal(lambda: by_code(provider, clock)).fault is Fault.LATE
    assert clock.at == 900


def device_answer(**changes: object) -> Canned:
    usual = {"device_code": "d", "user_code": "WDJB", "verification_uri": "https://id.example/d", "interval": 5}
    return Canned(200, json.dumps({**usual, "expires_in": 900, **changes}).encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"device_code": None},
        {"device_code": 7},
        {"device_code": "a b"},
        {"device_code": "x" * 20_000},
        {"user_code": None},
        {"user_code": ""},
        {"user_code": ["a"]},
        {"user_code": "x" * 65},
        {"user_code": "AB\x1b[2J"},
        {"user_code": "AB\u202eCD"},
        {"verification_uri": None},
        {"verification_uri": "http://id.example/d"},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "https://id.example/\r\nX"},
        {"verification_uri": "https://[::"},
    ],
)
def test_a_code_that_cannot_be_shown_is_refused(provider: Provider, changes: dict[str, object]) -> None:
    provider.canned.append(device_answer(**changes))
    assert "no code that can be used" in refusal(lambda: code_for(client(provider))).words


@pytest.mark.parametrize(
    ("changes", "seconds", "interval"),
    [
        ({"expires_in": None, "interval": None}, 900, 5),
        ({"expires_in": "1800", "interval": "10"}, 1800, 10),
        ({"expires_in": -1, "interval": 0}, 900, 5),
        ({"expires_in": 1e30, "interval": 1e30}, 900, 5),
        ({"expires_in": 86400, "interval": 3600}, 3600, 60),
        ({"expires_in": True, "interval": {}}, 900, 5),
        ({"expires_in": float("nan"), "interval": float("inf")}, 900, 5),
        ({"expires_in": 900, "interval": 0.2}, 900, 1),
    ],
)
def test_times_that_make_no_sense_are_replaced_and_bounded(
    provider: Provider, changes: dict[str, object], seconds: int, interval: int
) -> None:
    provider.canned.append(device_answer(**changes))
    code = code_for(client(provider))
    assert (code.seconds, code.interval) == (seconds, interval)


# a link


def test_a_link_asks_with_pkce_and_its_answer_at_this_machine_becomes_tokens(provider: Provider) -> None:
    with Doorway(client(provider, asks=(("access_type", "offline"),))) as doorway, ThreadPoolExecutor() as pool:
        asked = asked_for(doorway.link)
        assert asked["redirect_uri"] == f"http://127.0.0.1:{doorway.port}"
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert (asked["scope"], asked["login_hint"]) == ("mail offline_access", "hello@harbour.example")
        assert asked["access_type"] == "offline"
        assert len(asked["state"]) >= 32
        link = doorway.link
        page = pool.submit(browse, link)
        grant = doorway.await_grant(lambda: NOW)
        assert page.result()[0] == 200
        assert "signed in" in page.result()[1]
    assert grant.access.startswith("access-")
    form = provider.asked[-1][1]
    assert len(form["code_verifier"]) >= 43
    assert form["code_verifier"] not in link


def test_two_links_have_nothing_in_common_that_could_be_guessed(provider: Provider) -> None:
    with Doorway(client(provider)) as one, Doorway(client(provider)) as other:
        first, second = asked_for(one.link), asked_for(other.link)
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


def visit(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as visitor:
        visitor.sendall(request)
        return visitor.recv(1000)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /?code=stolen&state=wrong HTTP/1.1\r\n\r\n",
        b"GET /?code=stolen HTTP/1.1\r\n\r\n",
        b"GET /?error=access_denied HTTP/1.1\r\n\r\n",
        b"GET /favicon.ico HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /?code=stolen&state={state} HTTP/1.1\r\n\r\n",
        b"GET http://[::/?code=1 HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET /" + b"a" * 20_000,
        b"\r\n\r\n",
    ],
)
def test_who_knocks_without_our_state_is_shown_out_and_the_wait_goes_on(provider: Provider, request_: bytes) -> None:
    with Doorway(client(provider)) as doorway, ThreadPoolExecutor() as pool:
        waiting = pool.submit(doorway.await_grant, lambda: NOW)
        state = asked_for(doorway.link)["state"].encode()
        said = visit(doorway.port, request_.replace(b"{state}", state))
        assert not said or b"404" in said
        assert not waiting.done()
        browse(doorway.link)
        assert waiting.result().access.startswith("access-")


def test_connections_that_say_nothing_keep_nobody_out(provider: Provider) -> None:
    with Doorway(client(provider)) as doorway, ThreadPoolExecutor() as pool:
        waiting = pool.submit(doorway.await_grant, lambda: NOW)
        idle = [socket.create_connection(("127.0.0.1", doorway.port)) for _ in range(40)]
        try:
            browse(doorway.link)
            assert waiting.result().access.startswith("access-")
            idle[0].settimeout(5)
            assert idle[0].recv(1) == b"", "the eldest have been shown out"
        finally:
            for each in idle:
                each.close()


def test_a_person_who_says_no_in_the_browser_ends_the_wait(provider: Provider) -> None:
    with Doorway(client(provider)) as doorway, ThreadPoolExecutor() as pool:
        waiting = pool.submit(doorway.await_grant, lambda: NOW)
        state = asked_for(doorway.link)["state"]
        browse(f"{doorway.redirect_uri}?error=access_denied&state={state}")
        assert refusal(waiting.result).fault is Fault.DECLINED


def test_the_address_may_be_pasted_where_the_browser_is_on_another_machine(provider: Provider) -> None:
    reader, writer = os.pipe()
    puzzled: list[None] = []
    try:
        with (
            Doorway(client(provider), typed=reader, puzzled=lambda: puzzled.append(None)) as doorway,
            ThreadPoolExecutor() as pool,
        ):
            waiting = pool.submit(doorway.await_grant, lambda: NOW)
            address = landing(doorway.link).encode()
            for part in (b"what?\n\n", address[:20], address[20:] + b"\r\n"):
                os.write(writer, part)
                time.sleep(0.05)
            assert waiting.result(10).access.startswith("access-")
        assert len(puzzled) == 1, "what is no such address is said to be none, an empty line is let pass"
    finally:
        os.close(reader)
        os.close(writer)


def test_an_end_of_what_is_typed_is_no_end_of_the_wait(provider: Provider) -> None:
    with (
        Path(os.devnull).open("rb") as nothing,
        Doorway(client(provider), typed=nothing.fileno()) as doorway,
        ThreadPoolExecutor() as pool,
    ):
        waiting = pool.submit(doorway.await_grant, lambda: NOW)
        browse(doorway.link)
        assert waiting.result(10).access.startswith("access-")


def test_a_closed_pipe_for_typing_is_read_once_and_left_alone(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    real = os.read

    def counted(descriptor: int, most: int) -> bytes:
        reads.append(descriptor)
        return real(descriptor, most)

    monkeypatch.setattr("troth.signin.loopback.os.read", counted)
    reader, writer = os.pipe()
    os.close(writer)
    try:
        with Doorway(client(provider), typed=reader) as doorway, ThreadPoolExecutor() as pool:
            waiting = pool.submit(doorway.await_grant, lambda: NOW)
            time.sleep(0.1)
            browse(doorway.link)
            assert waiting.result(10).access.startswith("access-")
            assert reads.count(reader) == 1
    finally:
        os.close(reader)


def test_a_link_that_nobody_opens_is_given_up(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "SECONDS", 0.1)
    with Doorway(client(provider)) as doorway:
        assert refusal(lambda: doorway.await_grant(lambda: NOW)).fault is Fault.LATE


def test_the_doorway_is_open_to_this_machine_alone(provider: Provider) -> None:
    with Doorway(client(provider, redirect_host="localhost")) as doorway:
        assert doorway.redirect_uri == f"http://localhost:{doorway.port}"
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", doorway.port), timeout=2)


# what the provider says


HOSTILE = {
    "nothing": b"",
    "html": b"<html>sorry</html>",
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "half an object": b'{"access_token": "a',
    "deeply nested": b"[" * 200_000,
    "a huge number": b'{"access_token": ' + b"9" * 10_000 + b"}",
    "not UTF-8": b'{"access_token": "\xff"}',
    "two objects": b'{"access_token": "a"}{}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_answer_that_is_no_json_object_is_a_fault_for_a_while(provider: Provider, body: bytes, status: int) -> None:
    provider.canned.append(Canned(status, body))
    found = refusal(lambda: refreshed(client(provider), OLD, NOW))
    assert found.fault is Fault.UNREACHABLE
    assert found.words == f"no answer from 127.0.0.1: HTTP {status}, and no JSON object with it"


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"access_token": 7},
        {"access_token": None},
        {"access_token": ["a"]},
        {"access_token": ""},
        {"access_token": "a\r\nb"},
        {"access_token": "a\x01b"},
        {"access_token": "ä"},
        {"access_token": "x" * 20_000},
        {"access_token": "good", "token_type": "mac"},
        {"access_token": "good", "token_type": 7},
    ],
)
def test_a_token_that_could_do_harm_or_is_none_is_not_used(provider: Provider, members: dict[str, object]) -> None:
    provider.canned.append(Canned(200, json.dumps({"token_type": "bearer", **members}).encode()))
    found = refusal(lambda: refreshed(client(provider), OLD, NOW))
    assert (found.fault, found.words) == (Fault.UNREACHABLE, "harbour-id gave no access token that can be used")


def test_too_long_an_answer_is_not_read_to_its_end(provider: Provider) -> None:
    provider.canned.append(Canned(200, b'{"a": "' + b"x" * asking.LARGEST + b'"}'))
    assert refusal(lambda: refreshed(client(provider), OLD, NOW)).words.endswith("its answer is too long")


def test_a_redirect_is_not_followed(provider: Provider) -> None:
    provider.canned.append(Canned(302, b"{}", (("Location", provider.at("token")),)))
    assert refusal(lambda: refreshed(client(provider), OLD, NOW)).words.endswith("HTTP 302")
    assert len(provider.asked) == 1


def test_who_gives_nothing_to_stay_signed_in_with_is_refused(provider: Provider) -> None:
    provider.canned.append(Canned(200, b'{"access_token": "a", "token_type": "Bearer"}'))
    found = refusal(lambda: granted(client(provider), {"grant_type": "x"}, NOW))
    assert found.fault is Fault.REFUSED
    assert "offline_access" in found.words


@pytest.mark.parametrize(
    ("life", "seconds"), [(3600, 3480), ("3600", 3480), (10, 8), (None, 480), (-5, 480), (10**8, 7 * 86400 - 120)]
)
def test_an_access_token_is_used_until_shortly_before_its_end(provider: Provider, life: object, seconds: int) -> None:
    said = {"access_token": "a", "token_type": "bearer", "expires_in": life}
    provider.canned.append(Canned(200, json.dumps(said).encode()))
    assert refreshed(client(provider), OLD, NOW).until == NOW + timedelta(seconds=seconds)


def test_a_sign_in_that_ends_by_itself_says_when_and_a_renewal_that_says_nothing_changes_nothing(
    provider: Provider, tmp_path: Path
) -> None:
    provider.ends = 604_800
    first = granted(client(provider), {"grant_type": "refresh_token", "refresh_token": provider.issue()[1]}, NOW)
    assert first.ends == NOW + timedelta(days=7)
    provider.ends = None
    later = refreshed(client(provider), first, NOW + timedelta(days=1))
    assert later.ends == first.ends
    kept = Kept(tmp_path, client(provider))
    kept.write(later, NOW)
    assert kept.read() == later
    assert access(provider, kept).ends() == first.ends
    assert access(provider, Kept(tmp_path / "none", client(provider))).ends() is None


FAULTS = [
    ("invalid_grant", Fault.ENDED),
    ("interaction_required", Fault.ENDED),
    ("invalid_client", Fault.REFUSED),
    ("unauthorized_client", Fault.REFUSED),
    ("invalid_scope", Fault.REFUSED),
    ("invalid_request", Fault.REFUSED),
    ("temporarily_unavailable", Fault.UNREACHABLE),
    ("server_error", Fault.UNREACHABLE),
]


@pytest.mark.parametrize(("said", "fault"), FAULTS)
def test_a_refusal_is_told_by_who_can_mend_it(provider: Provider, said: str, fault: Fault) -> None:
    provider.canned.append(error(said, "AADSTS70008: it has expired.\r\nTrace ID: 1"))
    found = refusal(lambda: refreshed(client(provider), OLD, NOW))
    assert found.fault is fault
    assert f"{said}: AADSTS70008: it has expired." in found.words
    assert "Trace" not in found.words
    assert ("run `troth login hello`" in found.words) == (fault is Fault.ENDED)


def test_nothing_secret_and_nothing_unprintable_stands_in_what_is_said_of_a_refusal(provider: Provider) -> None:
    provider.canned.append(error("invalid_grant", "old-refresh and s3cret were sent\x1b[2J\u202e" + "x" * 5000))
    mine = client(provider, secret=lambda: "s3cret")
    words = refusal(lambda: refreshed(mine, OLD, NOW)).words
    assert "old-refresh" not in words
    assert "s3cret" not in words
    assert words.isprintable()
    assert len(words) < 400


def test_a_client_secret_is_sent_where_there_is_one_and_never_asked_for_where_there_is_none(provider: Provider) -> None:
    provider.secret = "s3cret"
    access_token, refresh = provider.issue()
    before = Grant(access_token, refresh, NOW)
    assert refusal(lambda: refreshed(client(provider), before, NOW)).fault is Fault.REFUSED
    assert "client_secret" not in provider.asked[-1][1]
    assert refreshed(client(provider, secret=lambda: "s3cret"), before, NOW).access != access_token


def test_a_client_secret_that_cannot_be_had_is_named_and_nothing_is_asked(provider: Provider) -> None:
    def none() -> str:
        raise OSError("the environment variable TROTH_CLIENT is not set")

    found = refusal(lambda: refreshed(client(provider, secret=none), OLD, NOW))
    assert found.words == "the client secret cannot be had: the environment variable TROTH_CLIENT is not set"
    assert not provider.asked


def test_a_provider_out_of_reach_is_a_fault_for_a_while(provider: Provider) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        for url in (f"http://127.0.0.1:{port}/token", "https://nowhere.invalid/token"):
            found = refusal(lambda url=url: ask(client(provider), url, {}))  # type: ignore[misc]  # a lambda with a default
            assert found.fault is Fault.UNREACHABLE


def test_plain_http_is_not_spoken_to_another_machine(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of this machine that leads elsewhere: what the configuration cannot know."""
    with monkeypatch.context() as patched:
        patched.setattr("socket.socket.getpeername", lambda *_: ("192.0.2.1", 80))
        found = refusal(lambda: ask(client(provider), provider.at("token"), {"refresh_token": "x"}))
    assert "another machine" in found.words
    assert not provider.asked


def test_a_certificate_that_nobody_vouches_for_is_not_believed(provider: Provider) -> None:
    from tests.sink import Sink  # noqa: PLC0415 - any server with that certificate does

    with Sink(tls="implicit") as server:
        url = f"https://127.0.0.1:{server.port}/token"
        assert "certificate is not trusted" in refusal(lambda: ask(client(provider), url, {})).words
        own = client(provider, ca_file=str(CERTIFICATES / "authority.pem"))
        said = refusal(lambda: ask(own, f"https://localhost:{server.port}/token", {})).words
        assert "no HTTP" in said  # the certificate was believed
    assert server.connections == 2


def test_who_drips_his_answer_is_left_after_a_while(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TOGETHER", 0.5)
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        visitor, _ = listener.accept()
        with visitor:
            visitor.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not over.wait(0.05):
                try:
                    visitor.sendall(b"x")
                except OSError:
                    return

    dripping = threading.Thread(target=drip)
    dripping.start()
    began = time.monotonic()
    found = refusal(lambda: ask(client(provider), f"http://127.0.0.1:{listener.getsockname()[1]}/", {}))
    took = time.monotonic() - began
    over.set()
    dripping.join()
    listener.close()
    assert "did not answer in time" in found.words
    assert took < 5


# what is kept


def test_the_file_is_for_its_owner_alone_whatever_the_umask(provider: Provider, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        kept = signed_in(provider, tmp_path / "state")
        with kept.locked():
            kept.write(OLD)
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in kept.path.parent.iterdir()] == [0o600, 0o600]
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700
    assert sorted(path.name for path in kept.path.parent.iterdir()) == ["signin-hello.json", "signin-hello.json.lock"]


def test_what_is_kept_comes_back_and_a_renewal_leaves_when_somebody_signed_in(
    provider: Provider, tmp_path: Path
) -> None:
    kept = Kept(tmp_path, client(provider))
    kept.write(OLD, NOW)
    assert kept.read() == OLD
    newer = Grant("a", "b", NOW)
    kept.write(newer)
    assert (kept.read(), kept.signed_in()) == (newer, NOW.isoformat())


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "..", "Größe 1", "x" * 60])
def test_no_name_of_an_inbox_leads_out_of_the_folder(provider: Provider, tmp_path: Path, name: str) -> None:
    kept = Kept(tmp_path / "state", client(provider, inbox=name))
    kept.write(OLD, NOW)
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "state"]


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"username": "other@harbour.example"},
        {"token_endpoint": "https://other.example/token"},
        {"scopes": ("mail",)},
    ],
)
def test_a_sign_in_counts_only_for_what_it_was_made_with(
    provider: Provider, tmp_path: Path, changes: dict[str, object]
) -> None:
    signed_in(provider, tmp_path)
    found = refusal(Kept(tmp_path, client(provider, **changes)).read)
    assert (found.fault, "run `troth login hello`" in found.words) == (Fault.ENDED, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"made_for": 7}',
        "[" * 100_000,
        '{"made_for": "%s"}',
        '{"made_for": "%s", "until": "soon", "access_token": "a", "refresh_token": "b"}',
        '{"made_for": "%s", "until": "2026-11-20T12:00:00", "access_token": "a", "refresh_token": "b"}',
        '{"made_for": "%s", "until": "2026-11-20T12:00:00+00:00", "access_token": "a", "refresh_token": 7}',
        '{"made_for": "%s", "until": "2026-11-20T12:00:00+00:00", "access_token": "a", "refresh_token": ""}',
    ],
)
def test_a_file_that_was_damaged_asks_for_a_new_sign_in(provider: Provider, tmp_path: Path, text: str) -> None:
    kept = signed_in(provider, tmp_path)
    made_for = json.loads(kept.path.read_text())["made_for"]
    kept.path.write_text(text.replace("%s", made_for))
    found = refusal(kept.read)
    assert (found.fault, "run `troth login hello`" in found.words) == (Fault.ENDED, True)
    assert refusal(access(provider, kept).token).fault is Fault.ENDED
    assert not provider.asked


def test_without_a_sign_in_nothing_is_asked_and_nothing_is_made(provider: Provider, tmp_path: Path) -> None:
    found = refusal(access(provider, Kept(tmp_path / "state", client(provider))).token)
    assert found.words == "nobody has signed in at harbour-id yet; run `troth login hello`"
    assert not provider.asked
    assert not (tmp_path / "state").exists()


def test_a_file_that_may_not_be_read_is_named(provider: Provider, tmp_path: Path) -> None:
    (tmp_path / "signin-hello.json").mkdir()
    found = refusal(access(provider, Kept(tmp_path, client(provider))).token)
    assert found.fault is Fault.REFUSED
    assert "signin-hello.json cannot be used" in found.words


# renewing


def test_a_good_token_is_given_without_asking_and_one_whose_time_is_over_is_renewed(
    provider: Provider, tmp_path: Path
) -> None:
    kept = signed_in(provider, tmp_path, until=NOW + timedelta(seconds=1))
    clock = [NOW]
    mine = Access(client(provider), kept, lambda: clock[0])
    first = mine.token()
    assert (mine.token(), provider.refreshes) == (first, 0)
    clock[0] = NOW + timedelta(seconds=2)
    second = mine.token()
    assert second != first
    assert (mine.token(), provider.refreshes) == (second, 1)
    assert kept.read().access == second


def test_a_refresh_token_that_changes_is_kept_and_used_from_then_on(provider: Provider, tmp_path: Path) -> None:
    kept = signed_in(provider, tmp_path)
    before = kept.read().refresh
    mine = access(provider, kept)
    tokens = [mine.token()]
    for _ in range(3):
        mine.spent(tokens[-1])
        tokens.append(mine.token())
    assert len(set(tokens)) == 4
    assert kept.read().refresh != before
    assert access(provider, kept).token() == tokens[-1]


def test_a_refresh_token_that_stays_is_kept(provider: Provider, tmp_path: Path) -> None:
    provider.rotates = False
    kept = signed_in(provider, tmp_path)
    before = kept.read().refresh
    access(provider, kept).token()
    assert kept.read().refresh == before


def test_a_token_that_a_server_refused_is_replaced_once_for_all_who_had_it(provider: Provider, tmp_path: Path) -> None:
    mine = access(provider, signed_in(provider, tmp_path, until=NOW + timedelta(hours=1)))
    stale = mine.token()
    mine.spent(stale)
    fresh = mine.token()
    mine.spent(stale)  # another thread had it too
    assert mine.token() == fresh != stale
    assert provider.refreshes == 1


def test_threads_that_ask_at_once_renew_once(provider: Provider, tmp_path: Path) -> None:
    provider.before = lambda: time.sleep(0.2)
    mine = access(provider, signed_in(provider, tmp_path))
    with ThreadPoolExecutor(8) as pool:
        tokens = {each.result() for each in [pool.submit(mine.token) for _ in range(8)]}
    assert (len(tokens), provider.refreshes) == (1, 1)


def _ask_elsewhere(mine: Client, folder: Path, out: multiprocessing.Queue[str]) -> None:
    out.put(Access(mine, Kept(folder, mine), lambda: NOW).token())


def test_processes_that_ask_at_once_renew_once(provider: Provider, tmp_path: Path) -> None:
    provider.before = lambda: time.sleep(0.5)
    signed_in(provider, tmp_path)
    spawning = multiprocessing.get_context("spawn")
    out: multiprocessing.Queue[str] = spawning.Queue()
    others = [spawning.Process(target=_ask_elsewhere, args=(client(provider), tmp_path, out)) for _ in range(3)]
    for other in others:
        other.start()
    tokens = {out.get(timeout=60) for _ in others}
    for other in others:
        other.join()
    out.close()
    out.join_thread()
    assert (len(tokens), provider.refreshes) == (1, 1)


def test_what_another_process_renewed_is_taken_up(provider: Provider, tmp_path: Path) -> None:
    kept = signed_in(provider, tmp_path, until=NOW + timedelta(hours=1))
    mine, other = access(provider, kept), access(provider, kept)
    stale = mine.token()
    other.spent(stale)
    fresh = other.token()
    mine.spent(stale)
    assert mine.token() == fresh
    assert provider.refreshes == 1


def test_a_refusal_to_renew_asks_for_a_sign_in_and_one_elsewhere_is_seen(provider: Provider, tmp_path: Path) -> None:
    kept = signed_in(provider, tmp_path)
    secret = kept.read().refresh
    mine = access(provider, kept)
    provider.revoke()
    found = refusal(mine.token)
    assert found.fault is Fault.ENDED
    assert found.words.startswith("the sign-in at harbour-id has ended (invalid_grant")
    assert secret not in found.words
    assert not mine.signed_in_anew()
    kept.write(Grant(*provider.issue(), NOW + timedelta(hours=1)), NOW + timedelta(days=1))
    assert mine.signed_in_anew()
    assert mine.token().startswith("access-")


def test_a_renewal_is_not_taken_for_a_new_sign_in(provider: Provider, tmp_path: Path) -> None:
    kept = signed_in(provider, tmp_path)
    mine, other = access(provider, kept), access(provider, kept)
    other.token()
    assert not mine.signed_in_anew()
    assert not other.signed_in_anew()


def test_a_provider_that_is_down_costs_nothing_but_time(provider: Provider, tmp_path: Path) -> None:
    kept = signed_in(provider, tmp_path)
    before = kept.read()
    provider.canned.extend([Canned(503, b""), Canned(500, b"{}")])
    mine = access(provider, kept)
    assert [refusal(mine.token).fault for _ in range(2)] == [Fault.UNREACHABLE] * 2
    assert kept.read() == before
    assert mine.token().startswith("access-")


class FullDisk(Kept):
    """A file that cannot be written for as long as `full`."""

    full = True

    def write(self, grant: Grant, signed_in: datetime | None = None) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        super().write(grant, signed_in)


def test_a_token_that_cannot_be_written_is_used_from_memory_and_written_later(
    provider: Provider, tmp_path: Path
) -> None:
    signed_in(provider, tmp_path)
    kept = FullDisk(tmp_path, client(provider))
    mine = access(provider, kept)
    first = mine.token()
    mine.spent(first)
    second = mine.token()  # by a refresh token that lies nowhere but in memory
    assert second != first
    kept.full = False
    mine.spent(second)
    third = mine.token()
    assert kept.read().access == third
    assert provider.refreshes == 3


def test_threads_that_ask_at_once_renew_once_where_the_file_cannot_tell_them_either(
    provider: Provider, tmp_path: Path
) -> None:
    signed_in(provider, tmp_path)
    provider.before = lambda: time.sleep(0.2)
    mine = access(provider, FullDisk(tmp_path, client(provider)))
    with ThreadPoolExecutor(8) as pool:
        tokens = {each.result() for each in [pool.submit(mine.token) for _ in range(8)]}
    assert (len(tokens), provider.refreshes) == (1, 1)


def test_a_lock_that_is_never_given_back_is_a_fault_for_a_while(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("troth.signin.keeping._LONGEST_WAIT", 0.2)
    kept = signed_in(provider, tmp_path)
    with kept.locked():
        found = refusal(access(provider, kept).token)
    assert (found.fault, provider.refreshes) == (Fault.UNREACHABLE, 0)
    assert access(provider, kept).token().startswith("access-")
