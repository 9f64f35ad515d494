"""An inbox that signs in by OAuth, from `login` to its end and on: the daemon, Dovecot, and a provider of our own."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.conftest import running
from tests.house import COMPLAINT, PRAISE, ROOT, House, mail, until
from tests.provider import OauthDovecot, Provider, browse
from tests.servers import Dovecot
from tests.sink import Sink

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)

CONFIG = """\
business:
  name: Harbour Print
  timezone: Europe/London
  hours: {{mon-sun: "00:00-24:00"}}
  languages: [en]
  domains: [harbour.example]
colleagues:
  - {{name: Ada Byron, address: ada@harbour.example, owner: true}}
inboxes:
  - name: orders
    address: orders@harbour.example
    mode: send
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, username: orders, password: {{env: HELLO_PASSWORD}}}}
    smtp: {{host: 127.0.0.1, port: {other}, tls: none}}
    poll: 2 seconds
  - name: hello
    address: hello@harbour.example
    mode: send
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, username: {user}, oauth: {oauth}}}
    smtp: {{host: 127.0.0.1, port: {smtp}, tls: none, username: {user}, oauth: {{provider: harbour-id}}}}
    poll: 2 seconds
digest: none
letters: {{return_path: optional}}
plans:
  complaint: [{{letter: complaint/acknowledgement, after: 0 seconds, unless: [answered]}}]
  praise: [{{letter: praise/thank-you, after: 0 seconds}}]
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as made:
        yield made


@pytest.fixture(scope="module")
def dovecot(provider: Provider) -> Iterator[Dovecot]:
    yield from running(lambda: OauthDovecot(provider))


@pytest.fixture(scope="module")
def bearer_only(provider: Provider) -> Iterator[Dovecot]:
    yield from running(lambda: OauthDovecot(provider, "oauthbearer"))


class Signing(House):
    """A house whose inbox `hello` signs in at a provider, and whose owner hears of it through another inbox."""

    provider: Provider
    other: Sink
    ways = "device"

    def write(self, **_: object) -> None:
        """Its own config.yaml."""
        said = self.provider.yaml(device=self.ways == "device")
        text = CONFIG.format(
            imap=self.dovecot.imap_port, smtp=self.sink.port, other=self.other.port, user=self.user, oauth=said
        )
        (self.folder / "config.yaml").write_text(text)

    def logging_in(self, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(ROOT / "daemon.py"), "login", "hello", *options]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def log_in(self) -> tuple[int, str]:
        """Sign in by a code, as a person would; how `login` ended and what it said."""
        with self.logging_in() as login:
            assert login.stdout is not None
            shown = login.stdout.readline() + login.stdout.readline()
            assert "WDJB-MJHT" in shown, shown
            self.provider.approve()
            out, err = login.communicate(timeout=60)
        return login.returncode, shown + out + err

    def hello(self) -> dict[str, object]:
        until((self.folder / "state/troth.db").exists, 30)
        found = self.status()["inboxes"]
        assert isinstance(found, list)
        return next(inbox for inbox in found if inbox["name"] == "hello")

    def watching(self) -> bool:
        both = len(re.findall(r"inbox=hello folder=\S+ state=watching", self.log())) >= 2
        return both and self.hello()["state"] == "watching"

    @property
    def kept(self) -> Path:
        return self.folder / "state/signin-hello.json"


Make = Callable[..., Signing]


@pytest.fixture
def house(tmp_path: Path, provider: Provider, dovecot: Dovecot) -> Iterator[Make]:
    open_ones: list[Sink | House] = []

    def make(server: Dovecot = dovecot, ways: str = "device", mechanisms: str = "XOAUTH2") -> Signing:
        provider.user = f"oauth{next(_NUMBERS)}"
        provider.life = 3600
        provider.asked.clear()
        sink = Sink(knows=provider.knows, mechanisms=mechanisms).__enter__()
        open_ones.append(sink)
        Signing.provider, Signing.other, Signing.ways = provider, Sink().__enter__(), ways
        open_ones.append(Signing.other)
        made = Signing(tmp_path, server, sink, provider.user, program=ROOT / "tests" / "hasty.py")
        open_ones.insert(0, made.__enter__())
        return made

    yield make
    for one in open_ones:
        one.__exit__(None, None, None)


def test_login_watching_renewing_revoking_telling_and_login_again(house: Make, provider: Provider) -> None:
    hello = house()
    code, said = hello.log_in()
    assert code == 0, said
    assert f"sign in as {provider.user}" in said
    assert said.count("logged in") == 2
    assert stat.S_IMODE(hello.kept.stat().st_mode) == 0o600

    provider.life = 4
    provider.revoke(refresh=False)  # the first log-in is refused, and made good by a renewal
    hello.start(wait=False)
    until(hello.watching, 30)
    assert provider.refreshes >= 1
    hello.deliver(mail(COMPLAINT))
    until(lambda: hello.sink.mails)
    assert hello.sink.mails[0].login == provider.user

    before = provider.refreshes
    time.sleep(4)
    hello.dovecot.kill_imap_processes()
    hello.sink.cut()
    hello.deliver(mail(PRAISE, sender="Bo <bo@client.example>", subject="Brochures"))
    until(lambda: len(hello.sink.mails) >= 2, 30)
    until(hello.watching, 30)
    assert before < provider.refreshes <= before + 3, (
        "one renewal serves all threads, again once its 4 seconds are over"
    )

    provider.revoke()
    hello.dovecot.kill_imap_processes()
    until(lambda: hello.hello()["state"] == "retrying", 30)
    assert "run `troth login hello`" in str(until(lambda: hello.hello()["error"], 30))
    assert "login hello" in hello.command("status").stdout
    told = until(lambda: [kept for kept in hello.other.mails if b"login hello" in kept.raw.replace(b"=20", b" ")], 30)
    assert told[0].recipients == ("ada@harbour.example",)

    provider.life = 3600
    hello.deliver(mail(PRAISE, sender="Cy <cy@client.example>", subject="Flyers"))
    code, said = hello.log_in()
    assert code == 0, said
    until(hello.watching, 15)
    until(lambda: len(hello.sink.mails) >= 3, 30)
    assert hello.stop() == 0
    _nothing_secret_lies_about(hello)


def test_letters_wait_for_a_sign_in_and_leave_after_it(house: Make, provider: Provider) -> None:
    hello = house()
    assert hello.log_in()[0] == 0
    hello.start(wait=False)
    until(hello.watching, 30)
    provider.revoke()
    hello.deliver(mail(COMPLAINT))  # the watch has its connection still
    until(lambda: "letters wait: somebody has to sign in again" in str(hello.hello()["error"]), 30)
    told = until(lambda: [kept.raw for kept in hello.other.mails if b"No letters leave" in kept.raw], 30)
    assert b"login hello" in told[0].replace(b"=\n", b"")
    assert hello.sink.mails == []
    code, said = hello.log_in()
    assert code == 0, said
    until(lambda: hello.sink.mails, 30)
    until(hello.watching, 30)
    assert [kept.recipients for kept in hello.sink.mails] == [("jo@client.example",)]
    assert hello.stop() == 0


def _nothing_secret_lies_about(hello: Signing) -> None:
    """Neither in the log nor in the store nor anywhere but in its own file."""
    secret = re.compile(rb"(?:access|refresh)-[A-Za-z0-9_-]{20}")
    holding = [path for path in hello.folder.rglob("*") if path.is_file() and secret.search(path.read_bytes())]
    assert holding == [hello.kept]


def test_a_sign_in_by_a_link_is_proved_and_taken_up_by_a_running_daemon(house: Make) -> None:
    hello = house(ways="link")
    hello.start(wait=False)
    until(lambda: hello.hello()["state"] == "retrying", 30)
    assert "nobody has signed in at harbour-id yet; run `troth login hello`" in str(hello.hello()["error"])
    with hello.logging_in() as login:
        assert login.stdout is not None
        lines = iter(login.stdout.readline, "")
        link = next(line.strip() for line in lines if line.startswith("http"))
        status, page = browse(link)
        out, err = login.communicate(timeout=60)
    assert (login.returncode, status) == (0, 200), out + err
    assert "signed in" in page
    until(hello.watching, 15)
    hello.deliver(mail(COMPLAINT))
    until(lambda: hello.sink.mails, 20)
    assert hello.stop() == 0


def test_a_server_that_offers_oauthbearer_alone_is_logged_in_to(house: Make, bearer_only: Dovecot) -> None:
    hello = house(server=bearer_only, mechanisms="OAUTHBEARER")
    code, said = hello.log_in()
    assert code == 0, said
    done = hello.command("check", "--connect")
    assert done.returncode == 0, done.stdout
    assert re.search(r"ok +hello, imap .*logged in", done.stdout)
    assert re.search(r"ok +hello, smtp .*logged in", done.stdout)


def test_a_refused_token_is_renewed_where_oauthbearer_alone_is_offered(
    house: Make, bearer_only: Dovecot, provider: Provider
) -> None:
    hello = house(server=bearer_only, mechanisms="OAUTHBEARER")
    assert hello.log_in()[0] == 0
    provider.revoke(refresh=False)
    before = provider.refreshes
    assert hello.command("check", "--connect").returncode == 0
    assert provider.refreshes == before + 1
    assert hello.command("check", "--connect").returncode == 0
    assert provider.refreshes == before + 1, "what one command renewed the next one finds"


def test_a_sign_in_as_somebody_else_is_not_kept(house: Make, provider: Provider) -> None:
    hello = house()
    with hello.logging_in() as login:
        assert login.stdout is not None
        login.stdout.readline()
        login.stdout.readline()
        provider.user = "somebody-else"
        provider.approve()
        _, err = login.communicate(timeout=60)
    assert login.returncode == 1
    assert "the mailbox refuses this sign-in, so it is not kept" in err
    assert err.count("\n") == 1
    assert not hello.kept.exists()


def test_check_warns_of_a_login_that_is_still_to_be_run_and_connect_says_so_too(house: Make) -> None:
    hello = house()
    done = hello.command("check")
    assert done.returncode == 0
    assert "config.yaml:19:" in done.stdout
    assert "warning: hello: nobody has signed in at harbour-id yet; run `troth login hello`" in done.stdout
    done = hello.command("check", "--connect")
    assert done.returncode == 3
    assert re.search(r"no +hello, imap .*nobody has signed in", done.stdout)
    assert hello.log_in()[0] == 0
    assert "login" not in hello.command("check").stdout


def test_a_provider_that_is_down_is_retried_and_nobody_is_asked_to_sign_in(house: Make, provider: Provider) -> None:
    from tests.provider import Canned  # noqa: PLC0415 - beside its use

    hello = house()
    assert hello.log_in()[0] == 0
    provider.revoke(refresh=False)
    provider.canned.extend(Canned(503, b"down") for _ in range(6))
    hello.start(wait=False)
    until(lambda: "HTTP 503" in hello.log(), 30)
    assert "login hello" not in hello.log()
    until(hello.watching, 60)
    provider.canned.clear()
    assert hello.stop() == 0
    assert not [kept for kept in hello.other.mails if b"login" in kept.raw]
