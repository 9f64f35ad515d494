"""`login`: signing in for an inbox, as it looks in a terminal."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.command import Ran, Shell
from tests.imap import FakeImap
from tests.provider import Canned, Provider, browse, error, landing
from tests.sink import Sink
from troth import clock
from troth.signin import loopback

CONFIG = """\
business: {{name: Harbour Print, timezone: Europe/London}}
colleagues: [{{name: Ada Byron, address: ada@harbour.example, owner: true}}]
inboxes:
  - name: hello
    address: hello@harbour.example
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, username: hello@harbour.example, oauth: {oauth}}}
    smtp: {{host: 127.0.0.1, port: {smtp}, tls: none, username: hello@harbour.example, oauth: {{provider: harbour-id}}}}
  - name: sam
    address: sam@harbour.example
    watch: [sent]
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, username: sam, password: {{env: SAM_PASSWORD}}}}
{store}
"""


@dataclass
class Desk:
    """A folder with a configuration, and what it leads to."""

    shell: Shell
    provider: Provider
    imap: FakeImap
    smtp: Sink

    def write(self, *, store: str = "", device: bool = True, link: bool = True, more: str = "") -> None:
        oauth = self.provider.yaml(device=device, link=link, more=more)
        text = CONFIG.format(imap=self.imap.port, smtp=self.smtp.port, oauth=oauth, store=store)
        (self.shell.folder / "config.yaml").write_text(text)

    @property
    def kept(self) -> Path:
        return self.shell.folder / "state/signin-hello.json"

    def log_in(self, *options: str) -> Ran:
        return self.shell("login", "hello", *options)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    with (
        Provider(person="approved") as provider,
        FakeImap() as imap,
        Sink(knows=provider.knows, mechanisms="XOAUTH2") as smtp,
    ):
        made = Desk(Shell(tmp_path, capsys), provider, imap, smtp)
        made.write()
        yield made


def test_a_sign_in_by_a_code_shows_where_and_what_proves_itself_and_is_kept(desk: Desk) -> None:
    ran = desk.log_in()
    assert (ran.code, ran.err) == (0, "")
    shown = ran.out.splitlines()
    assert shown[0] == f"Open {desk.provider.at('enter')} in any browser,"
    assert shown[1] == "enter the code WDJB-MJHT and sign in as hello@harbour.example."
    assert shown[2] == "signed in at harbour-id; trying it:"
    assert shown[3].startswith(f"ok  hello, imap 127.0.0.1:{desk.imap.port}: logged in")
    assert shown[4] == f"ok  hello, smtp 127.0.0.1:{desk.smtp.port}: logged in"
    assert shown[5] == f"kept in {desk.kept}, for the daemon alone; a running one takes it up by itself"
    assert stat.S_IMODE(desk.kept.stat().st_mode) == 0o600


def test_a_sign_in_that_ends_by_itself_is_said_to(desk: Desk) -> None:
    desk.provider.ends = 604_800
    end = clock.now() + timedelta(days=7)
    assert f"this sign-in ends by itself on {end:%Y-%m-%d}" in desk.log_in().out
    desk.provider.ends = None
    assert "ends by itself" not in desk.log_in().out


def test_each_sign_in_can_be_told_from_the_one_before(desk: Desk) -> None:
    moments = set()
    for _ in range(2):
        assert desk.log_in().code == 0
        moments.add(json.loads(desk.kept.read_text())["signed_in"])
    assert len(moments) == 2
    assert None not in moments


def test_no_token_and_no_device_code_is_printed(desk: Desk) -> None:
    ran = desk.log_in()
    device_code = next(form["device_code"] for _, form in desk.provider.asked if "device_code" in form)
    for secret in ("access-", "refresh-", device_code):
        assert secret not in ran.out + ran.err


def test_a_sign_in_by_a_link_prints_it_with_what_to_do_where_the_browser_is_elsewhere(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    links: list[str] = []
    real = loopback.Doorway.await_grant

    def opened(doorway: loopback.Doorway, *about: object) -> object:
        links.append(doorway.link)
        with ThreadPoolExecutor() as pool:
            pool.submit(browse, doorway.link)
            return real(doorway, *about)  # type: ignore[arg-type]  # what the command says

    monkeypatch.setattr(loopback.Doorway, "await_grant", opened)
    ran = desk.log_in("--link")
    assert (ran.code, ran.err) == (0, "")
    assert links[0] in ran.out.splitlines()
    assert "ssh -L " in ran.out
    assert "code=" not in ran.out
    assert desk.kept.exists()


def test_a_provider_without_codes_is_signed_in_at_by_a_link(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "SECONDS", 0.1)
    desk.write(device=False)
    ran = desk.log_in()
    assert (ran.code, desk.provider.asked) == (1, [])
    assert ran.err == "troth: nobody signed in within a quarter of an hour\n"
    assert landing(next(line for line in ran.out.splitlines() if line.startswith("http"))).startswith(
        "http://127.0.0.1"
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nobody"], 1, "there is no inbox `nobody`; there are: hello, sam"),
        (["sam"], 2, "sam logs in with a password; `oauth:` instead of `password:` in config.yaml is for signing in"),
        (["hello", "--port", "70000"], 2, "70000 is no port"),
        (["hello", "--config", "elsewhere.yaml"], 2, "elsewhere.yaml is not there; `init .` writes a first one, …"),
    ],
)
def test_what_cannot_be_signed_in_is_said_in_one_line(desk: Desk, words: list[str], code: int, said: str) -> None:
    found = desk.shell.refused("login", *words, code=code)
    assert found.startswith(said.removesuffix("…"))
    assert desk.provider.asked == []


def test_a_link_that_is_not_known_is_not_offered(desk: Desk) -> None:
    desk.write(link=False)
    assert desk.shell.refused("login", "hello", "--link").startswith("no authorization_endpoint of harbour-id is known")


def test_a_port_that_somebody_else_has_is_named(desk: Desk) -> None:
    found = desk.shell.refused("login", "hello", "--link", "--port", str(desk.imap.port))
    assert found.startswith(f"port {desk.imap.port} of this machine cannot be had")


@pytest.mark.parametrize(
    ("person", "said"),
    [("declined", "the sign-in was declined at harbour-id"), ("expired", "the code was not entered in time")],
)
def test_a_person_who_says_no_or_comes_too_late_ends_it_and_nothing_is_kept(desk: Desk, person: str, said: str) -> None:
    desk.provider.person = person
    ran = desk.log_in()
    assert (ran.code, ran.err) == (1, f"troth: {said}\n")
    assert not desk.kept.exists()


def test_a_client_that_the_provider_does_not_know_is_pointed_to_oauth(desk: Desk) -> None:
    desk.provider.canned.append(error("unauthorized_client", "AADSTS700016: no application with that id"))
    found = desk.shell.refused("login", "hello", code=1)
    assert found == (
        "harbour-id refuses this client (unauthorized_client: AADSTS700016: no application with that id); "
        "look at `oauth:` in config.yaml"
    )


def test_a_provider_out_of_reach_is_three(desk: Desk) -> None:
    desk.provider.canned.append(Canned(503, b"down"))
    assert "no answer from 127.0.0.1: HTTP 503" in desk.shell.refused("login", "hello", code=3)


def test_a_client_secret_that_is_not_set_is_said_before_anything_is_asked(desk: Desk) -> None:
    desk.write(more="client_secret: {env: TROTH_CLIENT_UNSET}")
    assert "TROTH_CLIENT_UNSET is not set" in desk.shell.refused("login", "hello", code=1)
    assert desk.provider.asked == []


def test_a_mailbox_that_refuses_the_sign_in_leaves_the_one_of_before_alone(desk: Desk) -> None:
    assert desk.log_in().code == 0
    before = desk.kept.read_bytes()
    desk.imap.answers["AUTHENTICATE"] = ["+ \r\n{tag} NO [AUTHENTICATIONFAILED] no\r\n"]
    ran = desk.log_in()
    assert ran.code == 1
    assert ran.err == (
        "troth: the mailbox refuses this sign-in, so it is not kept; was it as hello@harbour.example, and may that "
        "mailbox be read by IMAP?\n"
    )
    assert desk.kept.read_bytes() == before


def test_a_sending_server_that_refuses_it_is_said_and_the_sign_in_kept(desk: Desk) -> None:
    desk.smtp.knows = lambda *_: False
    ran = desk.log_in()
    assert ran.code == 1
    assert "no  hello, smtp" in ran.out
    assert "a server refuses it: see above" in ran.err
    assert desk.kept.exists()


def test_a_mail_server_out_of_reach_costs_no_second_sign_in(desk: Desk) -> None:
    desk.imap.greeting = "* BYE [UNAVAILABLE] later\r\n"
    ran = desk.log_in()
    assert ran.code == 3
    assert "not every server could be tried: see above" in ran.err
    assert desk.kept.exists()


def test_a_folder_that_cannot_be_made_is_named(desk: Desk) -> None:
    (desk.shell.folder / "state").write_text("in the way")
    ran = desk.log_in()
    assert (ran.code, ran.err) == (2, "troth: signin-hello.json cannot be used: File exists; look at its folder\n")


def test_with_postgresql_it_is_kept_beside_the_configuration_or_where_that_says(desk: Desk) -> None:
    desk.write(store="store: postgresql://troth@127.0.0.1:1/troth")
    assert desk.log_in().code == 0
    assert desk.kept.exists()
    desk.write(store="store: postgresql://troth@127.0.0.1:1/troth", more="state: elsewhere")
    assert desk.log_in().code == 0
    assert (desk.shell.folder / "elsewhere/signin-hello.json").exists()


def test_it_is_kept_beside_the_sqlite_file_or_where_the_configuration_says(desk: Desk) -> None:
    desk.write(store="store: sqlite:///var/lib/troth.db")
    assert desk.log_in().code == 0
    assert (desk.shell.folder / "var/lib/signin-hello.json").exists()
    desk.write(store="store: sqlite:///var/lib/troth.db", more="state: elsewhere")
    assert desk.log_in().code == 0
    assert (desk.shell.folder / "elsewhere/signin-hello.json").exists()


def test_check_warns_until_somebody_has_signed_in_and_again_when_the_settings_change(desk: Desk) -> None:
    ran = desk.shell("check", "--json")
    (found,) = [each for each in ran.objects if "signed in" in each["message"]]
    assert (ran.code, found["severity"], found["line"]) == (0, "warning", 6)
    assert found["message"] == "hello: nobody has signed in at harbour-id yet"
    assert found["mend"] == "run `troth login hello`"
    assert desk.log_in().code == 0
    assert not [each for each in desk.shell("check", "--json").objects if "sign" in each["message"]]
    desk.provider.client_id = "another"
    desk.write()
    (found,) = [each for each in desk.shell("check", "--json").objects if "sign" in each["message"]]
    assert found["message"] == "hello: the sign-in that is kept was made with other settings"
