"""What a colleague's reply asks for. It is Friday 20 November 2026, 10:00 in London, unless a test says otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.test_hours import PRINTER, ROUND_THE_CLOCK, at, wall
from troth.commands import (
    ALL,
    Answered,
    Asked,
    Assign,
    Command,
    Drop,
    Help,
    Kept,
    MakePromise,
    NoteDown,
    Part,
    Pending,
    Quiet,
    Reply,
    Send,
    Settled,
    SetTone,
    Snooze,
    Undo,
    read,
)
from troth.commands.english import ENGLISH
from troth.commands.german import GERMAN
from troth.commands.tongue import folded
from troth.hours import Hours
from troth.letters.replies import Situation, words
from troth.model import Tone

FRIDAY = at("2026-11-20 10:00")
COMPLAINT, PRAISE, NEITHER = (SetTone(frozenset(tones)) for tones in ([Tone.COMPLAINT], [Tone.PRAISE], []))


def heard(text: str, now: datetime = FRIDAY, hours: Hours = PRINTER) -> Reply:
    return read(text, ["de", "en"], now, hours)


def only(text: str, now: datetime = FRIDAY, hours: Hours = PRINTER) -> Command:
    reply = heard(text, now, hours)
    assert (len(reply.commands), reply.rest, reply.unread) == (1, "", ()), reply
    return reply.commands[0].command


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("answered", Answered()),
        ("Answered.", Answered()),
        ("ANSWERED!", Answered()),
        ("Please answered.", Answered()),
        ("answered please, thanks", Answered()),
        ("**answered**", Answered()),
        ("Please *answered*.", Answered()),
        ("*Answered*", Answered()),
        ("_answered_", Answered()),
        ("- answered", Answered()),
        ("\u2022 answered", Answered()),
        ("   * answered", Answered()),
        ("`answered`", Answered()),
        ("\u201canswered\u201d", Answered()),
        ("ans\u200bwered", Answered()),
        ("answered by phone", Answered()),
        ("Answered on the phone this morning.", Answered()),
        ("answered already", Answered()),
        ("I have answered", Answered()),
        ("Ok, answered", Answered()),
        ("beantwortet", Answered()),
        ("Bitte: beantwortet", Answered()),
        ("schon beantwortet", Answered()),
        ("Beantwortet, telefonisch", Answered()),
        ("Ich habe geantwortet.", Answered()),
        ("settled", Settled()),
        ("It is settled.", Settled()),
        ("erledigt", Settled()),
        ("Ist erledigt!", Settled()),
        ("part", Part()),
        ("Part ways", Part()),
        ("trennen", Part()),
        ("kept", Kept()),
        ("Promise kept.", Kept()),
        ("gehalten", Kept()),
        ("Zusage eingehalten", Kept()),
        ("complaint", COMPLAINT),
        ("It is a complaint", COMPLAINT),
        ("yes, complaint", COMPLAINT),
        ("It\u2019s a complaint", COMPLAINT),
        ("this is not a complaint", NEITHER),
        ("Das ist keine Beschwerde", NEITHER),
        ("Beschwerde", COMPLAINT),
        ("ja, Beschwerde", COMPLAINT),
        ("Reklamation", COMPLAINT),
        ("praise", PRAISE),
        ("Lob!", PRAISE),
        ("neither", NEITHER),
        ("Not a complaint.", NEITHER),
        ("keins", NEITHER),
        ("Weder noch", NEITHER),
        ("keine Beschwerde", NEITHER),
        ("send", Send()),
        ("Please send it.", Send()),
        ("send the letter", Send()),
        ("senden", Send()),
        ("Bitte senden, danke", Send()),
        ("drop", Drop()),
        ("drop it", Drop()),
        ("don\u2019t send", Drop()),
        ("verwerfen", Drop()),
        ("nicht senden", Drop()),
        ("quiet", Quiet()),
        ("no more letters", Quiet()),
        ("still", Quiet()),
        ("Ruhe", Quiet()),
        ("pending", Pending()),
        ("What's pending?", Pending()),
        ("offen", Pending()),
        ("Was ist offen?", Pending()),
        ("help", Help()),
        ("Help!", Help()),
        ("?", Help()),
        ("Hilfe", Help()),
        ("undo", Undo()),
        ("Undo that, please", Undo()),
        ("zurück", Undo()),
        ("rückgängig", Undo()),
        ("to sam@harbour.example", Assign("sam@harbour.example")),
        ("to <Sam@Harbour.example>", Assign("sam@harbour.example")),
        ("To Sam", Assign("Sam")),
        ("to Sam Fox, please", Assign("Sam Fox")),
        ("assign to Sam", Assign("Sam")),
        ("an Sam", Assign("Sam")),
        ("geht an Jörg", Assign("Jörg")),
        ("note she wants proofs by post", NoteDown("she wants proofs by post")),
        ("Note: that she wants proofs by post?", NoteDown("that she wants proofs by post?")),
        ("Notiz: möchte Muster per Post", NoteDown("möchte Muster per Post")),
    ],
)
def test_a_line_that_consists_of_a_word_and_courtesies_acts(line: str, command: Command) -> None:
    assert only(line) == command


@pytest.mark.parametrize(
    "line",
    [
        "Answered her mail? no idea",
        "answered?",
        "answered? yes",
        "Answered the phone",
        "Answered. Well, not really.",
        "answered her twice and she is still cross",
        "nobody answered",
        "Not answered",
        "I have not answered",
        "settled? I doubt it",
        "Settled accounts are another matter",
        "part of the order is missing",
        "Part.of",
        "I promise I will",
        "promise me you will call",
        "promised, but when?",
        "Promise Friday or Saturday",
        "promised Friday but she was unhappy",
        "promise Friday?",
        "promise 14h",
        "promise Fri 12 new proofs",
        "promise next week",
        "promise me new proofs by Friday",
        "promise",
        "promise new proofs",
        "promise at 5 new proofs",
        "promise Friday at 5 new proofs",
        "promise 31 Feb new proofs",
        "promise Monday 24 December new proofs",  # a Thursday
        "promise 99999999999 days",
        "kept waiting for ages",
        "to be honest, I do not know",
        "to the client",
        "to whom it may concern",
        "to sam fox and ada and jo",
        "to Sam or Ada or so",
        "Complaint about us again",
        "praise be",
        "neither of us knows her",
        "send her the proofs",
        "send me the file",
        "drop me a line",
        "note that the order was late",
        "note",
        "quiet day today",
        "snooze",
        "snooze for a bit",
        "snooze a while",
        "snooze 2 business days or so",
        "snooze 0 days",
        "snooze 9999 business days",
        "help yourself",
        "undo the damage",
        "2 more boxes please",
        "#0 answered",
        "an sich gut",
        "an den Kunden",
        "Lob und Tadel",
        "still no answer from her",
        "offen gesagt nein",
        "erledigt sich von selbst",
        "später mehr dazu",
        "Zusage kommt noch",
        "senden Sie mir bitte die Datei",
        "> answered",
        ">answered",
        " > > answered",
        "| answered",
        "\u00bb answered",
        "answeredanswered",
        "an-swered",
    ],
)
def test_prose_does_not_act(line: str) -> None:
    reply = heard(line)
    assert reply.commands == ()


def test_a_line_that_begins_as_a_command_is_asked_back_and_stays_a_note() -> None:
    reply = heard("snooze a while\nShe was friendly.\nplease send her the proofs")
    assert reply.unread == ("snooze a while", "please send her the proofs")
    assert reply.rest == "snooze a while\nShe was friendly.\nplease send her the proofs"


@pytest.mark.parametrize(
    ("line", "due", "what"),
    [
        ("promise Friday 12:00 new proofs", "2026-11-20 12:00", "new proofs"),
        ("Promise: Friday, 12:00: new proofs.", "2026-11-20 12:00", "new proofs"),
        ("promise friday noon new proofs", "2026-11-20 12:00", "new proofs"),
        ("promise Friday 9:00", "2026-11-27 09:00", ""),
        ("promise by Friday", "2026-11-20 15:00", ""),
        ("promise Friday 12pm", "2026-11-20 12:00", ""),
        ("promise 12pm Friday new proofs", "2026-11-20 12:00", "new proofs"),
        ("promise next Friday", "2026-11-27 15:00", ""),
        ("promise this Friday at noon", "2026-11-20 12:00", ""),
        ("promised Monday 9.30am a call", "2026-11-23 09:30", "a call"),
        ("promise Mon 4 pm", "2026-11-23 16:00", ""),
        ("promise Monday morning", "2026-11-23 12:00", ""),
        ("promise Monday afternoon new proofs", "2026-11-23 17:30", "new proofs"),
        ("promise today new proofs", "2026-11-20 15:00", "new proofs"),
        ("promise eod", "2026-11-20 15:00", ""),
        ("promise by end of day new proofs", "2026-11-20 15:00", "new proofs"),
        ("promise tomorrow", "2026-11-21 23:59", ""),  # closed
        ("promise tomorrow at 10", "2026-11-21 10:00", ""),
        ("promise the day after tomorrow 10:00", "2026-11-22 10:00", ""),
        ("promise 17:00 call her back", "2026-11-20 17:00", "call her back"),
        ("promise at 17:00 call her back", "2026-11-20 17:00", "call her back"),
        ("promise 9:00", "2026-11-20 09:00", ""),  # it has passed: that is asked back
        ("promise 24 Dec", "2026-12-24 23:59", ""),  # closed
        ("promise 24th of December, 10:00: proofs", "2026-12-24 10:00", "proofs"),
        ("promise Thursday 24 December 10am", "2026-12-24 10:00", ""),
        ("promise Dec 23rd, new proofs", "2026-12-23 17:30", "new proofs"),
        ("promise 5 Jan 2027 10:00", "2027-01-05 10:00", ""),
        ("promise 5 Jan", "2027-01-05 17:30", ""),
        ("promise 18 Nov", "2026-11-18 17:30", ""),  # just over: a slip, not next year
        ("promise 2026-12-23 10:00 new proofs", "2026-12-23 10:00", "new proofs"),
        ("promise 2026-12-23T10:00 new proofs", "2026-12-23 10:00", "new proofs"),
        ("promise 2020-12-23 10:00", "2020-12-23 10:00", ""),
        ("promise in 2 hours new proofs", "2026-11-20 12:00", "new proofs"),
        ("promise in 3 business days new proofs", "2026-11-25 10:00", "new proofs"),
        ("promise within a week", "2026-11-27 10:00", ""),
        ("promise in a year", "2027-11-20 10:00", ""),
        ("promise in 2h", "2026-11-20 12:00", ""),
        ("promise Monday 14h", "2026-11-23 14:00", ""),
        ("promise Friday 12 noon", "2026-11-20 12:00", ""),
        ("I promised her new proofs by Friday noon.", "2026-11-20 12:00", "new proofs"),
        ("promised them Friday 12:00 new proofs", "2026-11-20 12:00", "new proofs"),
        ("promise Friday 200 brochures", "2026-11-20 15:00", "200 brochures"),
        ("promise two days", "2026-11-22 10:00", ""),
        ("promise new proofs by Friday 12:00", "2026-11-20 12:00", "new proofs"),
        ("promise new proofs by Monday, please", "2026-11-23 17:30", "new proofs"),
        ("promised 200 brochures by 23 Dec 9:00", "2026-12-23 09:00", "200 brochures"),
        ("I promised Friday 12:00 new proofs", "2026-11-20 12:00", "new proofs"),
        ("verspreche Freitag 12 Uhr neue Muster", "2026-11-20 12:00", "neue Muster"),
        ("Versprochen: Freitag, 12:30 Uhr, neue Muster", "2026-11-20 12:30", "neue Muster"),
        ("zugesagt Freitag 12:00 neue Muster", "2026-11-20 12:00", "neue Muster"),
        ("versprochen bis Montag um 16 Uhr", "2026-11-23 16:00", ""),
        ("versprochen Montag um 16 neue Muster", "2026-11-23 16:00", "neue Muster"),
        ("verspreche 24.12. 10 Uhr Muster", "2026-12-24 10:00", "Muster"),
        ("verspreche am 24.12.2026 um 10.15 Uhr Muster", "2026-12-24 10:15", "Muster"),
        ("verspreche 24. Dezember 10 Uhr", "2026-12-24 10:00", ""),
        ("verspreche 23.12.", "2026-12-23 17:30", ""),
        ("verspreche morgen früh", "2026-11-21 12:00", ""),
        ("verspreche übermorgen 10 Uhr", "2026-11-22 10:00", ""),
        ("verspreche uebermorgen 10 Uhr", "2026-11-22 10:00", ""),
        ("verspreche heute bis 14 Uhr einen Anruf", "2026-11-20 14:00", "einen Anruf"),
        ("verspreche in drei Werktagen neue Muster", "2026-11-25 10:00", "neue Muster"),
        ("versprochen neue Muster bis Montag", "2026-11-23 17:30", "neue Muster"),
        ("versprochen nächsten Freitag Mittag", "2026-11-27 12:00", ""),
    ],
)
def test_a_promise_says_by_when_and_what(line: str, due: str, what: str) -> None:
    found = only(line)
    assert isinstance(found, MakePromise)
    assert (wall(found.due_at), found.what) == (due, what)


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("snooze 2 business days", "2026-11-24 10:00"),
        ("Snooze for 2 business days, please.", "2026-11-24 10:00"),
        ("snooze 2 business hours", "2026-11-20 12:00"),
        ("snooze 2h", "2026-11-20 12:00"),
        ("snooze until Monday", "2026-11-23 09:00"),
        ("snooze till tomorrow", "2026-11-23 09:00"),  # Saturday: we are closed
        ("snooze until Monday afternoon", "2026-11-23 13:30"),
        ("snooze Monday 16:00", "2026-11-23 16:00"),
        ("snooze until next week", "2026-11-23 09:00"),
        ("später nächste Woche", "2026-11-23 09:00"),
        ("snooze for an hour", "2026-11-20 11:00"),
        ("remind me on Monday", "2026-11-23 09:00"),
        ("später 2 Arbeitsstunden", "2026-11-20 12:00"),
        ("Später: 2 Werktage", "2026-11-24 10:00"),
        ("schlummern bis Montag", "2026-11-23 09:00"),
        ("spaeter Montag 16 Uhr", "2026-11-23 16:00"),
    ],
)
def test_a_snooze_says_until_when(line: str, until: str) -> None:
    found = only(line)
    assert isinstance(found, Snooze)
    assert wall(found.until) == until


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("answered", [None]),
        ("2 answered", [2]),
        ("#3 answered", [3]),
        ("2. answered", [2]),
        ("2) answered", [2]),
        ("2: answered", [2]),
        ("please 2 answered", [2]),
        ("1, 3 answered", [1, 3]),
        ("1 and 3 answered", [1, 3]),
        ("1 und 3 beantwortet", [1, 3]),
        ("2-4 answered", [2, 3, 4]),
        ("all answered", [ALL]),
        ("All: answered", [ALL]),
        ("alle beantwortet", [ALL]),
        ("alles erledigt", [ALL]),
        ("1 1 answered", [1]),
    ],
)
def test_a_number_in_front_says_which_matter_is_meant(line: str, numbers: list[int | None]) -> None:
    assert [asked.number for asked in heard(line).commands] == numbers


def test_several_commands_stand_in_one_mail_line_by_line() -> None:
    reply = heard("Hi Troth,\n\n1 answered\n2 promise Friday 12:00 new proofs\n#3 to Sam\n\nThanks!\n")
    assert reply == Reply(
        (
            Asked(Answered(), 1, "1 answered"),
            Asked(MakePromise(at("2026-11-20 12:00"), "new proofs"), 2, "2 promise Friday 12:00 new proofs"),
            Asked(Assign("Sam"), 3, "#3 to Sam"),
        )
    )


def test_what_is_no_command_is_kept() -> None:
    reply = heard("Dear Jo,\nwe are sorry.\nsettled\nBest wishes\nSam")
    assert reply.commands == (Asked(Settled(), None, "settled"),)
    assert reply.rest == "Dear Jo,\nwe are sorry.\nSam"


def test_what_is_kept_as_a_note_keeps_its_paragraphs_for_whoever_sends_it_on() -> None:
    reply = heard("answered\n\n\nDear Jo,\n\n\n\nwe are sorry.\n\n")
    assert (len(reply.commands), reply.rest) == (1, "Dear Jo,\n\nwe are sorry.")


def test_only_the_first_twenty_lines_can_act() -> None:
    prose = "This is a line of a letter to somebody.\n"
    assert heard(prose * 19 + "answered").commands
    late = heard(prose * 20 + "answered")
    assert late.commands == ()
    assert late.rest.endswith("answered")


def test_no_mail_gives_more_than_twenty_commands() -> None:
    reply = heard("1-19 answered\n1-2 settled\nkept\n")
    assert len(reply.commands) == 20
    assert reply.unread == ("1-2 settled",)


@pytest.mark.parametrize(
    "end",
    [
        "-- ",
        "On Fri, 20 Nov 2026 at 09:12, Harbour Print <hello@harbour.example> wrote:",
        "Am 20.11.2026 um 09:12 schrieb Harbour Print <hello@harbour.example>:",
        "-----Original Message-----",
        "-----Ursprüngliche Nachricht-----",
        "________________________________",
        "From: Harbour Print <hello@harbour.example>",
    ],
)
def test_what_stands_below_a_signature_or_another_mail_is_not_looked_at(end: str) -> None:
    reply = heard(f"kept\n{end}\nsettled\nsend\n")
    assert (reply.commands, reply.rest) == ((Asked(Kept(), None, "kept"),), "")


def test_german_words_act_only_where_the_business_speaks_german() -> None:
    assert read("beantwortet", ["en"], FRIDAY, PRINTER).commands == ()
    assert read("beantwortet", ["de"], FRIDAY, PRINTER).commands
    assert read("answered", ["de-AT"], FRIDAY, PRINTER).commands
    assert read("answered", [], FRIDAY, PRINTER).commands
    assert read("answered", ["xx"], FRIDAY, PRINTER).commands


def test_no_spelling_means_two_things() -> None:
    spelt: dict[str, str] = {}
    for tongue in (ENGLISH, GERMAN):
        for verb, spellings in tongue.verbs.items():
            for spelling in spellings:
                assert spelt.setdefault(spelling, verb) == verb
                assert folded(spelling) == spelling


@pytest.mark.parametrize("tongue", [ENGLISH, GERMAN], ids=["en", "de"])
def test_every_spelling_of_every_verb_is_read(tongue: object) -> None:
    assert isinstance(tongue, type(ENGLISH))
    behind = {"promise": " 2026-12-23", "snooze": " 2026-12-23", "to": " Sam", "note": ": yes"}
    for verb, spellings in tongue.verbs.items():
        for spelling in spellings:
            reply = heard(spelling + behind.get(verb, ""))
            assert len(reply.commands) == 1, spelling


def test_a_time_that_the_clock_skips_is_the_moment_after() -> None:
    found = only("promise 28 March 2027 01:30", hours=ROUND_THE_CLOCK)
    assert isinstance(found, MakePromise)
    assert wall(found.due_at, ROUND_THE_CLOCK) == "2027-03-28 02:00"


def test_a_time_that_comes_twice_is_its_first_coming() -> None:
    found = only("promise 25 October 2026 01:30", at("2026-10-20 10:00"), ROUND_THE_CLOCK)
    assert isinstance(found, MakePromise)
    assert found.due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


MOMENTS = st.datetimes(datetime(2026, 11, 22), datetime(2027, 9, 10)).map(  # noqa: DTZ001  # a clock on the wall
    lambda moment: moment.replace(second=0, microsecond=0)
)
MONTHS = [
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
]
MONATE = [*("Januar", "Februar", "März", "April", "Mai", "Juni"), *("Juli", "August", "September", "Oktober")]
MONATE += ["November", "Dezember"]


def written(moment: datetime) -> list[str]:
    """The ways to write a moment within the year ahead."""
    english, german = MONTHS[moment.month - 1], MONATE[moment.month - 1]
    half = f"{moment.hour % 12 or 12}:{moment:%M}{'pm' if moment.hour >= 12 else 'am'}"
    return [
        f"{moment:%Y-%m-%d %H:%M}",
        f"{moment:%Y-%m-%dT%H:%M}",
        f"{moment.day} {english} {moment:%H:%M}",
        f"by {english} {moment.day}, {half}",
        f"{moment:%A} {moment.day} {english[:3]} at {half}",
        f"{half} on {moment.day} {english} {moment.year}",
        f"{moment:%d.%m. %H:%M} Uhr",
        f"bis {moment.day}.{moment.month}.{moment.year} um {moment:%H.%M} Uhr",
        f"{moment.day}. {german} {moment:%H:%M}",
    ]


@given(MOMENTS, st.sampled_from(range(9)))
@example(datetime(2027, 3, 28, 1, 30), 0)  # noqa: DTZ001  # as above
def test_a_date_comes_back_as_it_was_written(moment: datetime, way: int) -> None:
    line = written(moment)[way]
    found = only(f"promise {line}: proofs")
    assert found == MakePromise(PRINTER.instant(moment), "proofs"), line


@given(st.text(max_size=400))
@example("promise 0000-00-00 99:99")
@example("promise 9999-12-31 23:59")
@example("snooze 1.1.0001")
@example("promise " * 50)
@example("\x00\ud800 answered")
@example("999999999999999999 answered")
@example("1-999 " * 30 + "answered")
@example("> answered")
def test_reading_never_fails(text: str) -> None:
    heard(text)


PIECES = [
    "answered",
    "promise",
    "Friday",
    "12:00",
    "24.12.",
    "next",
    "at",
    "5",
    "2",
    "#3",
    "all",
    "snooze",
    "note",
    "to",
]
PIECES += [
    "Sam",
    "by",
    "in",
    "business",
    "days",
    "-",
    ":",
    "?",
    "\n",
    "> ",
    "send",
    "bis",
    "Uhr",
    "31",
    "Feb",
    "pm",
    "eod",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join))
def test_no_mixture_of_words_makes_reading_fail_or_give_too_much(text: str) -> None:
    reply = heard(text)
    assert len(reply.commands) <= 20
    assert all(line in text.replace("\n ", "\n").splitlines() or line.strip() for line in reply.unread)


@given(
    st.lists(st.sampled_from(["answered", "2 settled", "promise Friday 12:00", "send", "Beschwerde", ""]), max_size=9)
)
def test_a_quoted_line_never_acts(lines: list[str]) -> None:
    quoted = "\n".join(f"> {line}" for line in lines)
    assert heard(quoted) == Reply()
    assert heard(f"kept\n{quoted}").commands == (Asked(Kept(), None, "kept"),)


def test_reading_takes_no_long_time_over_a_long_mail() -> None:
    begun = datetime.now(UTC)
    for text in ("answered " * 20_000, "promise next " * 20_000, "1, " * 50_000, "a\n" * 50_000, "- " * 50_000):
        heard(text)
    assert (datetime.now(UTC) - begun).total_seconds() < 5


def test_days_are_those_of_the_business() -> None:
    """Shortly before midnight in London on a summer's day it is not yet midnight in UTC."""
    late = at("2026-07-15 23:30")
    found = only("promise today 23:45", late)
    assert isinstance(found, MakePromise)
    assert found.due_at == late + timedelta(minutes=15)
    assert late.date() == date(2026, 7, 15)
    assert late.timetz().replace(tzinfo=None) == time(22, 30)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_word_that_a_telling_offers_is_read(language: str) -> None:
    for word in words(*Situation, language=language, colleague="sam@harbour.example"):
        reply = read(word.say, [language], FRIDAY, PRINTER)
        assert len(reply.commands) == 1, word.say


def test_a_reply_without_a_word_of_its_own_says_nothing_where_the_attribution_is_broken_over_lines() -> None:
    reply = heard("On Fri, Nov 20, 2026 at 12:05 PM Harbour Print <hello@harbour.example>\nwrote:\n> answered\n")
    assert (reply.commands, reply.rest) == ((), "")
