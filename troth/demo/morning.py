"""The story of the morning: lays mails into the inbox, and sees what the daemon makes of them."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import TypeVar

from troth import clock
from troth.app.daemon import Daemon
from troth.app.wiring import setting_of, store_of
from troth.config import Config, load
from troth.demo import mails
from troth.demo.business import ACKNOWLEDGED_AFTER, PASSWORD, TOLD_AFTER, write
from troth.demo.happenings import Answered, Arrived, Happening, Learnt, Left, Opened, Stopped, Thought, Told, Withheld
from troth.demo.servers import Late, Servers, Taken
from troth.desk import Reading, Setting, read
from troth.model import Seen, Standing
from troth.store import SqlStore

_PATIENCE = 25.0
"""Seconds beyond the planned moment that anything may take before the demo says that it did not come."""

_TYPING = 1.2
"""Seconds before a colleague answers: times of arrival are whole seconds, and an answer comes after its question."""

_TELLINGS = 3
_ANSWERED = (Standing.PENDING, Standing.ACKNOWLEDGED)

T = TypeVar("T")


@dataclass
class Morning:
    """A morning in a folder. `play` gives what happens as it happens; whoever asks for the next sets the pace."""

    folder: Path
    config: Config | None = None

    def play(self) -> Generator[Happening]:
        """Raises Late; whatever happens, the daemon and the servers have ended afterwards."""
        os.environ[PASSWORD] = secrets.token_urlsafe(12)
        with Servers("hello", os.environ[PASSWORD]) as servers:
            path = write(self.folder, servers.imap_port, servers.smtp_port)
            (self.folder / "letters").mkdir()
            old = self._before(servers)
            found = load(path, environ=os.environ)
            if found.config is None:
                raise Late("\n".join(str(mistake) for mistake in found.mistakes))
            self.config = found.config
            store = store_of(found.config, os.environ, create=True)
            daemon = Daemon(path, found.config, found, store)
            running = threading.Thread(target=daemon.run, name="daemon", daemon=True)
            running.start()
            look = store_of(found.config, os.environ, create=False)
            try:
                yield Opened(self.folder, servers.imap_port, servers.smtp_port)
                yield from _Story(servers, look, setting_of(found.config, found), self.folder).told(old)
            finally:
                daemon.stop()
                running.join(30)
                look.close()
            if running.is_alive():
                raise Late("the daemon's end")
            yield Stopped()

    def _before(self, servers: Servers) -> int:
        """What lay in the mailbox before the first start; gives the number of mails in the inbox."""
        servers.make_folders()
        now = clock.now()
        for days, client in ((40, mails.MO), (31, mails.AL), (12, mails.PRIYA)):
            at = now - timedelta(days=days)
            servers.lay("Sent", mails.sent_before(client, at).as_bytes(), at, "\\Seen")
        old = ((9, "The next leaflet", mails.OLD_ORDER), (4, "Your last bill", mails.OLD_COMPLAINT))
        for days, subject, text in old:
            at = now - timedelta(days=days)
            servers.lay("INBOX", mails.mail(mails.TOM, subject, text, at).as_bytes(), at)
        return len(old)


@dataclass
class _Story:
    """What happens once the daemon runs."""

    servers: Servers
    store: SqlStore
    setting: Setting
    folder: Path

    def told(self, old: int) -> Iterator[Happening]:
        self.wait(lambda: self._watched() and self._seen_so_far() >= old, "the first look at the mailbox")
        yield Learnt(old)
        jo = mails.mail(mails.JO, "Order 1182: charged twice", mails.FURIOUS, clock.now())
        yield from self.arrives(jo, "a client of many years, and furious")
        yield from self.arrives(mails.newsletter(clock.now()), "a newsletter")
        yield from self.arrives(mails.out_of_office(clock.now()), "a machine's")
        yield from self.outcome(jo, ACKNOWLEDGED_AFTER, remark="with the sentence that mattered", in_full=True)
        tom = mails.mail(mails.TOM, "Our leaflet", mails.UNSURE, clock.now())
        yield from self.arrives(tom, "a complaint or not? Nobody could be sure")
        mo = mails.mail(mails.MO, "The menus", mails.PRAISE, clock.now())
        yield from self.arrives(mo, "praise")
        yield from self.outcome(mo)
        yield from self.answered_in_time()
        yield from self.badly_coded()
        yield from self.tellings()

    def answered_in_time(self) -> Iterator[Happening]:
        """A complaint that a colleague answers, and another mail meanwhile."""
        priya = mails.mail(mails.PRIYA, "My invitations", mails.COMPLAINT, clock.now())
        yield from self.arrives(priya, "a complaint, with Sam at his desk")
        time.sleep(_TYPING)
        yield self.answers(priya)
        al = mails.mail(mails.AL, "The boat brochures", mails.BOTH, clock.now())
        yield from self.arrives(al, "praise and complaint in one mail")
        yield from self.outcome(priya, ACKNOWLEDGED_AFTER)
        yield from self.outcome(al, ACKNOWLEDGED_AFTER)

    def badly_coded(self) -> Iterator[Happening]:
        """A stranger's mail in a character set that does not exist; the letter to her comes back."""
        zoe = mails.badly_coded(clock.now())
        yield from self.arrives(zoe, "a stranger's, in a character set that does not exist")
        for happening in self.outcome(_parsed(zoe), remark="to a stranger: nothing of her own words is given back"):
            yield happening
            if isinstance(happening, Left):
                yield from self.arrives(mails.bounce(happening.letter, clock.now()), "that letter comes back")

    def arrives(self, mail: EmailMessage | bytes, remark: str) -> Iterator[Happening]:
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        message_id = str(_parsed(raw)["Message-ID"])
        self.servers.lay("INBOX", raw, clock.now())
        seen = self.wait(lambda: self._seen(message_id), f"the mail {message_id}")
        reading = read(raw, self.setting)
        planned = ACKNOWLEDGED_AFTER if seen.because == "acknowledgement planned" else None
        planned = 0.0 if planned is None and seen.standing in _ANSWERED else planned
        yield Arrived(seen.author_name or str(seen.author or "a mail server"), seen.subject, seen.text, remark)
        refused = reading.refusal.words if reading.refusal else None
        journal = tuple(self.store.journal(message_id=message_id))
        yield Thought(seen, self._phrases(reading), refused, journal, planned)

    def _phrases(self, reading: Reading) -> tuple[str, ...]:
        """The sender's words that made the verdict, as they stand in his mail."""
        mail, tone = reading.message, reading.verdict.tone
        texts = {"subject": mail.subject, "body": mail.text}
        explained = self.setting.rulebook.explain(mail.subject, mail.text, mail.language)
        said = [texts[each.where][each.start : each.end] for each in explained.stretches if each.style in tone]
        return tuple(dict.fromkeys(" ".join(words.split()) for words in said))

    def answers(self, client: EmailMessage) -> Happening:
        answer = mails.answer(client, clock.now())
        self.servers.lay("Sent", answer.as_bytes(), clock.now(), "\\Seen")
        seen = self.wait(lambda: self._seen(str(answer["Message-ID"])), "Sam's answer")
        return Answered("Sam Fox", str(client["From"]), mails.ANSWER, seen.because)

    def outcome(
        self, mail: EmailMessage, planned: float = 0.0, *, remark: str = "", in_full: bool = False
    ) -> Iterator[Happening]:
        """The letter that answers a mail, or why there is none."""
        message_id, who = str(mail["Message-ID"]), parseaddr(str(mail["From"]))[1]
        seen = self.wait(lambda: self._settled(message_id), f"the letter to {who}", planned)
        if seen.standing is not Standing.ACKNOWLEDGED:
            yield Withheld(seen.author_name or who, seen.subject, seen.because)
            return
        taken = self.wait(lambda: self._letter_to(str(seen.author)), f"the letter to {who}")
        yield Left(self._kept(taken), remark, in_full)

    def tellings(self) -> Iterator[Happening]:
        told = self.wait(self._tellings, "the tellings to colleagues", TOLD_AFTER)
        for taken in told:
            yield Told(self._kept(taken))

    def wait(self, look: Callable[[], T | None], what: str, planned: float = 0.0) -> T:
        """The first truthy answer. Raises Late when it does not come."""
        end = time.monotonic() + planned + _PATIENCE
        while not (found := look()):
            if time.monotonic() > end:
                raise Late(what)
            time.sleep(0.05)
        return found

    def _seen(self, message_id: str) -> Seen | None:
        with self.store.reading() as book:
            return book.seen_by_message_id(message_id)

    def _settled(self, message_id: str) -> Seen | None:
        seen = self._seen(message_id)
        return seen if seen and seen.standing is not Standing.PENDING else None

    def _watched(self) -> bool:
        return [state.state for state in self.store.states()].count("watching") == 2

    def _seen_so_far(self) -> int:
        accounts = self.store.accounting().get("hello")
        return accounts.seen if accounts else 0

    def _letter_to(self, client: str) -> Taken | None:
        return next((taken for taken in self.servers.taken if taken.to == client), None)

    def _tellings(self) -> list[Taken]:
        """All of them, once there are all."""
        found = [taken for taken in self.servers.taken if _to_us(taken)]
        return found if len(found) >= _TELLINGS else []

    def _kept(self, taken: Taken) -> EmailMessage:
        """Lay a letter into the folder, for whoever looks further."""
        letters = self.folder / "letters"
        number, kind = len(list(letters.iterdir())) + 1, "telling" if _to_us(taken) else "letter"
        (letters / f"{number}-{kind}-to-{taken.to.partition('@')[0]}.eml").write_bytes(taken.raw)
        return _parsed(taken.raw)


def _to_us(taken: Taken) -> bool:
    return taken.to.endswith("@harbour.example")


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)
