"""/healthz and /metrics over HTTP, where `health:` asks for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from troth.app.wiring import needed, watched
from troth.config import Config, Inbox
from troth.store import LETTERS, InboxState, SqlStore, StoreError

_SLACK = timedelta(seconds=60)
"""How an inbox fares is written down twice a minute."""


@dataclass(frozen=True, slots=True)
class Look:
    """Where health is looked up: the store, the configuration of now, the clock, and when the daemon started."""

    store: SqlStore
    config: Callable[[], Config]
    now: Callable[[], datetime]
    started: datetime

    def ailments(self) -> list[str]:
        """What is wrong, one line each; none while all is well."""
        try:
            states = self.store.states()
        except StoreError as error:
            return [f"store: {error}"]
        return [
            words
            for inbox in self.config().inboxes
            for words in self._ailing(inbox, [each for each in states if each.inbox == inbox.name])
        ]

    def _ailing(self, inbox: Inbox, states: Sequence[InboxState]) -> Iterator[str]:
        """An inbox is well while each of its folders was looked at within two cycles; so long it has after a start."""
        name, since = inbox.name, self.now() - 2 * inbox.poll.fixed - _SLACK
        if self.started > since:
            return
        own = [state for state in states if state.folder in needed(inbox)]
        if all(state.folder == LETTERS for state in own):
            yield f"{name}: not looked at yet"
        for state in own:
            sends = state.folder == LETTERS and state.state == "watching"
            if not sends and (state.last_sync is None or state.last_sync < since):
                yield f"{name}: {state.folder} {state.state}, {state.error or 'not looked at lately'}"


class _Metrics(Collector):
    def __init__(self, look: Look) -> None:
        self._look = look

    def collect(self) -> Iterator[GaugeMetricFamily]:
        store, now = self._look.store, self._look.now()
        counts = store.counts(now)
        yield _family("troth_letters", "Letters by state", "state", counts.letters)
        yield _family("troth_cases", "Cases by state", "state", counts.cases)
        yield _family("troth_follow_ups", "Follow-ups", "when", {"due": counts.due, "scheduled": counts.scheduled})
        yield self._mails()
        yield self._syncs(now)

    def _mails(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily("troth_mails", "Mails by where they stand", labels=["inbox", "standing"])
        for name, account in self._look.store.accounting().items():
            family.add_metric([name, "acknowledged"], account.acknowledged)
            family.add_metric([name, "pending"], account.pending)
            family.add_metric([name, "no_letter"], sum((account.no_letter or {}).values()))
            family.add_metric([name, "set_aside"], account.set_aside)
        return family

    def _syncs(self, now: datetime) -> GaugeMetricFamily:
        labels = ["inbox", "folder"]
        family = GaugeMetricFamily("troth_sync_age_seconds", "Seconds since a folder was last looked at", labels=labels)
        configured = {(each.name, folder) for each in self._look.config().inboxes for folder in watched(each)}
        for state in self._look.store.states():
            if state.last_sync is not None and (state.inbox, state.folder) in configured:
                family.add_metric([state.inbox, state.folder], (now - state.last_sync).total_seconds())
        return family


def _family(name: str, words: str, label: str, numbers: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for key, number in numbers.items():
        family.add_metric([key], number)
    return family


class Health:
    """The HTTP server, on a thread of its own. Raises OSError where the address cannot be had."""

    def __init__(self, listen: tuple[str, int], look: Look) -> None:
        self._server = ThreadingHTTPServer(listen, _handler(look))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(1,), name="health", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _handler(look: Look) -> type[BaseHTTPRequestHandler]:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(look))

    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version = "Troth"
        sys_version = ""

        def do_GET(self) -> None:
            if self.path == "/healthz":
                ailments = look.ailments()
                self._say(503 if ailments else 200, "\n".join(ailments or ["well"]) + "\n")
            elif self.path == "/metrics":
                self._metrics()
            else:
                self._say(404, "there are /healthz and /metrics\n")

        def _metrics(self) -> None:
            try:
                text = generate_latest(registry).decode()
            except StoreError as error:
                self._say(503, f"{error}\n")
            else:
                self._say(200, text)

        def _say(self, code: int, text: str) -> None:
            body = text.encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Requests for health are no news."""

    return Handler
