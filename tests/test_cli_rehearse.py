"""`rehearse`: old mail, its own clock, and nothing sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.command import Ran, Shell
from tests.shop import COMPLAINT, FRIDAY, PLAIN, PRAISE, reply, shop, written
from troth.cli.oldmail import arrival
from troth.message import header

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
    assert "\n3 mails and 0 answers from 20 November 2026 to 23 November 2026\n" in out
    assert "Friday 20 November" not in out
    assert "busiest client: mo@x.example, 2 letters" in out
    assert "complaints: 1, of which 1 went overnight unanswered; no --sent was given" in out
    assert "Fri 20 Nov 2026 10:00  jo@client.example: Order 1182  (never)" in out
    assert "mails without a letter: 1\n        1  no tone\n" in out


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


def test_mail_that_cannot_be_played_is_said_so(shell: Shell) -> None:
    (shell.folder / "a.eml").write_bytes(b"Subject: no date\n\nx\n")
    (shell.folder / "empty/cur").mkdir(parents=True)
    assert "no mail there has a date" in shell.refused("rehearse", "--mail", "a.eml")
    assert shell.refused("rehearse", "--mail", "empty") == "there is no mail to play"
    assert "no such file" in shell.refused("rehearse", "--mail", "nonesuch")


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
