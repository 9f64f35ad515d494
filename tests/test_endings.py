"""What ends soon, asked of the servers themselves."""

from __future__ import annotations

import shutil
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.imap import FakeImap
from tests.sink import AUTHORITY, Sink
from troth.app import endings as looked
from troth.app.endings import SOON, endings
from troth.config import Config, load

END = datetime(2126, 10, 29, 2, 2, 7, tzinfo=UTC)
"""That of both certificates in tests/tls."""

CONFIG = """\
business:
  name: Harbour Print
  timezone: Europe/London
  hours: {{mon-fri: "09:00-17:30"}}
  domains: [harbour.example]
colleagues: [{{name: Ada Byron, address: ada@harbour.example, owner: true}}]
inboxes:
  - name: hello
    address: hello@harbour.example
    imap: {{host: {host}, port: {imap}, tls: {tls}, {ca}username: hello, password: {{env: HELLO_PASSWORD}}}}
    smtp: {{host: {host}, port: {smtp}, tls: {tls}, {ca}username: hello, password: {{env: HELLO_PASSWORD}}}}
"""


def config(
    folder: Path, imap: int, smtp: int, tls: str = "implicit", *, host: str = "localhost", ca: bool = True
) -> Config:
    shutil.copy(AUTHORITY, folder / "authority.pem")
    said = CONFIG.format(imap=imap, smtp=smtp, tls=tls, host=host, ca="ca_file: authority.pem, " if ca else "")
    (folder / "config.yaml").write_text(said)
    found = load(folder / "config.yaml", environ={}, letters=False)
    assert found.config is not None, found.mistakes
    return found.config


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_near_its_end_is_named_with_its_server(tmp_path: Path, tls: str) -> None:
    with FakeImap(implicit_tls=tls == "implicit") as imap, Sink(tls=tls) as smtp:  # type: ignore[arg-type]  # its words
        imap.offers += " STARTTLS"
        found = endings(config(tmp_path, imap.port, smtp.port, tls), END - timedelta(days=5))
    assert {(each.what, each.at) for each in found} == {
        (f"the certificate of localhost:{imap.port}", END),
        (f"the certificate of localhost:{smtp.port}", END),
        ("the certificate authority in authority.pem", END),
    }
    assert not any(b"LOGIN" in line or b"AUTHENTICATE" in line for line in imap.lines)


@pytest.mark.parametrize(("ahead", "named"), [(SOON, True), (SOON + timedelta(seconds=1), False)])
def test_it_is_named_three_weeks_before(tmp_path: Path, ahead: timedelta, named: bool) -> None:
    with FakeImap(implicit_tls=True) as imap, Sink(tls="implicit") as smtp:
        found = endings(config(tmp_path, imap.port, smtp.port), END - ahead)
    assert bool(found) is named


def test_what_cannot_be_trusted_or_reached_is_no_matter_of_the_digest(tmp_path: Path) -> None:
    with FakeImap(implicit_tls=True) as imap, socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
        nobody.close()
        found = endings(config(tmp_path, imap.port, port, ca=False), END)
    assert found == ()


def test_no_server_is_asked_where_nothing_is_encrypted(tmp_path: Path) -> None:
    with FakeImap() as imap, Sink() as smtp:
        found = endings(config(tmp_path, imap.port, smtp.port, "none", host="127.0.0.1", ca=False), END)
        assert imap.connections == []
    assert found == ()


def test_a_server_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looked, "_PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        began = time.monotonic()
        found = endings(config(tmp_path, port, port), END)
        assert time.monotonic() - began < 2
    assert [each.what for each in found] == ["the certificate authority in authority.pem"]
