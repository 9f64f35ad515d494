"""`classify`: what is thought of a mail, and why."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

from troth.cli.ending import WRONG, Ending
from troth.cli.loading import setting
from troth.cli.sources import count, mails
from troth.cli.terminal import Terminal, visible
from troth.desk import Reading, Setting, read
from troth.message import detect_language
from troth.model import Tone, Verdict
from troth.rulebook import Line, render

HELP = "say what is thought of a mail, and why"
ABOUT = (
    "Reads mails (.eml, an mbox, a Maildir, a folder of .eml, or one mail on standard input as -) and prints the "
    "verdict and its reasons. Applies what mail and configuration say; never age, history or limits."
)

_STYLES = {
    "complaint": ("red", "bold"),
    "praise": ("green", "bold"),
    "neutral": ("blue",),
    "negated": ("magenta",),
    "masked": ("dim",),
    "held": ("dim",),
    "heading": ("bold",),
}
_LONGEST_LINE = 4 << 20


def add(part: ArgumentParser) -> None:
    part.add_argument("paths", nargs="*", metavar="PATH", help="a .eml, an mbox, a Maildir, a folder, or -")
    part.add_argument("--json", action="store_true", help="one JSON object a line")
    part.add_argument("--jsonl", metavar="FILE", help='texts as {"id","subject","text"} a line, for bulk (- = stdin)')


def act(arguments: Namespace, terminal: Terminal) -> int:
    if bool(arguments.paths) == bool(arguments.jsonl):
        raise Ending(WRONG, "give either the paths of mails or --jsonl FILE; - is standard input")
    using = setting(arguments, letters=False)
    lines = _texts(arguments.jsonl, using, terminal) if arguments.jsonl else _mails(arguments, using, terminal)
    for line in lines:
        terminal.print(line)
    return 0


def _mails(arguments: Namespace, using: Setting, terminal: Terminal) -> Iterator[str]:
    total = count(arguments.paths)
    for number, (source, raw) in enumerate(mails(arguments.paths), 1):
        reading = read(raw, using)
        yield terminal.encoded(_of_mail(source, reading)) if arguments.json else _told(source, reading, using, terminal)
        terminal.progress(f"{number}" + (f" of {total}" if total else "") + " mails")


def _of_mail(source: str, reading: Reading) -> dict[str, object]:
    message = reading.message
    facts = {
        "source": source,
        "message_id": message.message_id,
        "from": message.from_[0].address if message.from_ else None,
        "subject": message.subject,
        "language": message.language,
        "text": message.text,
        "answer": reading.refusal is None,
        "reason": reading.refusal.reason.value if reading.refusal else None,
    }
    return facts | _verdict(reading.verdict)


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "tone": [tone.value for tone in Tone if tone in verdict.tone],
        "sure": [tone.value for tone in Tone if tone in verdict.sure],
        "scores": {tone.value: round(verdict.scores.get(tone, 0.0), 4) for tone in Tone},
        "severity": verdict.severity.value if verdict.severity else None,
        "tags": list(verdict.tags),
        "matches": [
            {"rule": m.rule, "phrase": m.phrase, "in": m.where, "weight": m.weight, "negated": m.negated}
            for m in verdict.matches
        ],
    }


def _texts(path: str, using: Setting, terminal: Terminal) -> Iterator[str]:
    try:
        source = nullcontext(sys.stdin) if path == "-" else Path(path).open(encoding="utf-8")  # noqa: SIM115 - opened by `with`
    except OSError as error:
        raise Ending(WRONG, f"{path}: {(error.strerror or 'it cannot be read').lower()}") from None
    using.rulebook.hasten()
    with source as lines:
        yield from _judged(lines, path, using, terminal)


def _judged(lines: TextIO, path: str, using: Setting, terminal: Terminal) -> Iterator[str]:
    number = 0
    while line := lines.readline(_LONGEST_LINE):
        number += 1
        if line.strip():
            yield terminal.encoded(_of_text(line, f"{path}:{number}", using))
            terminal.progress(f"{number} texts")


def _of_text(line: str, where: str, using: Setting) -> dict[str, object]:
    try:
        item = json.loads(line)
        subject, text = str(item.get("subject") or ""), str(item["text"])
        source = str(item.get("id", where))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise Ending(WRONG, f'{where}: this is no {{"id", "subject", "text"}} object') from None
    subject, text = _sound(subject), _sound(text)
    language = detect_language(f"{subject}\n{text}" if subject else text, using.languages)
    verdict = using.rulebook.classify(subject, text, language)
    facts = {"source": source, "message_id": None, "from": item.get("from"), "subject": subject}
    return facts | {"language": language, "text": text} | _verdict(verdict)


def _sound(text: str) -> str:
    """The text without lone surrogates, which JSON can spell and nothing else takes."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _told(source: str, reading: Reading, using: Setting, terminal: Terminal) -> str:
    message = reading.message
    explained = using.rulebook.explain(message.subject, message.text, message.language)
    refusal = reading.refusal
    answer = f"not answered: {refusal.reason.value} ({refusal.words})" if refusal else "may be answered"
    head = [
        terminal.style(visible(source), "bold"),
        f"  from     {visible(message.from_[0].address) if message.from_ else 'nobody'}",
        f"  language {message.language or 'not known'}",
        f"  gate     {answer}",
    ]
    return "\n".join([*head, "", *(_painted(line, terminal) for line in render(explained)), ""])


def _painted(line: Line, terminal: Terminal) -> str:
    return "".join(terminal.style(visible(part.text), *_STYLES.get(part.style or "", ())) for part in line)
