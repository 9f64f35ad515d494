"""The morning of the demo, told as it happens, and what to look at afterwards."""

from __future__ import annotations

import logging
import os
import tempfile
import textwrap
import time
import warnings
from contextlib import closing
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

from troth.app.wiring import store_of
from troth.cli.ending import FINDING, Ending
from troth.cli.status import standing, told
from troth.cli.terminal import Terminal, program, visible
from troth.demo import (
    Answered,
    Arrived,
    Happening,
    Late,
    Learnt,
    Left,
    Morning,
    Opened,
    Stopped,
    Thought,
    Told,
    Withheld,
)
from troth.maillog import start_logging
from troth.model import Standing, Tone, Verdict
from troth.store import SqlStore

_WIDTH = 78
_MOST_PHRASES = 6
_MOST_LINES = 8
_PAUSES = {Arrived: 0.7, Thought: 1.6, Left: 1.6, Withheld: 1.6, Answered: 1.2, Told: 0.8, Opened: 1.2, Learnt: 1.2}
"""Seconds to read by, on a terminal alone."""

_DECIDED = {
    "no tone": "no letter: it is neither complaint nor praise",
    "complaint, not sure": "a case is opened, but no letter: people are told, and decide themselves",
}
_TONES = {Tone.COMPLAINT: ("red", "bold"), Tone.PRAISE: ("green", "bold")}


def play(terminal: Terminal) -> int:
    """Play the morning in a new temporary folder, and tell it; gives the exit code."""
    folder = Path(tempfile.mkdtemp(prefix="troth-demo-"))
    morning = Morning(folder)
    teller = _Teller(terminal, unhurried=terminal.out.isatty())
    with (folder / "log").open("w", encoding="utf-8") as log:
        _silence_others()
        start_logging("INFO", log)
        teller.begin()
        try:
            with closing(morning.play()) as happenings:  # however it ends, so do the daemon and its servers
                for happening in happenings:
                    teller.tell(happening)
        except Late as late:
            raise Ending(FINDING, f"{late} did not come in time; the log is in {folder / 'log'}") from None
    _look_back(morning, teller, terminal)
    _look_further(folder, terminal)
    return 0


def _silence_others() -> None:
    """The servers' libraries have much to say of their own inside, and nothing to somebody who watches a story."""
    warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())


class _Teller:
    """Tells what happens, in plain English; `rows` is the summary at the end."""

    def __init__(self, terminal: Terminal, *, unhurried: bool) -> None:
        self._terminal = terminal
        self._unhurried = unhurried
        self._number = 0
        self.rows: dict[str, str] = {}

    def begin(self) -> None:
        """Say what this will be, for it takes a moment until the first mail comes."""
        self._heading("A morning at Harbour Print, a printing house of two")
        self._terminal.out.flush()

    def tell(self, happening: Happening) -> None:
        self._tell(happening)
        self._terminal.out.flush()
        if self._unhurried:
            time.sleep(_PAUSES.get(type(happening), 0.0))

    def _tell(self, happening: Happening) -> None:
        match happening:
            case Opened():
                self._opened(happening)
            case Learnt():
                self._learnt(happening)
            case Arrived():
                self._arrived(happening)
            case Thought():
                self._thought(happening)
            case Answered():
                self._answered(happening)
            case Left():
                self._left(happening)
            case Withheld():
                self._withheld(happening)
            case Told():
                self._told(happening)
            case Stopped():
                self._stopped()

    def _opened(self, opened: Opened) -> None:
        self._say(
            "The daemon runs as it would for you, on a mail server that lives in this process "
            f"(IMAP on port {opened.imap_port}, SMTP on port {opened.smtp_port} of 127.0.0.1). Nothing outside this "
            "machine is touched. What takes minutes and hours in earnest takes seconds here."
        )
        self._line()

    def _learnt(self, learnt: Learnt) -> None:
        self._say(
            f"{learnt.mails} mails lay in the inbox before the first start, one of them a complaint. Troth learns from "
            "old mail whom you know, and never answers it."
        )

    def _arrived(self, arrived: Arrived) -> None:
        self._number += 1
        self._line()
        head = f"{self._number:>2}  {visible(arrived.sender)}: {visible(arrived.subject)}"
        self._line(f"{self._style(head, 'bold')}   {self._style(f'({arrived.remark})', 'dim')}")
        self._excerpt(arrived.text)

    def _excerpt(self, text: str) -> None:
        lines = [line for line in _wrapped(text, _WIDTH - 6) if line]
        for line in lines[:_MOST_LINES] + ["..."] * (len(lines) > _MOST_LINES):
            self._line("    " + self._style(f"| {line}", "dim"))

    def _thought(self, thought: Thought) -> None:
        seen = thought.seen
        if not seen.automatic:
            self._line(f"    {self._style('thought ', 'blue')} {self._tones(seen.verdict)}")
        if thought.phrases and not seen.automatic:
            self._fact("because", "of " + ", ".join(f'"{visible(words)}"' for words in thought.phrases[:_MOST_PHRASES]))
        self._fact("decided", _decided(thought))
        self.rows[seen.identity] = f"{seen.author_name or 'A mail server'}: {seen.subject}"

    def _answered(self, answered: Answered) -> None:
        who = parseaddr(answered.client)[0]
        self._line()
        self._line(self._style(f"--  {answered.colleague} answers {who} from his own mail program", "bold", "cyan"))
        self._excerpt(answered.text)
        self._fact("seen", f"in the Sent folder, {answered.evidence}: the case is answered")

    def _left(self, left: Left) -> None:
        who = parseaddr(str(left.letter["To"]))[1]
        self._line()
        self._line(self._style(f"=>  A letter leaves for {who}", "bold", "yellow"))
        if left.remark:
            self._line(f"    {self._style(f'({left.remark})', 'dim')}")
        self._line(f"    Subject: {self._style(visible(str(left.letter['Subject'])), 'bold')}")
        text = _wrapped(_text(left.letter), _WIDTH - 6)
        for line in text if left.in_full else []:
            self._line("    " + self._style("|", "yellow") + f" {line}".rstrip())

    def _withheld(self, withheld: Withheld) -> None:
        self._line()
        self._line(self._style(f"=x  No letter leaves for {withheld.client}: {withheld.because}", "bold", "magenta"))

    def _told(self, told: Told) -> None:
        who = parseaddr(str(told.telling["To"]))[0]
        self._line()
        self._line(self._style(f"=>  {who} is told, for nobody has answered yet", "bold", "cyan"))
        self._fact("Subject:", visible(str(told.telling["Subject"])))

    def _stopped(self) -> None:
        self._line()
        self._say("The morning is over. The daemon was asked to end, and has ended in an orderly way.")

    def _tones(self, verdict: Verdict | None) -> str:
        if verdict is None or not verdict.tone:
            return "neither complaint nor praise"
        said = []
        for tone in (each for each in Tone if each in verdict.tone):
            sure = "sure" if tone in verdict.sure else "not sure"
            said.append(self._style(tone.value, *_TONES[tone]) + f", {sure} ({verdict.scores[tone]:.1f})")
        severity = f"; severity {verdict.severity}" if verdict.severity else ""
        return " and ".join(said) + severity

    def _heading(self, words: str) -> None:
        self._line(self._style(words, "bold"))
        self._line()

    def _say(self, words: str) -> None:
        for line in textwrap.wrap(words, _WIDTH):
            self._line(line)

    def _fact(self, name: str, words: str) -> None:
        for number, line in enumerate(textwrap.wrap(words, _WIDTH - 13)):
            self._line(f"    {self._style(f'{name:<8}', 'blue') if not number else ' ' * 8} {line}")

    def _line(self, text: str = "") -> None:
        self._terminal.print(text)

    def _style(self, text: str, *names: str) -> str:
        return self._terminal.style(text, *names)


def _decided(thought: Thought) -> str:
    """What follows from a mail, in a sentence."""
    seen = thought.seen
    bounced = next((line for line in thought.journal if line.what == "address bounces"), None)
    if bounced is not None:
        return f"a bounce of our own letter: nothing more goes to {bounced.client}"
    case = "a case is opened, and " if any(line.what == "case opened" for line in thought.journal) else ""
    if thought.planned:
        return f"{case}a letter leaves in {thought.planned:.0f} seconds, unless a colleague answers first"
    if thought.planned is not None:
        return f"{case}a letter leaves at once"
    refused = f"no letter: {thought.refused} ({seen.because})" if thought.refused else f"no letter: {seen.because}"
    return _DECIDED.get(seen.because, refused)


def _text(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    text: str = part.get_content() if part is not None else ""
    return text.replace(" \n", " ")  # format=flowed (RFC 3676): a blank at the end of a line means that it goes on


def _wrapped(text: str, width: int) -> list[str]:
    """The lines of a mail's text for a terminal, without empty ones at its end."""
    lines: list[str] = []
    for line in visible(text).rstrip().splitlines():
        lines += textwrap.wrap(line, width) or [""]
    return lines


def _look_back(morning: Morning, teller: _Teller, terminal: Terminal) -> None:
    """What came of each mail, and the accounting that `status` shows."""
    config = morning.config
    if config is None:
        return
    store = store_of(config, os.environ, create=False)
    try:
        facts = standing(config, store)
        ends = {identity: _end(store, identity) for identity in teller.rows}
    finally:
        store.close()
    terminal.print()
    terminal.print(terminal.style("What came of each mail", "bold"))
    terminal.print()
    for identity, subject in teller.rows.items():
        terminal.print(f"  {visible(subject)[:44]:<46}{ends[identity]}")
    terminal.print()
    terminal.print(terminal.style("How things stand, as `status` says it", "bold"))
    terminal.print()
    terminal.print(textwrap.indent(told(facts, terminal), "  "))


def _end(store: SqlStore, identity: str) -> str:
    with store.reading() as book:
        seen = book.seen(identity)
    if seen is None:
        return "forgotten"
    return "a letter was sent" if seen.standing is Standing.ACKNOWLEDGED else f"{seen.standing}: {seen.because}"


def _look_further(folder: Path, terminal: Terminal) -> None:
    again, config = program(), folder / "config.yaml"
    further = {
        "status": "how things stand",
        "journal jo@marsh.example": "all that was seen and decided of one client",
        "letters list --all": "every letter, and what became of it",
        "preview complaint/acknowledgement": "a letter as text; --html opens it in a browser",
        "check": "mistakes in configuration, rules and letters",
    }
    terminal.print()
    terminal.print(terminal.style("Where to look further", "bold"))
    terminal.print()
    terminal.print(f"  Everything is kept in {folder}: config.yaml, to read;")
    terminal.print("  letters/, each as it left; state/, the store; and the daemon's log.")
    for command, what in further.items():
        terminal.print()
        terminal.print(terminal.style(f"  # {what}", "dim"))
        terminal.print(f"  {again} {command} --config {config}")
    terminal.print()
    terminal.print(
        terminal.style("  # begin with a configuration of your own; README.md says how, in five minutes", "dim")
    )
    terminal.print(f"  {again} init my-business")
