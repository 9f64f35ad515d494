"""Real servers for tests: private, in a temporary folder, on unprivileged ports, started and ended by process id.

Started by root they run as `nobody`; started by anybody else, as that user.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

import psycopg

DOVECOT_CONFIG = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{home}/mail/%u
mail_fsync = never
mail_max_userip_connections = 100
default_vsz_limit = 0
default_process_limit = 200
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Lu
auth_failure_delay = 0
auth_cache_size = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {home}/users
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/home/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Drafts {{
    auto = create
    special_use = \\Drafts
  }}
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
ssl = yes
ssl_cert = <{home}/localhost.pem
ssl_key = <{home}/localhost.pem
protocol imap {{
  rawlog_dir = {home}/rawlog/%u
}}
"""


PASSWORD = "correct-horse"
CERTIFICATES = Path(__file__).parent / "tls"


class Missing(Exception):  # noqa: N818 - it names what is missing, not a mistake
    """A server that this machine does not have, or that would not start; the words say why."""


class Dovecot:
    """IMAP with IDLE, special use and keywords; LMTP in. `imap_port` speaks plain and STARTTLS, `imaps_port` TLS."""

    host = "127.0.0.1"
    tls_name = "localhost"  # what the server's certificate is made out to
    ca_file = str(CERTIFICATES / "authority.pem")

    def __init__(self) -> None:
        self.program = program("dovecot", "/usr/sbin/dovecot")
        self._refuse_unknown_versions()
        self.home = private_folder("dovecot")
        self.log = self.home / "dovecot.log"
        self.imap_port, self.imaps_port, self.lmtp_port = free_ports(3)
        own_file(self.home / "localhost.pem", (CERTIFICATES / "localhost.pem").read_bytes())
        self._write_config()
        self._process: subprocess.Popen[bytes] | None = None

    def user(self, name: str, password: str | None = None) -> str:
        """The password of a user, whoever it is; another one can be given. A mailbox is made on first use."""
        if password is None:
            return PASSWORD
        with self._users.open("a") as users:
            users.write(f"{name}:{{PLAIN}}{password}::::::\n")
        time.sleep(1.1)  # the server looks at this file once a second
        return password

    def deliver(self, user: str, *mails: bytes, sender: str = "sender@client.example") -> None:
        """Delivers over LMTP, as a mail server would: with Return-Path and Received."""
        with smtplib.LMTP(self.host, self.lmtp_port) as lmtp:
            for mail in mails:
                lmtp.sendmail(sender, [user], mail)

    def fill(self, user: str, mails: Iterable[bytes], folder: str = "INBOX") -> None:
        """Lays mails straight into a folder's Maildir: quick, for thousands of old ones."""
        root = self.home / "mail" / user
        cur = (root if folder == "INBOX" else root / f".{folder.replace('/', '.')}") / "cur"
        for place in (root, cur.parent, cur, cur.parent / "new", cur.parent / "tmp"):
            own(make_folder(place))
        for count, mail in enumerate(mails):
            own_file(cur / f"{time.time_ns()}.M{count}.filled:2,", mail)

    def keep_talk(self, user: str) -> Path:
        """From the next log-in on all that is said is kept in this folder: *.in is what the client said."""
        make_folder(place := self.home / "rawlog" / user)
        own(place.parent)
        return own(place)

    def forget_uids(self, user: str, folder: str = "INBOX") -> None:
        """Makes the server give the folder another UIDVALIDITY. No session may be open on it."""
        root = self.home / "mail" / user
        place = root if folder == "INBOX" else root / f".{folder.replace('/', '.')}"
        for path in [*place.glob("dovecot-uidlist*"), *place.glob("dovecot.index*")]:
            path.unlink()

    def start(self) -> None:
        with (self.home / "output").open("ab") as output:
            self._process = spawn([self.program, "-F", "-c", str(self.home / "dovecot.conf")], output)
        await_port(self.imap_port, self._process, self.log)
        await_port(self.lmtp_port, self._process, self.log)

    def stop(self) -> None:
        if self._process:
            self.thaw_imap_processes()
            end(self._process)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def kill_imap_processes(self) -> int:
        """kill -9 for each process that serves a logged-in IMAP connection; how many there were."""
        return self._signal_imap(signal.SIGKILL)

    def freeze_imap_processes(self) -> int:
        """Stops them in mid-air: their connections stay open and say nothing more, as half-open ones do."""
        return self._signal_imap(signal.SIGSTOP)

    def thaw_imap_processes(self) -> int:
        return self._signal_imap(signal.SIGCONT)

    def _signal_imap(self, which: signal.Signals) -> int:
        pids = children(self._process.pid, "imap") if self._process else []
        for pid in pids:
            os.kill(pid, which)
        return len(pids)

    @property
    def _users(self) -> Path:
        return self.home / "users"

    def _write_config(self) -> None:
        user, group = runs_as()
        config = DOVECOT_CONFIG.format(
            home=self.home, user=user, group=group, imap_port=self.imap_port, imaps_port=self.imaps_port,
            lmtp_port=self.lmtp_port,
            password=PASSWORD,
        )  # fmt: skip
        own_file(self.home / "dovecot.conf", config.encode())
        own_file(self._users, b"")
        for name in ("run", "mail", "home"):
            own(make_folder(self.home / name))

    def _refuse_unknown_versions(self) -> None:
        version = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=False).stdout
        if not version.startswith("2.3"):
            raise Missing(
                f"Dovecot 2.3 is needed, whose configuration the tests speak; here is {version.strip() or 'none'}"
            )


class Postgres:
    """A PostgreSQL cluster of its own; `fresh_database` gives the URL of an empty database."""

    def __init__(self) -> None:
        self.postgres = postgres_program("postgres")
        self.initdb = postgres_program("initdb")
        self.home = private_folder("postgres")
        self.log = self.home / "postgres.log"
        self.port = free_ports(1)[0]
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0

    def start(self) -> None:
        data = str(self.home / "data")
        if not Path(data).exists():
            self._make_cluster(data)
        serve = [self.postgres, "-D", data, "-p", str(self.port), "-h", "127.0.0.1", "-k", "", "-c", "fsync=off"]
        with self.log.open("ab") as log:
            self._process = spawn(serve, log)
        await_port(self.port, self._process, self.log)
        self._await_service()

    def fresh_database(self) -> str:
        """postgresql+psycopg://… of a database that nobody has used."""
        self._made += 1
        name = f"troth_{self._made}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://troth@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        if self._process:
            end(self._process, signal.SIGINT)  # "fast shutdown": does not wait for connections left open
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(f"postgresql://troth@127.0.0.1:{self.port}/postgres", autocommit=True)

    def _await_service(self, seconds: float = 20) -> None:
        """It listens a while before it serves."""
        until = time.monotonic() + seconds
        while True:
            try:
                self._connect().close()
            except psycopg.OperationalError as why:
                if time.monotonic() > until:
                    raise Missing(f"it did not start: {why}") from why
                time.sleep(0.05)
            else:
                return

    def _make_cluster(self, data: str) -> None:
        make = [self.initdb, "-D", data, "-U", "troth", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        with self.log.open("ab") as log:
            if spawn(make, log).wait(60):
                raise Missing(f"initdb failed: {self.log.read_text(errors='replace')[-500:]}")


def program(name: str, *elsewhere: str) -> str:
    found = shutil.which(name) or next((path for path in elsewhere if Path(path).exists()), None)
    if not found:
        raise Missing(f"{name} is not installed")
    return found


def postgres_program(name: str) -> str:
    newest_first = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: -int(path.parts[4]))
    return str(newest_first[0]) if newest_first else program(name)


def runs_as() -> tuple[str, str]:
    """User and group that servers run as: neither of them likes to be root."""
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return account.pw_name, grp.getgrgid(account.pw_gid).gr_name


def spawn(command: Sequence[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    """Starts a program as that user."""
    if os.geteuid() != 0:
        return subprocess.Popen(command, stdout=output, stderr=output, cwd="/")
    user, group = runs_as()
    return subprocess.Popen(command, stdout=output, stderr=output, cwd="/", user=user, group=group, extra_groups=[])


def private_folder(name: str) -> Path:
    """A new folder of that user, straight under /tmp: pytest's are closed to others, and sockets need short paths."""
    return own(Path(tempfile.mkdtemp(prefix=f"troth-{name}-", dir="/tmp")))


def own(path: Path) -> Path:
    if os.geteuid() == 0:
        shutil.chown(path, *runs_as())
    return path


def own_file(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    own(path)


def make_folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def await_port(port: int, process: subprocess.Popen[bytes], log: Path, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    end(process)
    raise Missing(f"it did not start: {log.read_text(errors='replace')[-500:] if log.exists() else 'no log'}")


def end(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def children(parent: int, name: str) -> list[int]:
    """Process ids of a process's children that bear a name (Linux)."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, rest = status.read_text().split(" (", 1)
        except OSError:  # ended meanwhile
            continue
        comm, fields = rest.rsplit(") ", 1)
        if comm == name and int(fields.split()[1]) == parent:
            found.append(int(pid))
    return found
