"""What the daemon has to say of itself to the owner: by mail, once for each occasion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from troth import letters
from troth.desk.setting import Setting
from troth.desk.telling import telling_letter
from troth.model import Tell
from troth.store import Store


@dataclass(frozen=True, slots=True)
class Word:
    """Something to tell the owner. The same `topic` is told once for each `occasion` of it."""

    topic: str
    occasion: str
    purpose: str
    what: str
    because: str
    mend: str | None = None
    lines: tuple[str, ...] = ()


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
        facts = letters.TellingFacts(
            business=letters.business(setting.name, inbox.address),
            colleague=letters.Colleague(owner.name),
            notice=letters.notice(word.what, word.because, mend=word.mend, lines=word.lines),
        )
        key = f"{word.topic}:{sha256(word.occasion.encode()).hexdigest()[:12]}"
        step = Tell(key, word.purpose, (owner.address,), word.because)
        with self._store.writing() as book:
            if not book.remember(f"told {word.topic}", word.occasion):
                return
            rendered = setting.letters.tell(word.purpose, facts, language=setting.languages[0])
            unique = f"{key}:{int(now.timestamp())}"
            letter = telling_letter(setting, inbox, rendered, unique, step, owner.address, now)
            book.carry_out(None, (step,), (letter,), now, inbox.name)
        self._wake()
