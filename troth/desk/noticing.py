"""What the daemon has to say of itself to the owner: by mail, once for each occasion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from troth import letters
from troth.desk.issuing import Issuing
from troth.desk.setting import Setting
from troth.desk.telling import telling_letter
from troth.letters import Situation, Voice
from troth.model import Concern, Purpose, Tell
from troth.store import Store


@dataclass(frozen=True, slots=True)
class Word:
    """Something to tell the owner. The same `topic` is told once for each `occasion` of it.

    `about` is what a reply may act on.
    """

    topic: str
    occasion: str
    purpose: str
    what: str
    because: str
    mend: str | None = None
    lines: tuple[str, ...] = ()
    since: datetime | None = None
    about: tuple[Concern, ...] = ()


def sign_in_again(inbox: str) -> str:
    """What the owner is asked to do where a sign-in has ended."""
    return f"run `troth login {inbox}` where Troth runs; nothing has to be started again"


class Noticing:
    def __init__(
        self,
        store: Store,
        setting: Callable[[], Setting],
        now: Callable[[], datetime],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._setting = setting
        self._now = now
        self._wake = wake

    def tell(self, word: Word) -> None:
        """Queue a telling to the owner, unless this very occasion was told before. Raises StoreError."""
        setting, now = self._setting(), self._now()
        owner, inbox = setting.business.owner, setting.sender("")
        key = f"{word.topic}:{sha256(word.occasion.encode()).hexdigest()[:12]}"
        step = Tell(key, word.purpose, (owner.address,), word.because)
        with self._store.writing() as book:
            if not book.remember(f"told {word.topic}", word.occasion):
                return
            issued = Issuing(book, now).issue(owner.address, Purpose.TELLING, word.about, inbox)
            rendered = setting.letters.tell(word.purpose, _facts(word, setting, now), language=setting.languages[0])
            unique = f"{key}:{int(now.timestamp())}"
            letter = telling_letter(setting, inbox, rendered, unique, step, owner.address, now, issued)
            book.carry_out(None, (step,), (letter,), now, inbox.name)
        self._wake()


def _facts(word: Word, setting: Setting, now: datetime) -> letters.TellingFacts:
    language = setting.letters.language_of(word.purpose, setting.languages[0])
    voice = Voice(language, setting.business.hours.zone, now)
    of_a_letter = [Situation.UNKNOWN] if any(each.letter for each in word.about) else []
    return letters.TellingFacts(
        business=letters.business(setting.name, setting.sender("").address),
        colleague=letters.Colleague(setting.business.owner.name),
        notice=letters.notice(
            voice.said(word.what),
            voice.said(word.because),
            since=voice.past(word.since) if word.since else None,
            mend=voice.said(word.mend or ""),
            lines=word.lines,
        ),
        words=letters.words(*of_a_letter, language=language),
    )
