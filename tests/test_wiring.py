"""From what the owner wrote to what the house works with: nothing he said is lost on the way."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.shop import setting, shop
from troth import clock
from troth.app.signing import SignIns, client_of, kept_of
from troth.app.wiring import imap_account, smtp_account, store_of
from troth.config import Config, load
from troth.gate import ReturnPath
from troth.model import Address, Mode, Stage
from troth.signin import Grant
from troth.store import StoreError

JO = Address("jo@client.example")


def config_of(folder: Path, *, more: str = "", change: tuple[str, str] = ("", "")) -> Config:
    found = load(shop(folder, more=more, change=change), environ={}, letters=False)
    assert found.config is not None, found.mistakes
    return found.config


def test_inbox_addresses_and_aliases_are_our_own_and_the_domain_is_ours(tmp_path: Path) -> None:
    house = setting(tmp_path).business.house
    assert house.own == {"hello@harbour.example", "info@harbour.example"}
    assert house.is_ours(Address("anybody@harbour.example"))
    assert not house.is_ours(JO)


def test_every_address_of_a_colleague_is_the_colleagues(tmp_path: Path) -> None:
    sam = "{name: Sam Fox, address: sam@harbour.example, also: [sam@home.example], away: [2026-12-01..2026-12-12]}"
    business = setting(tmp_path, change=("{name: Sam Fox, address: sam@harbour.example}", sam)).business
    assert business.owner.name == "Ada Byron"
    found = business.colleague(Address("sam@home.example"))
    assert found is not None
    assert found.away == ((date(2026, 12, 1), date(2026, 12, 12)),)
    assert "sam@home.example" in business.house.colleagues


def test_letters_settings_reach_the_gate_and_the_budgets(tmp_path: Path) -> None:
    letters = "letters: {return_path: ignore, at_most: 7 per hour, per_client: {any: 2 per 10 days}}"
    made = setting(tmp_path, change=("letters: {return_path: optional}", letters))
    assert made.business.house.return_path is ReturnPath.IGNORE
    assert made.at_most == 7
    assert (made.business.budgets.any.count, str(made.business.budgets.any)) == (2, "2 per 10 days")


@pytest.mark.parametrize("mode", Mode)
def test_an_inbox_has_the_mode_it_was_given(tmp_path: Path, mode: Mode) -> None:
    inbox = setting(tmp_path, change=("mode: observe", f"mode: {mode}")).business.inboxes["hello"]
    assert (inbox.mode, inbox.address, inbox.sends) == (mode, "hello@harbour.example", True)


def test_a_mailbox_of_which_only_sent_is_watched_sends_no_letters(tmp_path: Path) -> None:
    server = "{host: mail.harbour.example, username: sam, password: {env: SAM_PASSWORD}}"
    sams = f"  - {{name: sam, address: sam@harbour.example, watch: [sent], imap: {server}}}\n"
    made = setting(tmp_path, change=("store:", sams + "store:"))
    assert not made.business.inboxes["sam"].sends
    assert made.sender("sam").name == "hello"


def test_a_client_card_is_found_under_each_of_its_addresses(tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text(
        "- {addresses: [jo@client.example, jo@marsh.example], greeting: Jo, quiet: true, stage: friend}\n"
    )
    cards = setting(tmp_path, more="clients: clients.yaml\n").cards
    assert cards[JO] is cards[Address("jo@marsh.example")]
    assert (cards[JO].greeting, cards[JO].quiet, cards[JO].stage) == ("Jo", True, Stage.FRIEND)


def test_passwords_are_asked_for_when_they_are_needed_and_not_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = config_of(tmp_path).inboxes[0]
    assert inbox.smtp is not None
    accounts = (imap_account(inbox), smtp_account(inbox, inbox.smtp))
    monkeypatch.setenv("HELLO_PASSWORD", "secret")
    assert [account.password() for account in accounts if callable(account.password)] == ["secret", "secret"]
    monkeypatch.delenv("HELLO_PASSWORD")
    with pytest.raises(OSError, match="HELLO_PASSWORD"):
        accounts[0].password()
    assert "secret" not in repr(accounts)


OAUTH = (
    "{provider: own, client_id: troth, token_endpoint: 'http://127.0.0.1:1/token', scopes: mail, "
    "authorization_endpoint: 'http://127.0.0.1:1/auth'}"
)


def test_a_sign_in_is_shared_by_all_that_log_in_to_an_inbox_and_says_whose_fault_it_is(tmp_path: Path) -> None:
    config = config_of(tmp_path, change=("password: {env: HELLO_PASSWORD}", f"oauth: {OAUTH}"))
    inbox, sign_ins = config.inboxes[0], SignIns(config, {})
    access = sign_ins.of(inbox)
    assert access is not None
    assert inbox.smtp is not None
    accounts = (imap_account(inbox, access), smtp_account(inbox, inbox.smtp, access))
    assert [(account.oauth, account.spent == access.spent) for account in accounts] == [(True, True)] * 2
    with pytest.raises(PermissionError, match="run `troth login hello`"):
        accounts[0].password()
    client = client_of(inbox, {})
    assert client is not None
    kept = kept_of(config, inbox, client, {})
    assert kept.path == tmp_path / "state/signin-hello.json"
    kept.write(Grant("access", "refresh", clock.now() + timedelta(hours=1)), clock.now())
    assert sign_ins.anew()
    assert [account.password() for account in accounts if account.password] == ["access", "access"]
    access.spent("access")
    with pytest.raises(ConnectionError, match=r"no answer from 127\.0\.0\.1"):
        accounts[0].password()
    assert "refresh" not in repr((accounts, client, kept, access))


def test_a_sign_in_that_ends_soon_is_named_for_the_digest(tmp_path: Path) -> None:
    config = config_of(tmp_path, change=("password: {env: HELLO_PASSWORD}", f"oauth: {OAUTH}"))
    client, now = client_of(config.inboxes[0], {}), clock.now()
    assert client is not None
    kept, end = kept_of(config, config.inboxes[0], client, {}), now + timedelta(days=7)
    kept.write(Grant("access", "refresh", now, end), now)
    (ending,) = SignIns(config, {}).endings(now + timedelta(days=21))
    assert (ending.what, ending.at) == ("the sign-in of hello (run `troth login hello` before)", end)
    assert list(SignIns(config, {}).endings(now + timedelta(days=6))) == []


def test_an_inbox_with_passwords_has_no_sign_in(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    assert SignIns(config, {}).of(config.inboxes[0]) is None
    assert client_of(config.inboxes[0], {}) is None


def test_a_store_named_in_the_environment_is_opened_there(tmp_path: Path) -> None:
    config = config_of(tmp_path, change=("store: sqlite:///state/troth.db", "store: {env: TROTH_STORE}"))
    there = f"sqlite:///{tmp_path}/elsewhere.db"
    store_of(config, {"TROTH_STORE": there}, create=True).close()
    assert (tmp_path / "elsewhere.db").exists()
    with pytest.raises(StoreError, match="TROTH_STORE"):
        store_of(config, {}, create=True)
