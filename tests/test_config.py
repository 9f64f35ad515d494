"""Every mistake an owner can make in config.yaml is found, with its place and the mend."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import troth
from troth.config import (
    Config,
    Loaded,
    Origin,
    ReturnPath,
    Secret,
    SecretError,
    Watch,
    load,
    unset_secrets,
)
from troth.config.files import below
from troth.config.usual import usual_plans
from troth.hours import Duration, Unit
from troth.model import Mode
from troth.place import Gravity

HERE = Path(__file__).parent
ROOT = HERE.parent
BROKEN = sorted((HERE / "config").glob("*.yaml"))
LEAST = """\
business: {name: Harbour Print, timezone: Europe/London}
colleagues: [{name: Ada Byron, address: ada@harbour.example, owner: true}]
inboxes:
  - name: hello
    address: hello@harbour.example
    imap: {host: imap.harbour.example, username: hello, password: {env: HELLO_PASSWORD}}
    smtp: {host: smtp.harbour.example, username: hello, password: {env: HELLO_PASSWORD}}
"""
RULES = """\
tone: complaint
language: en
thresholds: {complaint: {doubtful: 0.5, tone: 0.8, sure: 2}, praise: {doubtful: 0.5, tone: 0.8, sure: 2}}
rules: [{name: asks for the money back, any: [refund], tags: [money, late]}]
"""


@pytest.fixture(scope="module", autouse=True)
def small_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The program with its letters and one shipped rule: reading them all takes most of the time."""
    package = tmp_path_factory.mktemp("small") / "troth"
    (package / "shipped/rules/en").mkdir(parents=True)
    (package / "shipped/rules/en/complaint.yaml").write_text(RULES)
    (package / "shipped/rules/en/complaint.test.yaml").write_text("- {mail: a refund, tone: [praise]}\n")
    shutil.copytree(ROOT / "templates", package / "shipped/templates")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(troth, "__file__", str(package / "__init__.py"))
        yield


def reading(folder: Path, text: str, *, environ: dict[str, str] | None = None, tests: bool = False) -> Loaded:
    """What comes of a config.yaml with this text."""
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ=environ or {}, tests=tests, letters=False)


def config(folder: Path, text: str = LEAST) -> Config:
    loaded = reading(folder, text)
    assert loaded.config is not None, [str(mistake) for mistake in loaded.mistakes]
    return loaded.config


def said(loaded: Loaded) -> list[str]:
    return [str(mistake) for mistake in loaded.mistakes]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_each_broken_file_is_told_exactly_its_own_mistakes_in_their_places(path: Path) -> None:
    expected = [line.removeprefix("#! ") for line in path.read_text().splitlines() if line.startswith("#! ")]
    assert expected, "a file of this folder says what is wrong with it"
    found = [line.removeprefix(f"{path}:") for line in said(load(path, environ={}, letters=False))]
    for wanted, got in zip(expected, found, strict=True):
        assert got.startswith(wanted.removesuffix("…")) if wanted.endswith("…") else got == wanted


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_every_mistake_has_a_mend_and_only_warnings_leave_a_configuration(path: Path) -> None:
    loaded = load(path, environ={}, letters=False)
    assert all(mistake.mend for mistake in loaded.mistakes)
    only_warnings = all(mistake.gravity is Gravity.WARNING for mistake in loaded.mistakes)
    assert (loaded.config is not None) == only_warnings


def test_a_password_in_the_file_is_never_repeated_in_what_is_said_of_it() -> None:
    for name, secret in (
        ("password-in-the-file", "hunter2"),
        ("store-with-a-password", ":secret@"),
        ("oauth-secret-in-the-file", "GOCSPX"),
        ("oauth-endpoint-no-address", "troth:secret"),
    ):
        found = said(load(HERE / f"config/{name}.yaml", environ={}, letters=False))
        assert found
        assert secret not in "".join(found)


def signing_in(oauth: str, smtp: str = "oauth: {provider: google}") -> str:
    """LEAST, with a sign-in in place of its passwords."""
    first, _, second = LEAST.rpartition("password: {env: HELLO_PASSWORD}")
    return first.replace("password: {env: HELLO_PASSWORD}", f"oauth: {oauth}") + smtp + second


def test_gmail_is_asked_by_a_link_alone_for_the_one_permission_its_mail_servers_take(tmp_path: Path) -> None:
    said = "{provider: google, client_id: troth, client_secret: {env: TROTH_CLIENT}}"
    inbox = config(tmp_path, signing_in(said)).inboxes[0]
    assert inbox.oauth is not None
    asked = inbox.oauth.endpoints
    assert asked.device_authorization_endpoint is None
    assert asked.authorization_endpoint == "https://accounts.google.com/o/oauth2/v2/auth"
    assert (asked.token_endpoint, asked.scopes) == (
        "https://oauth2.googleapis.com/token",
        ("https://mail.google.com/",),
    )
    assert dict(asked.asks) == {"access_type": "offline", "prompt": "consent"}


def test_microsoft_is_asked_in_the_business_s_own_tenant_by_code_or_by_link(tmp_path: Path) -> None:
    said = "{provider: microsoft, tenant: harbour.onmicrosoft.com, client_id: troth}"
    inbox = config(tmp_path, signing_in(said, "oauth: {provider: microsoft}")).inboxes[0]
    assert inbox.oauth is not None
    asked, base = inbox.oauth.endpoints, "https://login.microsoftonline.com/harbour.onmicrosoft.com/oauth2/v2.0"
    assert asked.device_authorization_endpoint == f"{base}/devicecode"
    assert (asked.authorization_endpoint, asked.token_endpoint) == (f"{base}/authorize", f"{base}/token")
    assert asked.scopes == (
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send",
        "offline_access",
    )
    assert asked.redirect_host == "localhost"


def test_one_s_own_endpoints_stand_in_for_those_that_are_known(tmp_path: Path) -> None:
    own = 'token_endpoint: "https://login.microsoftonline.us/t/oauth2/v2.0/token"'
    said = f"{{provider: microsoft, tenant: t, client_id: troth, {own}}}"
    inbox = config(tmp_path, signing_in(said, "oauth: {provider: microsoft}")).inboxes[0]
    assert inbox.oauth is not None
    assert inbox.oauth.endpoints.token_endpoint == "https://login.microsoftonline.us/t/oauth2/v2.0/token"
    assert inbox.oauth.endpoints.authorization_endpoint == "https://login.microsoftonline.com/t/oauth2/v2.0/authorize"


def test_a_client_secret_is_a_secret_like_any_other(tmp_path: Path) -> None:
    said = "{provider: google, client_id: troth, client_secret: {env: TROTH_CLIENT}}"
    found = config(tmp_path, signing_in(said))
    (missing,) = unset_secrets(found, {})
    assert missing.message == "the environment variable TROTH_CLIENT is not set"
    assert missing.place.line == 6
    assert unset_secrets(found, {"TROTH_CLIENT": "s"}) == []


def test_reading_the_same_again_with_another_line_above_changes_no_inbox(tmp_path: Path) -> None:
    """Or every edit would end all connections."""
    said = signing_in("{provider: google, client_id: troth, client_secret: {env: TROTH_CLIENT}}")
    assert config(tmp_path, said).inboxes == config(tmp_path, f"# a remark\n{said}").inboxes


def test_what_is_left_out_is_filled_in_as_the_contract_says(tmp_path: Path) -> None:
    found = config(tmp_path)
    inbox = found.inboxes[0]
    assert inbox.mode is Mode.OBSERVE
    assert inbox.watch == {Watch.INBOX, Watch.SENT}
    assert inbox.sends
    assert inbox.poll == Duration(60, Unit.SECONDS)
    assert inbox.smtp is not None
    assert (inbox.imap.port, inbox.smtp.port) == (993, 465)
    assert (inbox.folders.inbox, inbox.folders.sent, inbox.folders.drafts) == ("INBOX", "auto", "auto")
    assert inbox.authserv_id is None
    assert found.store.reveal({}) == f"sqlite:///{tmp_path}/state/troth.db"
    limits = found.letters
    assert str(limits.per_client.acknowledgement) == "1 per day"
    assert str(limits.per_client.follow_up) == "1 per 7 days"
    assert str(limits.per_client.any) == "3 per 30 days"
    assert (str(limits.at_most), str(limits.oldest), limits.return_path) == (
        "60 per hour",
        "12 hours",
        ReturnPath.REQUIRED,
    )
    assert found.settle == Duration(7, Unit.BUSINESS_DAYS)
    assert (str(found.keep.text), str(found.keep.journal)) == ("90 days", "3 years")
    assert found.health is None
    assert found.business.languages == ("en",)
    assert found.plans == usual_plans()


def test_a_key_with_nothing_behind_it_counts_as_left_out(tmp_path: Path) -> None:
    assert config(tmp_path, LEAST + "plans:\nkeep:\nnot_clients:\n") == config(tmp_path)


def test_the_digest_can_be_switched_off(tmp_path: Path) -> None:
    assert config(tmp_path, LEAST + "digest: none\n").digest is None


def test_one_word_may_stand_for_a_list_of_one(tmp_path: Path) -> None:
    found = config(tmp_path, LEAST + "not_clients: '*@supplier.example'\nrules: shipped:en\n")
    assert found.not_clients == ("*@supplier.example",)
    assert found.rules == ("shipped:en",)


def test_a_colleagues_own_mailbox_needs_no_smtp_and_sends_nothing(tmp_path: Path) -> None:
    own = """\
  - name: sam
    address: sam@harbour.example
    watch: [sent]
    imap: {host: imap.harbour.example, username: sam, password: {file: secrets/sam}}
"""
    inbox = config(tmp_path, LEAST + own).inboxes[1]
    assert not inbox.sends
    assert inbox.imap.password == Secret(Origin.FILE, str(tmp_path / "secrets/sam"))


@pytest.mark.parametrize("letter", ["\\n", "\\r", "\\x7f", "\\N", "\\L", "\\0"])
def test_no_control_character_comes_in_by_an_escape(tmp_path: Path, letter: str) -> None:
    loaded = reading(tmp_path, LEAST.replace("Harbour Print", f'"Harbour{letter}Bcc: x"'))
    assert [mistake.message for mistake in loaded.mistakes] == [
        "a line break or a control character stands in this text"
    ]


def test_tls_may_be_none_to_this_machine_itself_by_any_of_its_names(tmp_path: Path) -> None:
    for host in ("127.0.0.1", "127.9.9.9", "'::1'", "localhost"):
        text = LEAST.replace("host: imap.harbour.example", f"host: {host}, tls: none")
        assert config(tmp_path, text).inboxes[0].imap.port == 143


def test_paths_count_from_the_configuration_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "firm").mkdir()
    (tmp_path / "firm/own").mkdir()
    (tmp_path / "firm/clients.yaml").write_text("- {addresses: [jo@client.example], stage: best friend}\n")
    monkeypatch.chdir(tmp_path)
    loaded = reading(Path("firm"), LEAST + "clients: clients.yaml\nrules: [shipped:en, own/]\nsettle: x\n")
    assert [mistake.place.file for mistake in loaded.mistakes] == ["firm/config.yaml"]
    assert loaded.clients[0].addresses == ("jo@client.example",)
    assert Path("firm/clients.yaml") in loaded.files


def test_mistakes_in_all_files_are_told_at_once_those_of_the_configuration_first(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/a.yaml").write_text("tone: complaint\nlanguage: en\nrules:\n  - {name: x, anny: [y]}\n")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/thank you.txt").write_text("Subject: x\n\ny\n")
    (tmp_path / "clients.yaml").write_text("- {addresses: [jo@client.example, jo@client.example]}\n")
    text = "rules: [shipped:en, rules/]\ntemplates: templates/\nclients: clients.yaml\ncolour: red\n"
    places = [mistake.place.file.removeprefix(f"{tmp_path}/") for mistake in reading(tmp_path, LEAST + text).mistakes]
    assert places[0] == "config.yaml"
    assert set(places) == {"config.yaml", "rules/a.yaml", "templates/thank you.txt", "clients.yaml"}


def test_a_mistake_in_a_template_of_ones_own_is_found(tmp_path: Path) -> None:
    (tmp_path / "own/praise").mkdir(parents=True)
    (tmp_path / "own/praise/thank-you.txt").write_text("Subject: Thanks\n\n{{ cleint.greeting }},\n")
    (tmp_path / "config.yaml").write_text(LEAST + "templates: own\n")
    found = [m for m in load(tmp_path / "config.yaml", environ={}).mistakes if "thank-you" in m.place.file]
    assert found
    assert found[0].place.line == 3


def test_a_shipped_letter_stands_in_for_one_that_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    loaded = reading(tmp_path, LEAST + "templates: own\n")
    assert loaded.letters is not None
    assert "complaint/acknowledgement" in loaded.letters


def test_rules_of_ones_own_are_tested_and_the_shipped_tests_left_to_the_shipped_rules(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/own.test.yaml").write_text('- {mail: "Thank you for the price list.", tone: [complaint]}\n')
    loaded = reading(tmp_path, LEAST + "rules: [shipped:en, rules/]\n", tests=True)
    assert loaded.tests == 1
    assert [mistake.place.file for mistake in loaded.mistakes] == [f"{tmp_path}/rules/own.test.yaml"]
    assert loaded.config is None


def test_a_folder_that_holds_a_pack_named_before_does_no_harm(tmp_path: Path) -> None:
    loaded = reading(tmp_path, LEAST + f"rules: [shipped:en, {ROOT}/rules]\n")
    assert [line for line in said(loaded) if "rules" in line] == []


def test_a_language_without_rules_is_warned_of_and_nothing_else_breaks(tmp_path: Path) -> None:
    text = LEAST.replace("Europe/London}", "Europe/London, languages: [en, cy]}")
    loaded = reading(tmp_path, text)
    assert loaded.config is not None
    assert [mistake.gravity for mistake in loaded.mistakes] == [Gravity.WARNING]


def test_a_folder_that_cannot_be_opened_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules").mkdir()
    monkeypatch.setattr("troth.config.loading.below", locked(tmp_path / "rules"))
    [mistake] = reading(tmp_path, LEAST + "rules: [shipped:en, rules/]\n").mistakes
    assert str(mistake) == f"{tmp_path}/rules:1:1: it cannot be read (Permission denied); mend its permissions"


def locked(folder: Path) -> Callable[[Path, tuple[str, ...]], list[Path]]:
    """Looks into folders as ever, one of them excepted."""

    def look(path: Path, endings: tuple[str, ...]) -> list[Path]:
        if path == folder:
            raise PermissionError(13, "Permission denied", str(folder))
        return list(below(path, endings))

    return look


def test_an_installed_program_has_its_rules_and_letters_within_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages/troth"
    for kind in ("rules", "templates"):
        shutil.copytree(ROOT / kind, package / "shipped" / kind)
    monkeypatch.setattr(troth, "__file__", str(package / "__init__.py"))
    loaded = reading(tmp_path, LEAST)
    assert loaded.config is not None
    inside = [path for path in loaded.files if path.is_relative_to(package)]
    assert len(inside) == len(loaded.files) - 1


def test_a_file_that_is_not_there_is_one_mistake() -> None:
    loaded = load(Path("nowhere/config.yaml"), environ={})
    assert said(loaded) == ["nowhere/config.yaml:1:1: there is no such file; write it, or mend the path"]
    assert loaded.files == (Path("nowhere/config.yaml"),)


# clients.yaml

CLIENTS: list[tuple[str, str]] = [
    ("jo: {}", "1:1: clients stand in a list; begin each client with a dash"),
    ("- {name: Jo}", "1:3: a client lacks `addresses`; add `addresses: [jo@client.example]`"),
    ("- {addresses: [jo]}", "1:16: `jo` is no mail address; write it as name@domain.example"),
    (
        "- {addresses: [jo@client.example], stage: frend}",
        "1:43: `frend` is not known here; did you mean `friend`",
    ),
    (
        "- {addresses: [jo@client.example], langauge: en}",
        "1:36: a client has no key `langauge`; did you mean `language`",
    ),
    (
        "- {addresses: [jo@client.example], language: no}",
        '1:46: `no` is read as false; write "no" in quotes',
    ),
    (
        "- {addresses: [jo@client.example]}\n- {addresses: [kim@client.example, Jo@client.example]}",
        "2:36: `Jo@client.example` is given twice (first in line 1); one address belongs to one client",
    ),
    (
        "- {addresses: [ada@harbour.example]}",
        "1:16: `ada@harbour.example` is one of your own addresses; take it out of clients",
    ),
    (
        "- {addresses: [post@supplier.example]}",
        "1:16: warning: `post@supplier.example` is under not_clients as well, which counts; take it out of one of them",
    ),
]


@pytest.mark.parametrize(("text", "expected"), CLIENTS, ids=[expected for _, expected in CLIENTS])
def test_a_mistake_in_clients_yaml_has_its_place_and_mend(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "clients.yaml").write_text(text + "\n")
    loaded = reading(tmp_path, LEAST + "clients: clients.yaml\nnot_clients: ['*@supplier.example']\n")
    assert said(loaded) == [f"{tmp_path}/clients.yaml:{expected}"]


def test_a_clients_file_with_comments_alone_is_a_business_without_known_clients(tmp_path: Path) -> None:
    (tmp_path / "clients.yaml").write_text("# nobody yet\n")
    loaded = reading(tmp_path, LEAST + "clients: clients.yaml\n")
    assert (loaded.clients, said(loaded)) == ((), [])


# secrets

GOT: list[tuple[str, Callable[[Path], Secret]]] = [
    ("from the environment", lambda _: Secret(Origin.ENV, "SECRET")),
    ("from a file", lambda folder: Secret(Origin.FILE, str(folder / "secret"))),
    ("from a command", lambda _: Secret(Origin.COMMAND, "printf 's3cret$HOME\\nuser: hello'")),
]


@pytest.mark.parametrize("make", [make for _, make in GOT], ids=[name for name, _ in GOT])
def test_a_secret_is_the_first_line_of_where_it_is_kept(tmp_path: Path, make: Callable[[Path], Secret]) -> None:
    (tmp_path / "secret").write_text("s3cret$HOME\n")
    assert make(tmp_path).reveal({"SECRET": "s3cret$HOME", "PATH": "/usr/bin:/bin"}) == "s3cret$HOME"


NOT_GOT: list[tuple[Secret, str]] = [
    (Secret(Origin.ENV, "SECRET"), "the environment variable SECRET is not set"),
    (Secret(Origin.ENV, "EMPTY"), "the environment variable EMPTY is empty"),
    (Secret(Origin.FILE, "/nowhere/secret"), "the file /nowhere/secret cannot be read: No such file or directory"),
    (Secret(Origin.COMMAND, "nowhere-to-be-found show x"), "the command `nowhere-to-be-found` cannot be run"),
    (Secret(Origin.COMMAND, "sh -c 'echo s3cret >&2; exit 3'"), "the command `sh` ended with 3"),
    (Secret(Origin.COMMAND, "true"), "the command `true` is empty"),
    (Secret(Origin.COMMAND, "printf '\\377'"), "the command `printf` printed what is not UTF-8"),
]


@pytest.mark.parametrize(("secret", "words"), NOT_GOT, ids=[words for _, words in NOT_GOT])
def test_a_secret_that_cannot_be_had_names_where_it_should_be_and_nothing_more(secret: Secret, words: str) -> None:
    with pytest.raises(SecretError) as caught:
        secret.reveal({"EMPTY": "", "PATH": "/usr/bin:/bin"})
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_command_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("troth.config.secret.PATIENCE", 0.2)
    with pytest.raises(SecretError, match="printed nothing within"):
        Secret(Origin.COMMAND, "sleep 30").reveal({"PATH": "/usr/bin:/bin"})


def test_a_secret_shows_where_it_is_kept_and_never_what_it_is() -> None:
    secret = Secret(Origin.ENV, "SECRET")
    assert secret.reveal({"SECRET": "s3cret"}) == "s3cret"
    assert "s3cret" not in repr(secret) + str(secret) + repr(pickle.dumps(secret))


def test_unset_secrets_are_told_with_their_places_and_only_when_asked_for(tmp_path: Path) -> None:
    found = config(tmp_path)
    unset = [str(mistake).partition(";")[0] for mistake in unset_secrets(found, {})]
    words = "the environment variable HELLO_PASSWORD is not set"
    assert unset == [f"{tmp_path}/config.yaml:6:67: {words}", f"{tmp_path}/config.yaml:7:67: {words}"]
    assert unset_secrets(found, {"HELLO_PASSWORD": "x"}) == []


def test_a_store_in_the_environment_is_not_read_before_it_is_needed(tmp_path: Path) -> None:
    text = LEAST + "store: {env: TROTH_STORE}\n"
    store = config(tmp_path, text).store
    assert store.reveal({"TROTH_STORE": "postgresql://troth:s3cret@db/troth"}).endswith("@db/troth")
    assert "s3cret" not in repr(store)
    wrong = reading(tmp_path, text, environ={"TROTH_STORE": "mysql://troth:s3cret@db/troth"})
    assert wrong.config is None
    assert "s3cret" not in "".join(said(wrong))


def test_a_stores_password_is_not_shown(tmp_path: Path) -> None:
    found = config(tmp_path, LEAST + "store: postgres://troth:s3cret@db/troth\n")
    assert found.store.reveal({}) == "postgresql://troth:s3cret@db/troth"
    assert "s3cret" not in repr(found)
