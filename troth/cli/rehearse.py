"""`rehearse`: old mail played through rules and plans, with the mails' own dates as the clock."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from troth.app.wiring import setting_of
from troth.cli import differing
from troth.cli.diary import Diary, facts_of
from troth.cli.ending import WRONG, Ending
from troth.cli.loading import loaded, loaded_from
from troth.cli.oldmail import Archive, in_order
from troth.cli.summary import Bounds, Summary
from troth.cli.terminal import Terminal
from troth.config import Config, Loaded
from troth.desk import Setting
from troth.desk.playing import Entry, Play, What
from troth.maillog import no_logging
from troth.model import Mode

HELP = "play old mail and show what would have been sent; nothing is"
ABOUT = (
    "Plays old mail through the rules and plans with the mails' own dates as the clock, as if every inbox were in "
    "`send`, and prints each letter and telling that would have been sent: when, to whom and why. Nothing is sent, no "
    "server is asked, and the store is not touched."
)

_ON = timedelta(days=7)
"""So long the clock runs on after the last mail, unless --until says otherwise."""


def add(part: ArgumentParser) -> None:
    part.add_argument("--mail", nargs="+", required=True, metavar="PATH", help="an mbox, a Maildir or a folder of .eml")
    part.add_argument("--sent", nargs="+", default=[], metavar="PATH", help="what was sent: the answers to the mail")
    part.add_argument("--until", metavar="DATE", help="let the clock run to the end of this day (2026-11-20)")
    part.add_argument("--against", metavar="OTHER.yaml", help="show only what another configuration would change")
    part.add_argument("--summary", action="store_true", help="the sums alone, without the diary")
    part.add_argument("--json", action="store_true", help="one JSON object a line, also for mails without a letter")


def act(arguments: Namespace, terminal: Terminal) -> int:
    no_logging()
    settings = list(_settings(arguments))
    configs = [config for config, _ in settings]
    archive = in_order(
        arguments.mail, arguments.sent, configs, lambda n: terminal.progress(f"sorting: {n:,} mails so far")
    )
    if not archive.mails:
        raise Ending(WRONG, "there is no mail to play")
    until = _until(arguments.until, archive, settings[0][1])
    bare = Counter[bool]()
    plays = [_played(archive, which, setting, until, terminal, bare) for which, (_, setting) in enumerate(settings)]
    if arguments.against:
        return differing.show(plays[0], plays[1], settings[0][1].business.hours.zone, arguments, terminal)
    return _show(plays[0], archive, settings[0][1], until, arguments, terminal, bare)


def _settings(arguments: Namespace) -> Iterator[tuple[Config, Setting]]:
    config, found = loaded(arguments)
    yield config, _played_with(config, found)
    if arguments.against:
        other, others = loaded_from(arguments.against)
        yield other, _played_with(other, others)


def _played_with(config: Config, found: Loaded) -> Setting:
    setting = setting_of(config, found)
    return replace(setting, letters=setting.letters.plainly_told())


def _until(said: str | None, archive: Archive, setting: Setting) -> datetime:
    """The moment the clock stops at, in UTC. A day ends when it ends at the business."""
    if said is None:
        return archive.mails[-1].at + _ON
    try:
        day = date.fromisoformat(said)
        until = setting.business.hours.instant(datetime.combine(day + timedelta(days=1), time()))
    except (ValueError, OverflowError):
        raise Ending(WRONG, f"--until {said}: this is no date; write it like 2026-11-20") from None
    if until <= archive.mails[0].at:
        first = archive.mails[0].at.astimezone(setting.business.hours.zone)
        raise Ending(WRONG, f"--until {said}: all mail there came later, the first on {first:%Y-%m-%d}")
    return until


def _played(
    archive: Archive, which: int, setting: Setting, until: datetime, terminal: Terminal, bare: Counter[bool]
) -> Iterator[Entry]:
    """Everything that happens, as it happens. `which` of the configurations says in which inbox a mail lies.

    `bare` counts the mails by whether they were saved without their Return-Path.
    """
    from troth.cli.reading_ahead import readings, supplied  # noqa: PLC0415 - multiprocessing: memory the daemon has no use for

    mails = [old for old in archive.mails if old.at < until]
    with closing(Play(setting, archive.mails[0].at, mode=Mode.SEND)) as play:
        for number, (old, mail) in enumerate(zip(mails, readings(mails, setting), strict=True), 1):
            bare[not old.sent and supplied(mail)] += 1
            yield from play.feed(old.at, mail, sent=old.sent, inbox=old.inboxes[which])
            terminal.progress(f"playing: {number:,} of {len(mails):,} mails, {old.at:%-d %B %Y}")
        yield from play.advance(until)


def _show(
    entries: Iterator[Entry],
    archive: Archive,
    setting: Setting,
    until: datetime,
    arguments: Namespace,
    terminal: Terminal,
    bare: Counter[bool],
) -> int:
    hours = setting.business.hours
    diary, summary = Diary(terminal, hours.zone), Summary(hours)
    for entry in entries:
        summary.add(entry)
        if arguments.json and entry.what is not What.WITHHELD:
            terminal.json(facts_of(entry))
        elif not arguments.json and not arguments.summary:
            diary.tell(entry)
    if not arguments.json:
        played = [old for old in archive.mails if old.at < until]
        bounds = Bounds.of(played, until, archive.undated, bare[True], archive.aside)
        terminal.print("\n".join(summary.lines(bounds, terminal)))
    return 0
