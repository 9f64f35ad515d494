"""What the container and the systemd unit stand on."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

ROOT = Path(__file__).parent.parent
STATUS = "import json; print(json.dumps({'inboxes': [{'name': 'hello', 'state': '%s'}]}))"


@pytest.fixture
def healthcheck(tmp_path: Path) -> Path:
    return Path(shutil.copy(ROOT / "packaging" / "healthcheck.py", tmp_path))


@pytest.fixture
def door() -> Iterator[HTTPServer]:
    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" and not server.server_name.endswith("ill") else 503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def checked(script: Path, address: str) -> int:
    done = subprocess.run(
        [sys.executable, script], env={"TROTH_HEALTH": address}, check=False, capture_output=True, timeout=60
    )
    assert not done.stderr
    return done.returncode


def nobody() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"127.0.0.1:{listening.getsockname()[1]}"


def test_a_container_is_well_when_healthz_says_so(healthcheck: Path, door: HTTPServer) -> None:
    assert checked(healthcheck, f"127.0.0.1:{door.server_port}") == 0


def test_a_container_is_unwell_when_healthz_says_so(healthcheck: Path, door: HTTPServer) -> None:
    door.server_name = "ill"
    assert checked(healthcheck, f"127.0.0.1:{door.server_port}") == 1


@pytest.mark.parametrize(
    ("daemon", "code"),
    [
        (STATUS % "watching", 0),
        (STATUS % "retrying", 0),
        (STATUS % "stopped", 1),
        ("raise SystemExit(3)", 1),
    ],
)
def test_without_healthz_a_container_is_as_well_as_status_says(healthcheck: Path, daemon: str, code: int) -> None:
    healthcheck.with_name("daemon.py").write_text(daemon)
    assert checked(healthcheck, nobody()) == code


def test_a_container_whose_daemon_does_not_answer_is_unwell(healthcheck: Path) -> None:
    healthcheck.with_name("daemon.py").write_text(STATUS % "watching")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert checked(healthcheck, f"127.0.0.1:{silent.getsockname()[1]}") == 1


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    return [source for line in lines for source in line.split()]


def test_what_the_image_copies_is_there_and_not_kept_from_it() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert len(copied()) >= 6
    assert set(copied()) == let_in
    assert all((ROOT / source).exists() for source in copied())


def test_the_image_installs_nothing_whose_hash_is_not_known() -> None:
    installing = re.findall(r"pip .*install[^&]*", (ROOT / "Dockerfile").read_text().replace("\\\n", ""))
    assert len(installing) == 1
    assert "--require-hashes" in installing[0]
    assert "--only-binary=:all:" in installing[0]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_the_unit_is_fenced_in() -> None:
    unit = ROOT / "packaging" / "troth.service"
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=15", "--no-pager", str(unit)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd cannot judge a unit that is not installed")
    assert done.returncode == 0, done.stdout + done.stderr
