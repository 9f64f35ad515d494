"""What steps and letters mean for the tables, and their lines in the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from troth.model import (
    Address,
    ChangeCase,
    ChangeClient,
    ChangeLetter,
    Client,
    Correct,
    Enter,
    FollowUp,
    KeepPromise,
    Letter,
    Note,
    OpenCase,
    Postpone,
    Schedule,
    Seen,
    Step,
    Tell,
    Withhold,
    WriteLetter,
)
from troth.store import correcting, post, promising
from troth.store.pending import Pending, line_fields
from troth.store.schema import bounded, corrections, letters, mails, promises
from troth.store.standing import by_letter
from troth.store.statements import several
from troth.store.values import Fields, Found, letter_fields

_ABOUT = select(mails.c.identity, mails.c.thread, mails.c.message_id, mails.c.inbox).where(
    mails.c.identity.in_(several("mails"))
)


LEFT_ALONE = "letter left as it is"


def apply(pending: Pending, steps: Sequence[Step], at: datetime) -> Sequence[Step]:
    """Write cases, follow-ups, promises and corrections; clients, new letters, standings and the journal go beside.

    What is given back is what was carried out: a letter that is in no expected state any more is left alone.
    """
    pending.add_cases([step.case for step in steps if isinstance(step, (OpenCase, ChangeCase))])
    pending.plan([row for step in steps if (row := _kept(step)) is not None])
    for step in steps:
        if isinstance(step, Postpone):
            pending.postpone(step.follow_up, step.until)
        elif isinstance(step, (WriteLetter, Tell, Withhold)) and step.follow_up is not None:
            pending.done(step.follow_up.key, at)
    kept = [pending.whose(step.promise) for step in steps if isinstance(step, KeepPromise)]
    promising.keep(pending.written(promises), kept)
    for step in steps:
        if isinstance(step, Correct):
            correcting.correct(pending.written(corrections), step, at)
    return [_change_letter(pending, step, at) if isinstance(step, ChangeLetter) else step for step in steps]


def _change_letter(pending: Pending, step: ChangeLetter, at: datetime) -> Step:
    changed = post.alter(pending.written(letters), step.key, step.expect, step.state, step.because, at)
    if changed is None:
        return Note(LEFT_ALONE, step.because)
    stands = by_letter(changed)
    pending.enter([stands] if stands else [])
    return step


def entries(steps: Sequence[Step], written: Sequence[Letter]) -> list[Enter]:
    """Where mails stand from now on; a letter knows better than a step."""
    by_step = [step for step in steps if isinstance(step, Enter)]
    return by_step + [each for letter in written if (each := by_letter(letter)) is not None]


def add_letters(pending: Pending, written: Sequence[Letter], thread_of: Mapping[str, str], at: datetime) -> None:
    """Write new letters; their Message-IDs join the thread given for each key."""
    pending.add(letters, [letter_fields(letter) for letter in written])
    for letter in written:
        if letter.key in thread_of:
            pending.add_threads(thread_of[letter.key], [letter.message_id], at)


def lines_of_mail(seen: Seen, client: Address | None, steps: Sequence[Step], at: datetime) -> Sequence[Fields]:
    """A line for each step; a mail that asked for none leaves one of its own."""
    said = [(step.what, step.because) for step in steps] or [("mail of ours" if seen.ours else "mail", seen.because)]
    return [line_fields(at, seen.inbox, seen.message_id, client, what, because) for what, because in said]


def lines_without_mail(
    client: Client | None, steps: Sequence[Step], about: Mapping[str, Found], at: datetime, inbox: str | None
) -> Sequence[Fields]:
    """A line for each step that no new mail asked for, under the mail it goes back to."""
    lines = []
    for step in steps:
        behind = about.get(_mail_behind(step) or "")
        where = inbox or (behind.inbox if behind else None)
        message_id = behind.message_id if behind else None
        lines.append(line_fields(at, where, message_id, whom(step, client), step.what, step.because))
    return lines


def mails_behind(steps: Sequence[Step], written: Sequence[Letter]) -> Sequence[str]:
    behind = [*(_mail_behind(step) for step in steps), *(letter.mail for letter in written)]
    return [each for each in dict.fromkeys(behind) if each is not None]


def about(connection: Connection, identities: Sequence[str]) -> Mapping[str, Found]:
    """Thread, Message-ID and inbox of recorded mails, by identity."""
    short = {bounded(each): each for each in identities}
    if not short:
        return {}
    return {short[row.identity]: row for row in connection.execute(_ABOUT, {"mails": list(short)})}


def whom(step: Step, client: Client | None) -> Address | None:
    """The client's address under which the journal keeps a step."""
    if isinstance(step, WriteLetter):
        return step.to
    if isinstance(step, KeepPromise):
        return step.promise.address
    follow_up = _follow_up(step)
    if follow_up is not None:
        return follow_up.address
    person = step.client if isinstance(step, ChangeClient) else client
    return min(person.addresses, default=None) if person else None


def _kept(step: Step) -> FollowUp | None:
    """The row that stands for a step; a letter decided on at once has one too, so that it can be asked about again."""
    return step.follow_up if isinstance(step, (Schedule, WriteLetter)) else None


def _mail_behind(step: Step) -> str | None:
    if isinstance(step, (OpenCase, ChangeCase)):
        return step.case.mail
    if isinstance(step, (Enter, Correct)):
        return step.mail
    if isinstance(step, KeepPromise):
        return step.promise.mail
    follow_up = _follow_up(step)
    return follow_up.mail if follow_up else None


def _follow_up(step: Step) -> FollowUp | None:
    return step.follow_up if isinstance(step, (Schedule, Postpone, Withhold, WriteLetter, Tell)) else None
