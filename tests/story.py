"""Stories: mails and moments in, letters and tellings out, in words that the owner of a business reads.

Each file of tests/stories holds stories. `happens` is what comes, in order; `then` is all that leaves, in order.

    - at: Fri 20 Nov 14:10            London time; the year is 2026 unless it is written
      jo writes: My order is smudged.  `jo writes`: a mail of his own. `jo replies`: to the latest mail between us.
                                       `ada answers jo`, `ada writes to jo`: mails found in Sent.
      subject, from, to, cc, bcc       in place of the usual ones; `from` is an address
      re: 2                            it goes back to the second thing that happened, or to a letter by its name
      fields: {List-Id: …}             more header fields
      into: inbox                      where it is found: inbox, sent, or sam's sent
      found: Mon 23 Nov 9:30           the daemon was down until then
    - at: …
      sam tells us: answered           his reply to the latest mail of ours to him, or to the one that `re` names
    - at: Mon 23 Nov 9:30
      down: until now                  nothing was reconsidered before this moment
    - at: …
      again: 2                         the second mail lies in another folder too
    - at: …
      bounces: 2                       a mail server could not deliver the second mail
      status: 4.2.2                    why, as servers write it (RFC 3463); 5.1.1 is usual

`plans`, `letters` and `rest` of a story stand in its config.yaml in place of the usual ones.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from troth.app.wiring import setting_of
from troth.config import load
from troth.desk import Setting
from troth.desk.playing import Entry, Play, What

HERE = Path(__file__).parent / "stories"
LONDON = ZoneInfo("Europe/London")
PEOPLE = {
    "jo": "Jo Marsh <jo@client.example>",
    "mo": "Mo Bell <mo@bell.example>",
    "al": "Al Reed <al@reed.example>",
    "kit": "Kit Ray <kit@ray.example>",
    "quinn": "Quinn Low <quinn@low.example>",
    "supplier": "Ink & Co <sales@supplier.example>",
    "ada": "Ada Byron <ada@harbour.example>",
    "sam": "Sam Fox <sam@harbour.example>",
    "hello": "Harbour Print <hello@harbour.example>",
    "web": "Web form <web@harbour.example>",
}
_NAMES = {whole.partition("<")[2].rstrip(">"): name for name, whole in PEOPLE.items()}
_DOES = re.compile(r"(\w+) (writes|replies|answers|tells)(?: (?:to )?(\w+))?")
_KNOWN = {"at", "subject", "from", "to", "cc", "bcc", "re", "as", "fields", "into", "found", "reply to"}


@dataclass(frozen=True)
class Story:
    """One story as it stands in its file."""

    title: str
    happens: Sequence[Mapping[str, object]]
    then: Sequence[str]
    until: str
    because: Sequence[str] = ()
    cases: Sequence[str] = ()
    plans: str = ""
    letters: str = ""
    rest: str = ""


def stories() -> list[Story]:
    """All stories there are, by file and in the order of each file."""
    return [_story(told) for path in sorted(HERE.glob("*.yaml")) for told in yaml.safe_load(path.read_text())]


def _story(told: dict[str, object]) -> Story:
    return Story(title=str(told.pop("story")), **{"then": [], **told})  # type: ignore[arg-type]  # a wrong key is a TypeError


def moment(text: str) -> datetime:
    """`Fri 20 Nov 14:10` (of 2026), or `Thu 2 Dec 2027 9:00`, as an instant; the weekday must be right."""
    words = text.split()
    year = words[3] if len(words) == 5 else "2026"
    local = datetime.strptime(f"{words[1]} {words[2]} {year} {words[-1]}", "%d %b %Y %H:%M")  # noqa: DTZ007 - as below
    assert f"{local:%a}" == words[0], f"{text}: that is a {local:%A}"
    return local.replace(tzinfo=LONDON).astimezone(UTC)


def said(at: datetime) -> str:
    """An instant as stories write it, to the minute."""
    local = at.astimezone(LONDON)
    year = f" {local.year}" if local.year != 2026 else ""
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


@dataclass
class Mail:
    """A mail of a story, and whose conversation it belongs to."""

    client: str
    message_id: str
    references: tuple[str, ...]
    subject: str
    raw: bytes


@dataclass
class Telling:
    """A story on its way through a play."""

    story: Story
    play: Play
    mails: list[Mail | None] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def run(self) -> None:
        for event in self.story.happens:
            self._happen(event)
        self.entries.extend(self.play.advance(moment(self.story.until)))

    def _happen(self, event: Mapping[str, object]) -> None:
        at = moment(str(event["at"]))
        if not {"down", "found"} & event.keys():
            self.entries.extend(self.play.advance(at))
        if "down" in event:
            self.mails.append(None)
            self.entries.extend(self.play.wake_up(at))
        elif "bounces" in event:
            which = event["bounces"]
            of = self._letter(which, "") if isinstance(which, str) else self._nth(which)
            self._feed(at, _bounce(of, str(event.get("status", "5.1.1"))), "inbox")
        elif "again" in event:
            self._feed(at, self._nth(event["again"]).raw, str(event["into"]))
        else:
            self._written(at, event)

    def _nth(self, number: object) -> Mail:
        assert isinstance(number, int)
        mail = self.mails[number - 1]
        assert mail is not None
        return mail

    def _feed(self, at: datetime, raw: bytes, into: str, arrived: datetime | None = None) -> None:
        inbox = "sam" if into.startswith("sam") else "hello"
        self.entries.extend(self.play.feed(at, raw, sent=into.endswith("sent"), inbox=inbox, arrived=arrived or at))

    def _written(self, at: datetime, event: Mapping[str, object]) -> None:
        key, text, does = _does(event)
        mail = self._mail(does, text, at, event)
        self.mails.append(mail)
        found = moment(str(event["found"])) if "found" in event else at
        if found != at:
            self.entries.extend(self.play.wake_up(found))
        ours = _of_ours(key) and does[1] != "tells"
        self._feed(found, mail.raw, str(event.get("into", "sent" if ours else "inbox")), at)

    def _mail(self, does: tuple[str, str, str], text: str, at: datetime, event: Mapping[str, object]) -> Mail:
        who, what, whom = does
        if what == "tells":
            whom = "hello"
        client = who if what == "tells" else whom or who
        before = self._told(who, event.get("re")) if what == "tells" else self._before(what, client, event)
        subject = str(
            event.get("subject") or ("Re: " + before.subject.removeprefix("Re: ") if before else "Order 1182")
        )
        domain = "harbour.example" if whom else "client.example"
        own = f"<{len(self.mails) + 1}.{who}@{domain}>"
        references = (*before.references, before.message_id) if before else ()
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = event.get("from") or PEOPLE[who]
        message["To"] = _addresses(event.get("to") or whom or "hello")
        for name in ("cc", "bcc", "reply to"):
            if name in event:
                message[name.title().replace(" ", "-")] = _addresses(event[name])
        message["Subject"], message["Date"], message["Message-ID"] = subject, format_datetime(at), own
        if before is not None:
            message["In-Reply-To"], message["References"] = before.message_id, " ".join(references)
        fields = event.get("fields") or {}
        assert isinstance(fields, dict)
        for name, value in {"Return-Path": f"<{_bare(str(message['From']))}>", **fields}.items():
            message[name] = value
        message.set_content(text)
        return Mail(client, own, references, subject, message.as_bytes())

    def _before(self, what: str, client: str, event: Mapping[str, object]) -> Mail | None:
        """The mail that this one goes back to."""
        re_ = event.get("re")
        if isinstance(re_, int):
            return self.mails[re_ - 1]
        if isinstance(re_, str):
            return self._letter(re_, client)
        if what == "writes":
            return None
        own = [mail for mail in self.mails if mail is not None and mail.client == client]
        return own[-1] if own else None

    def _told(self, who: str, name: object) -> Mail:
        """The latest mail of ours to a colleague, of that name if there is one."""
        own = [each for each in self.entries if each.what is What.TELLING and _NAMES.get(each.to or "") == who]
        letter = [each.written for each in own if each.written and name in (None, each.letter)][-1]
        return Mail(who, letter.message_id, (), letter.subject, letter.raw)

    def _letter(self, name: str, client: str) -> Mail:
        """The latest letter of that name."""
        letter = [each.written for each in self.entries if each.letter == name and each.written][-1]
        return Mail(client, letter.message_id, (), letter.subject, letter.raw)

    def left(self) -> list[str]:
        """All that left, as stories write it."""
        return [_line(entry) for entry in self.entries if _leaves(entry)]

    def reasons(self) -> list[str]:
        return [entry.because for entry in self.entries if not _leaves(entry)]

    def cases(self) -> list[str]:
        """The state of each case at the end, in the order they were opened."""
        states = {entry.matter.key: entry.matter.state.value for entry in self.entries if entry.matter is not None}
        return list(states.values())


def _does(event: Mapping[str, object]) -> tuple[str, str, tuple[str, str, str]]:
    keys = [key for key in event if key not in _KNOWN]
    found = _DOES.fullmatch(keys[0])
    assert len(keys) == 1, keys
    assert found is not None, keys
    return found[1], str(event[keys[0]]), (found[1], found[2], found[3] or "")


def _bounce(of: Mail, status: str) -> bytes:
    """A report of a mail server that a mail could not be delivered (RFC 3464)."""
    to = _bare(str(message_from_bytes(of.raw)["To"]))
    lines = [
        "Return-Path: <>",
        "From: Mail Delivery System <mailer-daemon@harbour.example>",
        "To: ada@harbour.example",
        "Subject: Undelivered Mail Returned to Sender",
        f"Message-ID: <bounce-of-{of.message_id[1:]}",
        "Auto-Submitted: auto-replied",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        *("", "--b", "Content-Type: text/plain", "", "It could not be delivered."),
        *("--b", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.harbour.example", ""),
        *(f"Final-Recipient: rfc822; {to}", "Action: failed", f"Status: {status}", ""),
        *("--b", "Content-Type: message/rfc822", "", ""),
    ]
    return "\r\n".join(lines).encode() + of.raw + b"\r\n--b--\r\n"


def _of_ours(who: str) -> bool:
    return who in ("ada", "sam", "hello")


def _addresses(names: object) -> str:
    listed = names if isinstance(names, list) else [names]
    return ", ".join(PEOPLE.get(str(name), str(name)) for name in listed)


def _bare(whole: str) -> str:
    return whole.partition("<")[2].rstrip(">") or whole


def _leaves(entry: Entry) -> bool:
    return entry.what in (What.LETTER, What.TELLING)


def _line(entry: Entry) -> str:
    who = _NAMES.get(entry.to or "", entry.to)
    if entry.what is What.LETTER:
        held = " (held)" if entry.because.startswith("held") else ""
        return f"{said(entry.at)}  {entry.letter} to {who}{held}"
    assert entry.written is not None
    message = message_from_bytes(entry.written.raw, policy=policy.default)
    matters = sum(part.get_content_type() == "message/rfc822" for part in message.walk())
    text = message.get_body(("plain",))
    doubt = ", perhaps answered" if text is not None and "Perhaps answered" in text.get_content() else ""
    several = f", {matters} matters" if matters > 1 else ""
    return f"{said(entry.at)}  {who} is told: {entry.letter}{several}{doubt}"


def told(story: Story, folder: Path) -> Telling:
    """The story, played to its end."""
    setting = _house(folder, story) if story.plans or story.letters or story.rest else house_as_usual()
    play = Play(setting, moment(str(story.happens[0]["at"])))
    telling = Telling(story, play)
    try:
        telling.run()
    finally:
        play.close()
    return telling


@cache
def house_as_usual() -> Setting:
    return _setting(HERE / "house" / "config.yaml")


def _house(folder: Path, story: Story) -> Setting:
    shutil.copytree(HERE / "house", folder, dirs_exist_ok=True)
    path = folder / "config.yaml"
    parts = [("plans", story.plans), ("letters", story.letters)]
    path.write_text(path.read_text() + "".join(_part(name, text) for name, text in parts if text) + story.rest)
    return _setting(path)


def _part(name: str, text: str) -> str:
    return f"{name}:\n" + "".join(f"  {line}\n" for line in text.splitlines())


def _setting(path: Path) -> Setting:
    found = load(path, environ={}, letters=True)
    assert found.config is not None, [str(each) for each in found.mistakes]
    return setting_of(found.config, found)


def moments(lines: Sequence[str]) -> Iterator[str]:
    """Lines of a story as they are compared: blanks made one."""
    return (" ".join(line.split()) for line in lines)
