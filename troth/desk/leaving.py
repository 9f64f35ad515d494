"""A letter that has waited is about to leave: is it still right to send it?"""

from __future__ import annotations

from datetime import datetime

from troth import policy
from troth.desk.deciding import Deciding
from troth.desk.setting import Setting
from troth.model import Letter
from troth.store import Store


def against(letter: Letter, store: Store, setting: Setting, now: datetime) -> str | None:
    """What speaks against a letter to a client at `now` (UTC); None where nothing does, or a person wanted it.

    Raises StoreError.
    """
    with store.reading() as book:
        follow_up = book.follow_up(letter.key)
        if follow_up is None or letter.mail is None:
            return None
        seen = book.seen(letter.mail)
        if seen is None:
            return "its mail is forgotten"
        desk = Deciding(book, setting, now)
        relationship = desk.relationship(letter.to, (seen.message_id or seen.identity,), seen.thread)
        case = book.case(letter.case) if letter.case else None
        corrected = book.corrected(case.mail if case else seen.identity)
        occurrence = policy.Occurrence.of_seen(seen, case, corrected)
        return policy.on_leaving(follow_up, occurrence, relationship, setting.business, now)
