"""`rehearse`: old mail, its own clock, and nothing sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.command import Ran, Shell
from tests.shop import COMPLAINT, FRIDAY, PLAIN, PRAISE, reply, shop, written
from troth.cli.diary import Diary
from troth.cli.oldmail import arrival
from troth.cli.terminal import Terminal
from troth.desk.playing import Entry, What
from troth.message import header
from troth.model import Address

HOUR = timedelta(hours=1)
KEYS = ["at", "what", "to", "letter", "subject", "client", "case", "because"]


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    shop(tmp_path)
    return Shell(tmp_path, capsys)


def box(path: Path, *mails: bytes) -> str:
    """An mbox, with its mails in the order given."""
    path.write_bytes(b"".join(b"From x@y.example Fri Nov 20 10:00:00 2026\n" + mail + b"\n" for mail in mails))
    return path.name


def left(ran: Ran, what: str = "letter") -> list[tuple[str, datetime]]:
    """Which letters, or tellings, would have left and when."""
    assert (ran.code, ran.err) == (0, ""), ran
    return [(each["letter"], datetime.fromisoformat(each["at"])) for each in ran.objects if each["what"] == what]


def test_an_object_has_the_keys_and_types_that_were_promised(shell: Shell) -> None:
    ran = shell("rehearse", "--json", "--mail", box(shell.folder / "box", written(COMPLAINT), written(PLAIN)))
    assert all(list(each) == KEYS for each in ran.objects)
    assert {each["what"] for each in ran.objects} <= {"letter", "telling", "case", "promise", "stage", "no letter"}
    letter = next(each for each in ran.objects if each["what"] == "letter")
    assert letter["at"] == "2026-11-20T10:02:00+00:00"
    assert letter["to"] == letter["client"] == "jo@client.example"
    assert letter["letter"] == "complaint/acknowledgement"
    assert letter["case"].startswith("c-")
    assert letter["because"].startswith("complaint, sure (")


def test_the_mails_own_dates_are_the_clock_whatever_their_order(shell: Shell) -> None:
    late = written(PRAISE, FRIDAY + 50 * HOUR, sender="kit@other.example")
    ran = shell("rehearse", "--json", "--mail", box(shell.folder / "box", late, written(PRAISE, FRIDAY)))
    assert left(ran)[:2] == [("praise/thank-you", FRIDAY), ("praise/thank-you", FRIDAY + 50 * HOUR)]


def test_it_plays_as_if_every_inbox_were_in_send_and_leaves_no_store_behind(shell: Shell) -> None:
    assert "mode: observe" in (shell.folder / "config.yaml").read_text()
    ran = shell("rehearse", "--json", "--mail", box(shell.folder / "box", written(PRAISE)))
    assert left(ran)
    assert sorted(path.name for path in shell.folder.iterdir()) == ["box", "config.yaml"]


def test_what_was_sent_counts_as_answers(shell: Shell) -> None:
    mail = written(COMPLAINT)
    mails = box(shell.folder / "box", mail)
    sent = box(shell.folder / "sent", reply(mail, "Here it is.", FRIDAY + timedelta(minutes=1)))
    unanswered = shell("rehearse", "--json", "--mail", mails)
    answered = shell("rehearse", "--json", "--mail", mails, "--sent", sent)
    assert ("colleague/waiting", FRIDAY + 2 * HOUR) in left(unanswered, "telling")
    assert "colleague/waiting" not in [letter for letter, _ in left(answered, "telling")]
    assert "complaint/acknowledgement" not in [letter for letter, _ in left(answered)]


def test_the_clock_stops_at_the_end_of_the_day_that_is_named(shell: Shell) -> None:
    mails = box(shell.folder / "box", written(COMPLAINT), written(PRAISE, FRIDAY + 24 * HOUR, sender="kit@x.example"))
    ran = shell("rehearse", "--json", "--mail", mails, "--until", "2026-11-20")
    assert max(datetime.fromisoformat(each["at"]) for each in ran.objects) <= FRIDAY + 14 * HOUR
    assert [letter for letter, _ in left(ran)] == ["complaint/acknowledgement"]
    assert "this is no date" in shell.refused("rehearse", "--mail", mails, "--until", "Friday")


def test_the_diary_says_when_to_whom_and_why_under_each_day(shell: Shell) -> None:
    out = shell("rehearse", "--mail", box(shell.folder / "box", written(COMPLAINT))).out
    assert "\nFriday 20 November 2026\n" in out
    assert (
        "  10:02  letter     complaint/acknowledgement to jo@client.example: Re: Your message to Harbour Print\n" in out
    )
    assert "complaint, sure (" in out


def test_the_sums_name_the_busiest_client_and_the_complaints_that_stood_overnight(shell: Shell) -> None:
    monday = written(PLAIN, FRIDAY + 80 * HOUR, sender="kit@other.example")
    mails = box(shell.folder / "box", written(COMPLAINT), written(PRAISE, sender="mo@x.example"), monday)
    out = shell("rehearse", "--summary", "--mail", mails).out
    days = "from 20 November 2026 to 23 November 2026; the clock ran on until 30 November 2026"
    assert f"\n3 mails and 0 answers {days}\n" in out
    assert "Friday 20 November" not in out
    assert "busiest client: mo@x.example, 2 letters" in out
    assert "complaints: 1, of which 1 went overnight unanswered; no --sent was given" in out
    assert "Fri 20 Nov 2026 10:00  jo@client.example: Order 1182  (never)" in out
    assert "mails without a letter: 1\n        1  no tone\n" in out


def test_a_complaint_that_nothing_comes_after_stood_overnight_as_the_diary_has_it(shell: Shell) -> None:
    mails = box(shell.folder / "box", written(COMPLAINT))
    ran = shell("rehearse", "--mail", mails)
    assert "\nTuesday 24 November 2026\n  10:00  telling    colleague/waiting" in ran.out
    assert "complaints: 1, of which 1 went overnight unanswered" in ran.out
    assert "jo@client.example: Order 1182  (the mail ends before that day does)\n" in ran.out
    until = shell("rehearse", "--mail", mails, "--until", "2026-11-20").out
    assert "complaints: 1, of which 1 went overnight unanswered" in until
    assert "the clock ran on" not in until


def test_what_is_said_of_an_answer_or_a_telling_names_the_client(shell: Shell) -> None:
    mail = written(COMPLAINT)
    mails = box(shell.folder / "box", mail)
    sent = box(shell.folder / "sent", reply(mail, "Here it is.", FRIDAY + 3 * HOUR))
    ran = shell("rehearse", "--json", "--mail", mails, "--sent", sent)
    said = {(each["what"], each["because"].partition(":")[0]) for each in ran.objects}
    assert {("case", "answered"), ("telling", "colleague/severe to owner")} <= said
    assert {each["client"] for each in ran.objects} == {"jo@client.example"}


def test_a_telling_about_several_cases_names_them_all(shell: Shell) -> None:
    saturday = FRIDAY + 24 * HOUR
    mails = box(
        shell.folder / "box",
        written(COMPLAINT, saturday),
        written("The second order is late as well and I am not happy.", saturday, sender="mo@third.example"),
    )
    ran = shell("rehearse", "--json", "--mail", mails)
    told = [each for each in ran.objects if each["what"] == "telling"]
    opened = {each["case"] for each in ran.objects if each["what"] == "case"}
    assert len(opened) == 2
    assert any(set(each.get("cases", ())) == opened for each in told)


def labelled(mail: bytes, *labels: str) -> bytes:
    return b"X-GM-THRID: 1849\nX-Gmail-Labels: " + ",".join(labels).encode() + b"\n" + mail


@pytest.mark.parametrize("sent", ["Sent", "=?UTF-8?Q?Messages_envoy=C3=A9s?=", "Gesendet"])
def test_in_an_export_of_gmails_the_labels_tell_what_was_sent_and_what_never_came(shell: Shell, sent: str) -> None:
    mail = written(COMPLAINT)
    every = box(
        shell.folder / "all.mbox",
        labelled(mail, "Inbox", "Important"),
        labelled(reply(mail, "Here it is.", FRIDAY + timedelta(minutes=1)), sent, "Opened"),
        labelled(written(PRAISE, sender="kit@other.example"), "Spam"),
        labelled(reply(mail, "Here is", FRIDAY + timedelta(minutes=1)), "Drafts"),
    )
    out = shell("rehearse", "--summary", "--mail", every).out
    assert "1 mail and 1 answer from" in out
    assert "complaints: 1, of which 0 went overnight unanswered\n" in out
    assert "2 mails were a draft or spam, and left out\n" in out


def test_below_a_folder_the_names_of_folders_tell_what_was_sent(shell: Shell) -> None:
    mail = written(COMPLAINT)
    answer = reply(mail, "Here it is.", FRIDAY + timedelta(minutes=1))
    for inside, raw in (
        ("Maildir/cur/1:2,S", mail),
        ("Maildir/.INBOX.Sent/cur/2:2,S", answer),
        ("eml/2026/1.eml", mail),
        ("eml/Sent Items/2026/2.eml", answer),
        ("boxes/Inbox.mbox", b"From \n" + mail),
        ("boxes/Sent.mbox", b"From \n" + answer),
    ):
        (shell.folder / inside).parent.mkdir(parents=True, exist_ok=True)
        (shell.folder / inside).write_bytes(raw)
    for folder in ("Maildir", "eml", "boxes"):
        assert "1 mail and 1 answer from" in shell("rehearse", "--summary", "--mail", folder).out
    assert "1 mail and 0 answers from" in shell("rehearse", "--summary", "--mail", "eml/Sent Items").out, "as was asked"


def test_on_a_terminal_the_diary_is_folded_between_words_and_piped_it_is_not() -> None:
    class Screen(StringIO):
        def isatty(self) -> bool:
            return True

    because = "colleague/before-close to owner: nobody has answered yet, or perhaps by another thread of his"
    entry = Entry(FRIDAY, What.TELLING, because, Address("ada@harbour.example"), "colleague/before-close", "x " * 30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "80")
        patch.setenv("NO_COLOR", "1")
        screen, pipe = Screen(), StringIO()
        for out in (screen, pipe):
            Diary(Terminal(out), ZoneInfo("Europe/London")).tell(entry)
    assert max(map(len, screen.getvalue().splitlines())) <= 80
    assert screen.getvalue().split() == pipe.getvalue().split()
    assert len(pipe.getvalue().splitlines()) == 4


def test_a_complaint_answered_before_closing_did_not_stand_overnight(shell: Shell) -> None:
    mail = written(COMPLAINT)
    mails = box(shell.folder / "box", mail, written(PLAIN, FRIDAY + 80 * HOUR, sender="kit@other.example"))
    sent = box(shell.folder / "sent", reply(mail, "Here it is.", FRIDAY + 3 * HOUR))
    out = shell("rehearse", "--summary", "--mail", mails, "--sent", sent).out
    assert "complaints: 1, of which 0 went overnight unanswered\n" in out


def test_another_configuration_is_compared_by_what_it_would_change(shell: Shell) -> None:
    other = shell.folder / "other.yaml"
    plans = "plans:\n  complaint: [{letter: complaint/acknowledgement, after: 1 hour}]\n  praise: []\n"
    other.write_text((shell.folder / "config.yaml").read_text() + plans)
    mails = box(shell.folder / "box", written(COMPLAINT), written(PRAISE, sender="kit@other.example"))
    ran = shell("rehearse", "--json", "--mail", mails, "--against", "other.yaml")
    changes = {(each["letter"], each["change"]) for each in ran.objects if each["what"] in ("letter", "telling")}
    assert ("complaint/acknowledgement", "moved") in changes
    assert ("praise/thank-you", "gone") in changes
    assert ("colleague/waiting", "gone") in changes
    assert "letter: " in shell("rehearse", "--mail", mails, "--against", "other.yaml").out


def test_the_same_configuration_changes_nothing(shell: Shell) -> None:
    mails = box(shell.folder / "box", written(COMPLAINT), written(PRAISE, sender="kit@other.example"))
    ran = shell("rehearse", "--mail", mails, "--against", "config.yaml")
    assert ran.out == "\nwith config.yaml instead of config.yaml: nothing changes\n"


def test_a_mail_belongs_to_the_inbox_it_was_written_to(shell: Shell) -> None:
    server = "{host: mail.harbour.example, username: sales, password: {env: SALES_PASSWORD}}"
    sales = f"  - {{name: sales, address: sales@harbour.example, imap: {server}, smtp: {server}}}\n"
    shop(shell.folder, change=("store:", sales + "store:"))
    mails = box(shell.folder / "box", written(PRAISE, to="sales@harbour.example"))
    assert left(shell("rehearse", "--json", "--mail", mails))
    assert "not addressed to us" not in shell("rehearse", "--summary", "--mail", mails).out


def test_a_wrong_address_in_the_configuration_is_suspected(shell: Shell) -> None:
    mails = box(
        shell.folder / "box",
        *(written(PRAISE, to=to) for to in ("x@y.example", "z@y.example", "hello@harbour.example")),
    )
    asked = "are `address`, `aliases` and `domains` in config.yaml right?"
    assert asked in shell("rehearse", "--summary", "--mail", mails).out
    mails = box(shell.folder / "box", written(PRAISE), written(PLAIN), written(PRAISE, to="x@y.example"))
    assert asked not in shell("rehearse", "--summary", "--mail", mails).out


def test_many_mails_are_read_ahead_with_the_same_outcome(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    mails = [
        written([COMPLAINT, PRAISE, PLAIN][n % 3], FRIDAY + n * timedelta(minutes=1), sender=f"c{n}@x.example")
        for n in range(40)
    ]
    name = box(shell.folder / "box", *mails)
    inline = shell("rehearse", "--summary", "--mail", name)
    monkeypatch.setattr("troth.cli.reading_ahead._WORTH_IT", 10)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert shell("rehearse", "--summary", "--mail", name) == inline


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ([("Date", FRIDAY)], FRIDAY),
        ([("Received", FRIDAY), ("Received", FRIDAY - HOUR), ("Date", FRIDAY - 2 * HOUR)], FRIDAY),
        ([("Received", FRIDAY), ("Date", datetime(2099, 1, 1, tzinfo=FRIDAY.tzinfo))], FRIDAY),
        ([("Received", datetime(1970, 1, 1, tzinfo=FRIDAY.tzinfo)), ("Date", FRIDAY)], FRIDAY),
        ([("Date", datetime(2099, 1, 1, tzinfo=FRIDAY.tzinfo))], None),
        ([], None),
    ],
    ids=["Date alone", "topmost Received first", "Date ahead", "Received mad", "nothing sane", "nothing"],
)
def test_a_mails_moment_is_what_the_last_server_wrote_down_if_that_is_sane(
    fields: list[tuple[str, datetime]], at: datetime | None
) -> None:
    lines = [
        f"{name}: {'from a by b; ' if name == 'Received' else ''}{format_datetime(moment)}" for name, moment in fields
    ]
    assert arrival(header.split("\n".join([*lines, "To: x@y.example", "", "x"]).encode())[0]) == at


def test_a_mail_without_a_date_is_played_beside_its_neighbour(shell: Shell) -> None:
    undated = b"\n".join(line for line in written(PRAISE).split(b"\n") if not line.startswith(b"Date:"))
    dated = written(PLAIN, FRIDAY + HOUR, sender="kit@other.example")
    mails = box(shell.folder / "box", undated, dated)
    assert left(shell("rehearse", "--json", "--mail", mails))[0] == ("praise/thank-you", FRIDAY + HOUR)
    assert "1 mail has no date" in shell("rehearse", "--summary", "--mail", mails).out


def test_an_empty_folder_of_answers_answers_nothing(shell: Shell) -> None:
    (shell.folder / "sent").mkdir()
    (shell.folder / "odd").mkdir()
    (shell.folder / "odd/notes.txt").write_text("x")
    mails = box(shell.folder / "box", written(PRAISE))
    assert left(shell("rehearse", "--json", "--mail", mails, "--sent", "sent"))
    assert "no mail is in it" in shell.refused("rehearse", "--mail", mails, "--sent", "odd")


def test_mail_that_cannot_be_played_is_said_so(shell: Shell) -> None:
    (shell.folder / "a.eml").write_bytes(b"Subject: no date\n\nx\n")
    (shell.folder / "b.mbox").write_bytes(b"")
    (shell.folder / "box").write_bytes(b"From \n" + written(PLAIN))
    (shell.folder / "empty/cur").mkdir(parents=True)
    assert "no mail there has a date" in shell.refused("rehearse", "--mail", "a.eml")
    assert shell.refused("rehearse", "--mail", "empty") == "there is no mail to play"
    assert "no such file" in shell.refused("rehearse", "--mail", "nonesuch")
    assert "no mail is in it" in shell.refused("rehearse", "--mail", "b.mbox")
    assert "came later, the first on 2026-11-20" in shell.refused("rehearse", "--mail", "box", "--until", "2020-01-01")
    assert "this is no date" in shell.refused("rehearse", "--mail", "box", "--until", "9999-12-31")


def test_what_the_circuit_breaker_would_have_held_is_counted_and_nothing_is_logged(shell: Shell) -> None:
    shop(shell.folder, change=("letters: {", "letters: {at_most: 2 per hour, "))
    mails = [written(PRAISE, sender=f"c{n}@x.example") for n in range(3)]
    ran = shell("rehearse", "--summary", "--mail", box(shell.folder / "box", *mails), "--until", "2026-11-20")
    assert ran.err == ""
    assert "letters to clients: 2\n" in ran.out
    assert "        1  held besides" in ran.out


def test_no_client_moves_the_cursor_of_whoever_reads_the_diary(shell: Shell) -> None:
    raw = written(COMPLAINT).replace(b"Order 1182", b"x\x1b[2J\xe2\x80\xae")
    out = shell("rehearse", "--mail", box(shell.folder / "box", raw)).out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_mail_that_was_saved_without_its_return_path_is_played_as_it_was_delivered(shell: Shell) -> None:
    config = shell.folder / "config.yaml"
    config.write_text(config.read_text().replace("return_path: optional", "return_path: required"))
    raw = written(PRAISE)
    assert b"Return-Path" not in raw
    name = box(shell.folder / "box", raw)
    assert left(shell("rehearse", "--json", "--mail", name))[0] == ("praise/thank-you", FRIDAY)
    assert "1 mail has lost the Return-Path; it is taken to be the sender" in shell("rehearse", "--mail", name).out
