"""The daily digest as the desk writes it: when, once, to whom, and what its numbers mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import StringIO
from pathlib import Path

import pytest

from tests import matters
from tests.fakes import FakeStore
from tests.shop import COMPLAINT, PRAISE, Shop, reply, setting, written
from troth import maillog, token
from troth.desk import Daily, Digesting, Ending, Setting
from troth.desk.drawing import draw
from troth.desk.issuing import Issuing
from troth.letters.daily import Digest
from troth.maillog import Maillog
from troth.model import (
    Address,
    CaseState,
    Concern,
    Correct,
    Letter,
    LetterKind,
    LetterState,
    Mode,
    Purpose,
    Seen,
    Severity,
    Tone,
    Verdict,
)
from troth.store import LETTERS, Gathered, InboxState, Span, Store, open_store
from troth.store.gathered import Regular, Tally, Waiting

THURSDAY = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
FIVE = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ADA, SAM = Address("ada@harbour.example"), Address("sam@harbour.example")


@dataclass
class Clock:
    now: datetime = THURSDAY

    def __call__(self) -> datetime:
        return self.now


class Office:
    """A daemon's digesting on a store, with a clock that the test turns."""

    def __init__(self, store: Store, using: Setting, start: datetime = THURSDAY) -> None:
        self.clock = Clock(start)
        self.store = store
        self.setting = using
        self.digesting = self.daemon()

    def daemon(self) -> Digesting:
        """A daemon that starts now."""
        return Digesting(self.store, lambda: self.setting, self.clock, Maillog())

    def runs(self, *until: datetime, step: timedelta = 10 * MINUTE) -> None:
        """Time passes up to each of these moments, tick by tick."""
        for end in until:
            while self.clock.now < end:
                self.clock.now = min(end, self.clock.now + step)
                self.digesting.tick()

    def restart(self, at: datetime) -> None:
        self.clock.now = at
        self.digesting = self.daemon()
        self.digesting.tick()

    @property
    def sent(self) -> list[str]:
        return [letter.key for letter in self.store.letters() if letter.purpose == "colleague/digest"]


@pytest.fixture(scope="module")
def using(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    return setting(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def office(using: Setting) -> Office:
    made = Office(FakeStore(), using)
    made.digesting.tick()
    return made


def of(day: str, who: str = ADA) -> str:
    return f"digest:{day}:{who}"


def test_it_leaves_once_at_its_moment_and_not_before(office: Office) -> None:
    office.runs(FIVE - MINUTE)
    assert office.sent == []
    office.runs(FIVE, FIVE + 6 * HOUR)
    assert office.sent == [of("2026-11-26")]
    office.runs(FIVE + DAY + HOUR)
    assert office.sent == [of("2026-11-26"), of("2026-11-27")]


def days_of(office: Office) -> list[str]:
    return [key.split(":")[1][5:] for key in office.sent]


def restarts_often(office: Office) -> None:
    for minutes in range(-30, 60, 7):
        office.restart(FIVE + minutes * MINUTE)
        office.runs(office.clock.now + 3 * MINUTE, step=MINUTE)


def was_down(office: Office) -> None:
    office.restart(FIVE + 2 * HOUR)
    office.runs(FIVE + 3 * HOUR, step=MINUTE)


def was_down_over_midnight(office: Office) -> None:
    office.restart(FIVE + 14 * HOUR)
    office.runs(FIVE + 15 * HOUR, step=MINUTE)


def was_down_a_week(office: Office) -> None:
    office.restart(FIVE + 7 * DAY + HOUR)
    office.runs(FIVE + 7 * DAY + 2 * HOUR, step=MINUTE)


def clock_goes_back(office: Office) -> None:
    office.runs(FIVE + HOUR)
    office.clock.now = FIVE - 2 * HOUR
    office.runs(FIVE + HOUR)


def clock_goes_back_a_day_with_a_restart(office: Office) -> None:
    office.runs(FIVE + HOUR)
    office.restart(FIVE - DAY)
    office.runs(FIVE - DAY + HOUR)
    office.runs(FIVE + HOUR)


def a_second_daemon_runs_too(office: Office) -> None:
    second = office.daemon()
    for _ in range(20):
        office.runs(office.clock.now + 30 * MINUTE)
        second.tick()


def moment_is_moved_later_after_it(office: Office) -> None:
    office.runs(FIVE + 10 * MINUTE)
    office.setting = replace(office.setting, digest=Daily(("owner",), time(18)))
    office.runs(FIVE + 3 * HOUR)


def moment_is_moved_into_the_past(office: Office) -> None:
    office.runs(FIVE - HOUR)
    office.setting = replace(office.setting, digest=Daily(("owner",), time(12)))
    office.runs(FIVE - HOUR / 2)


def nobody_wants_it(office: Office) -> None:
    office.setting = replace(office.setting, digest=None)
    office.runs(FIVE + HOUR)


@pytest.mark.parametrize(
    ("happens", "days"),
    [
        (restarts_often, ["11-26"]),
        (was_down, ["11-26"]),
        (was_down_over_midnight, []),
        (was_down_a_week, ["12-03"]),
        (clock_goes_back, ["11-26"]),
        (clock_goes_back_a_day_with_a_restart, ["11-25", "11-26"]),
        (a_second_daemon_runs_too, ["11-26"]),
        (moment_is_moved_later_after_it, ["11-26"]),
        (moment_is_moved_into_the_past, ["11-26"]),
        (nobody_wants_it, []),
    ],
)
def test_there_is_one_for_each_day_whatever_happens(
    office: Office, happens: Callable[[Office], None], days: list[str]
) -> None:
    happens(office)
    assert sorted(days_of(office)) == days


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2026-03-27", "2026-03-30", ["03-27", "03-30"]),
        ("2026-10-23", "2026-10-26", ["10-23", "10-26"]),
        ("2026-11-20", "2026-11-26", ["11-20", "11-23", "11-24", "11-25", "11-26"]),
    ],
    ids=["the clock goes forward", "the clock goes back", "a weekend with nothing to say"],
)
@pytest.mark.parametrize("at", [time(0), time(1, 30), time(17), time(23, 59)], ids=str)
def test_a_quiet_week_has_one_for_each_business_day(
    using: Setting, first: str, last: str, days: list[str], at: time
) -> None:
    zone = using.business.hours.zone
    start, end = (datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC) for day in (first, last))
    office = Office(FakeStore(), replace(using, digest=Daily(("owner",), at)), start - MINUTE)
    office.digesting.tick()
    office.runs(end + DAY - MINUTE, step=MINUTE)
    assert days_of(office) == days


def test_the_first_start_after_the_moment_waits_for_the_next(using: Setting) -> None:
    office = Office(FakeStore(), using, FIVE + HOUR)
    office.runs(FIVE + 6 * HOUR)
    assert office.sent == []
    office.restart(FIVE + 6 * HOUR)
    office.runs(FIVE + DAY)
    assert days_of(office) == ["11-27"]


def test_after_downtime_it_waits_until_the_mail_was_read(office: Office) -> None:
    office.runs(FIVE - HOUR)
    office.restart(FIVE + HOUR)
    assert office.sent == []
    office.clock.now += timedelta(seconds=5)
    office.store.state(InboxState("hello", "inbox", "watching", office.clock.now, None))
    office.digesting.tick()
    assert days_of(office) == ["11-26"]


def test_after_downtime_it_does_not_wait_for_a_server_that_is_down(office: Office) -> None:
    office.restart(FIVE + HOUR)
    office.store.state(InboxState("hello", "inbox", "retrying", THURSDAY, "the server does not answer"))
    office.runs(FIVE + HOUR + MINUTE, step=MINUTE)
    assert office.sent == []
    office.runs(FIVE + HOUR + 2 * MINUTE, step=MINUTE)
    assert days_of(office) == ["11-26"]


def test_it_goes_to_everyone_who_is_named_and_for_who_is_away_to_the_owner(using: Setting) -> None:
    office = Office(FakeStore(), replace(using, digest=Daily(("everyone",), time(17))))
    office.digesting.tick()
    office.runs(FIVE)
    assert sorted(office.sent) == [of("2026-11-26", ADA), of("2026-11-26", SAM)]
    sam = replace(using.business.colleagues[1], away=((FIVE.date() + DAY, FIVE.date() + DAY),))
    business = replace(using.business, colleagues=(using.business.colleagues[0], sam))
    office.setting = replace(using, business=business, digest=Daily((SAM,), time(17)))
    office.runs(FIVE + DAY)
    assert office.sent[-1] == of("2026-11-27", ADA)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path, now=THURSDAY) as made:
        yield made


def at(shop: Shop, moment: datetime = FIVE) -> tuple[Office, Letter]:
    """The digest of a shop at that moment; it was started in the morning of its day."""
    office = Office(shop.store, shop.setting, shop.now)
    office.clock.now = moment
    (who,) = office.digesting.at_once()
    assert who == ADA
    return office, digests(shop.store)[-1]


def digests(store: Store) -> list[Letter]:
    """The digests that wait to be sent, with their bytes."""
    found = store.waiting_letters(FIVE + 30 * DAY, "hello", 100)
    return [letter for letter in found if letter.purpose == "colleague/digest"]


def parsed(letter: Letter) -> EmailMessage:
    message = message_from_bytes(letter.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def words(letter: Letter, kind: str = "plain") -> str:
    part = parsed(letter).get_body((kind,))
    assert part is not None
    return " ".join(str(part.get_content()).split())


def test_it_is_a_telling_that_no_machine_answers_with_a_token_of_its_own(shop: Shop) -> None:
    shop.take(written(COMPLAINT))
    _, letter = at(shop)
    message = parsed(letter)
    assert (letter.kind, letter.state, letter.mode) == (LetterKind.TELLING, LetterState.QUEUED, Mode.SEND)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["To"] == "Ada Byron <ada@harbour.example>"
    mark = token.read(letter.message_id)
    assert mark is not None
    with shop.store.reading() as book:
        found = Issuing(book, FIVE).verified(mark)
    assert found is not None
    assert (found.person, found.purpose) == (ADA, Purpose.DIGEST)
    assert len(found.about) == 1


def test_numbers_stand_in_the_order_of_what_the_token_is_about(shop: Shop) -> None:
    shop.take(written(COMPLAINT, sender="kit@other.example", subject="Second"))
    shop.now -= HOUR
    shop.take(written(COMPLAINT, subject="First"))
    shop.now += HOUR
    shop.wait(MINUTE * 5)
    held = [letter for letter in shop.store.letters() if letter.kind is not LetterKind.TELLING]
    assert len(held) == 2
    shop.store.change_letter(held[0].key, tuple(LetterState), LetterState.HELD, "over the limit", shop.now)
    shop.store.change_letter(held[1].key, tuple(LetterState), LetterState.UNKNOWN, "lost", shop.now)
    drawn = Office(shop.store, shop.setting, FIVE).digesting.drawn(answerable=True)
    facts = drawn.facts
    assert ([line.number for line in facts.waiting], [line.number for line in facts.stuck]) == ([1, 2], [3, 4])
    assert [line.subject for line in facts.waiting] == ["First", "Second"]
    cases = {case.key: case for case in shop.store.open_cases()}
    assert [cases[each.case or ""].mail for each in drawn.about] == [each.mail for each in drawn.about]
    assert [shop.store.letter(each.letter or "") is not None for each in drawn.about] == [False, False, True, True]
    assert facts.stuck[0].replies == ("3 send", "3 drop")


def test_a_complaint_that_waits_is_told_with_deadline_time_and_person(shop: Shop) -> None:
    shop.take(written(COMPLAINT))
    _, letter = at(shop)
    said = words(letter)
    assert letter.subject == "1 complaint waits for an answer (Thursday 26 November)"
    assert "1. Jo Marsh: Order 1182 waiting 8 hours; " in said
    assert "answer by today 17:30; with nobody" in said
    assert "1 answered / 1 promise Friday 12:00 new proofs / 1 settled / 1 neither" in said
    assert "1 day 22 hours" not in said


def test_a_complaint_beyond_its_day_says_that_it_is_late(shop: Shop) -> None:
    shop.take(written(COMPLAINT))
    _, letter = at(shop, FIVE + DAY)
    assert "should have had an answer by Thursday 26 November, 17:30" in words(letter)


def test_an_answered_complaint_waits_no_more(shop: Shop) -> None:
    client = written(COMPLAINT)
    shop.take(client)
    shop.now += HOUR
    shop.take(reply(client, "We send it anew today.", shop.now), sent=True)
    office, letter = at(shop)
    assert letter.subject == "No complaint waits (Thursday 26 November)"
    assert office.digesting.drawn().facts.waiting == ()
    assert "1 hour of opening hours is the median of this week's answers (1)" in words(letter)


def test_a_day_of_which_there_is_nothing_to_say_takes_one_line(shop: Shop) -> None:
    shop.take(written("Please find attached the file.", sender="kit@other.example"))
    _, letter = at(shop)
    assert letter.subject == "A quiet day (Thursday 26 November)"
    assert words(letter) == (
        "Nothing waits, nothing is due and nothing was sent. Mails of clients since Thursday 19 November, 17:00: 1."
        " Troth, for Harbour Print"
    )


def test_hostile_words_are_cleaned_and_never_markup(shop: Shop) -> None:
    evil = "\u202eTerrible\u200b service\x07, <script>alert(1)</script> I want my money back! {{ 7*7 }}"
    shop.take(written(evil, sender='"<b>Jo</b>\u202e {{ x }}" <jo@client.example>', subject="<img src=x>\u2066 Order"))
    praise = "Thank you so much, the <b>brochures\u202e</b> are absolutely beautiful. We are delighted, excellent work!"
    shop.take(written(praise, sender="mo@third.example"))
    _, letter = at(shop)
    html, text = words(letter, "html"), words(letter)
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert "&lt;img src=x&gt; Order" in html
    assert "{{ x }}" in text
    assert not set("\u202e\u200b\u2066\x07") & set(html + text + letter.subject)


def test_praise_is_shown_with_its_sentence_and_what_is_no_praise_any_more_is_not(shop: Shop) -> None:
    shop.take(written(PRAISE, Message_ID="<p@client.example>"))
    _, letter = at(shop)
    assert "PRAISE WORTH SHARING" in words(letter)
    with shop.store.writing() as book:
        seen = book.seen_by_message_id("<p@client.example>")
        assert seen is not None
        book.carry_out(None, (Correct(seen.identity, frozenset(), ADA, "told so"),), (), shop.now)
    drawn = Office(shop.store, shop.setting, FIVE).digesting.drawn()
    assert drawn.facts.praise == ()
    assert sum(day.praise for day in drawn.facts.days) == 0


def test_of_a_mail_of_both_kinds_that_a_person_called_praise_no_complaint_is_shown_as_praise(shop: Shop) -> None:
    shop.take(written(f"{PRAISE} {COMPLAINT}", Message_ID="<b@client.example>", subject="Booklets"))
    with shop.store.writing() as book:
        seen = book.seen_by_message_id("<b@client.example>")
        assert seen is not None
        assert seen.verdict is not None
        assert Tone.COMPLAINT in seen.verdict.tone
        book.carry_out(None, (Correct(seen.identity, frozenset({Tone.PRAISE}), ADA, "told so"),), (), shop.now)
    drawn = Office(shop.store, shop.setting, FIVE).digesting.drawn()
    assert [line.sentence for line in drawn.facts.praise] == ["Booklets"]


def test_in_observe_mode_it_lists_what_would_have_gone(tmp_path: Path) -> None:
    with Shop(tmp_path, change=("", ""), now=THURSDAY) as shop:
        shop.take(written(COMPLAINT))
        shop.wait(5 * MINUTE)
        _, letter = at(shop)
    said = words(letter)
    assert "WOULD HAVE BEEN SENT (MODE OBSERVE) - complaint/acknowledgement to jo@client.example" in said
    assert "SENT " not in said.replace("BEEN SENT", "")


def test_what_was_told_once_is_not_told_again_and_nothing_is_left_out(shop: Shop) -> None:
    office = Office(shop.store, shop.setting, THURSDAY)
    office.digesting.tick()
    shop.now += MINUTE
    shop.take(written(PRAISE, sender="Mo <mo@third.example>"))
    office.runs(FIVE)
    shop.now = FIVE + HOUR
    shop.take(written(PRAISE, sender="Al <al@fourth.example>"))
    office.runs(FIVE + DAY)
    who, said = ["Mo, Thursday", "Al, Thursday"], [words(each) for each in digests(shop.store)]
    assert [[each in text for each in who] for text in said] == [[True, False], [False, True]]


def test_mail_that_was_found_late_stands_in_the_next_one(shop: Shop) -> None:
    office = Office(shop.store, shop.setting, THURSDAY)
    office.digesting.tick()
    shop.take(written(PRAISE, sender="mo@third.example"))
    office.runs(FIVE)
    shop.now = FIVE - 2 * HOUR
    shop.take(written(PRAISE, sender="al@fourth.example"))
    office.clock.now = FIVE + DAY
    facts = office.digesting.drawn().facts
    assert [line.client.address for line in facts.praise] == ["al@fourth.example"]
    assert facts.inboxes[0].seen == 1


def test_a_closed_day_is_kept_free_unless_somebody_waits(shop: Shop) -> None:
    saturday = FIVE + 2 * DAY
    office = Office(shop.store, shop.setting, THURSDAY)
    office.digesting.tick()
    office.runs(saturday + HOUR)
    assert days_of(office) == ["11-26", "11-27"]
    shop.now = saturday + 2 * HOUR
    shop.take(written(COMPLAINT))
    office.runs(saturday + DAY)
    assert days_of(office) == ["11-26", "11-27", "11-29"]


def test_the_accounting_adds_up(shop: Shop) -> None:
    shop.take(written(COMPLAINT), written(PRAISE, sender="mo@third.example"), written("Hi.", sender="al@x.example"))
    shop.take(written("News.", Precedence="list", List_Id="<n.x>"))
    (inbox,) = Office(shop.store, shop.setting, FIVE).digesting.drawn().facts.inboxes
    assert inbox.seen == inbox.acknowledged + inbox.pending + inbox.no_letter + inbox.set_aside == 4
    assert inbox.total == 4


ASKS = "folders: {answered: Troth/Answered}"


@pytest.mark.parametrize(
    ("written", "folder", "shown"),
    [
        ("watch: [inbox, sent]", "inbox", True),
        ("watch: [inbox, sent]", LETTERS, True),
        (ASKS, "answered", True),
        (ASKS, "praise", False),
        ("watch: [sent]", "inbox", False),
        ("watch: [sent]", LETTERS, False),
    ],
)
def test_only_what_is_configured_is_shown_as_trouble(tmp_path: Path, written: str, folder: str, *, shown: bool) -> None:
    configured = setting(tmp_path, change=("mode: observe", f"mode: send\n    {written}"))
    office = Office(FakeStore(), configured, FIVE)
    office.store.state(InboxState("hello", folder, "retrying", THURSDAY, "the server ended the connection"))
    (inbox,) = office.digesting.drawn().facts.inboxes
    assert inbox.error == ("retrying: the server ended the connection" if shown else None)


def test_reasons_are_said_in_the_language_of_the_business(tmp_path: Path) -> None:
    with Shop(tmp_path, change=("languages: [en]", "languages: [de, en]"), now=THURSDAY) as shop:
        shop.take(written("News.", Precedence="list", List_Id="<n.x>"))
        shop.take(written("Bitte senden Sie uns ein Angebot.", sender="mo@third.example"))
        shop.store.state(InboxState("hello", "inbox", "retrying", THURSDAY, "the server did not answer in time"))
        _, letter = at(shop)
    said = words(letter)
    assert "ohne Brief: Verteiler (1); weder Beschwerde noch Lob (1)" in said
    assert "STÖRUNG: neuer Versuch folgt: der Server hat nicht rechtzeitig geantwortet" in said


def test_what_ends_soon_is_named(shop: Shop) -> None:
    ends = Ending("the certificate of imap.harbour.example", FIVE + 5 * DAY)
    digesting = Digesting(shop.store, lambda: shop.setting, lambda: FIVE, Maillog(), endings=lambda _: [ends])
    assert "the certificate of imap.harbour.example: Tuesday 1 December" in digesting.rendered(digesting.drawn()).text


def test_what_ends_soon_is_named_in_the_language_of_the_business(tmp_path: Path) -> None:
    ends = [
        Ending("the certificate of imap.harbour.example", FIVE + 5 * DAY),
        Ending("the certificate authority in ca.pem", FIVE + 5 * DAY),
        Ending("the sign-in of hello (run `troth login hello` before)", FIVE + 6 * DAY),
    ]
    with Shop(tmp_path, change=("languages: [en]", "languages: [de, en]"), now=THURSDAY) as shop:
        digesting = Digesting(shop.store, lambda: shop.setting, lambda: FIVE, Maillog(), endings=lambda _: ends)
        said = digesting.rendered(digesting.drawn()).text
    assert "das Zertifikat von imap.harbour.example: " in said
    assert "die Zertifizierungsstelle in ca.pem: " in said
    assert "die Anmeldung von hello (rufen Sie vorher `troth login hello` auf): " in " ".join(said.split())


def test_where_the_template_cannot_be_written_a_plain_digest_leaves(shop: Shop) -> None:
    broken = shop.folder / "templates" / "colleague"
    broken.mkdir(parents=True)
    (broken / "digest.txt").write_text("Subject: x\n\n{{ digest.waiting[5].subject }}\n")
    shop.setting = setting(shop.folder, more="templates: templates/\n", change=("mode: observe", "mode: send"))
    shop.take(written(COMPLAINT))
    _, letter = at(shop)
    assert "1. Jo Marsh <jo@client.example>: Order 1182, waiting 8 hours" in words(letter)
    assert "could not be written" in words(letter)


def test_the_log_tells_how_many_and_no_word_of_a_client(shop: Shop) -> None:
    out = StringIO()
    maillog.start_logging("INFO", out)
    office = Office(shop.store, shop.setting, THURSDAY)
    office.digesting.tick()
    shop.take(written(COMPLAINT))
    office.runs(FIVE)
    maillog.no_logging()
    assert "digest day=2026-11-26 mails=1 numbered=1" in out.getvalue()
    assert "jo@client" not in out.getvalue()


def answered_by(who: str, digest: Letter, text: str, moment: datetime) -> bytes:
    """A reply to the digest."""
    own = digest.message_id
    return written(text, moment, sender=who, subject=f"Re: {digest.subject}", In_Reply_To=own, References=own)


def perhaps_praise(shop: Shop) -> Seen:
    """A mail that is perhaps praise, whatever the rules of the day think of any words."""
    who, verdict = Address("lu@fifth.example"), Verdict(tone=frozenset({Tone.PRAISE}), sentence="Nice cards.")
    seen = Seen("cards", "hello", "INBOX", 1, 900, shop.now, "<cards@fifth.example>", author=who, verdict=verdict)
    with shop.store.writing() as book:
        client = book.relationship(frozenset({who}), (), "<cards@fifth.example>", shop.now - DAY).client
        book.record(seen, client, (), (), shop.now)
    return seen


def test_a_reply_with_numbers_acts_on_those_lines_and_no_others(shop: Shop) -> None:
    shop.take(written(COMPLAINT, subject="Order 1"))
    shop.now += MINUTE
    shop.take(written(COMPLAINT, sender="di@d.example", subject="Order 2"))
    cards = perhaps_praise(shop)
    shop.wait(5 * MINUTE)
    (held, _) = [each for each in shop.store.letters() if each.kind is not LetterKind.TELLING]
    shop.store.change_letter(held.key, tuple(LetterState), LetterState.HELD, "over the limit", shop.now)
    office, letter = at(shop, shop.now)
    facts = office.digesting.drawn(answerable=True).facts
    assert [each.number for each in facts.waiting] == [1, 2]
    assert (facts.unsure[0].number, facts.stuck[0].number) == (3, 4)
    text = "1 answered\n3 praise\n4 drop\n"
    shop.take(answered_by("Ada Byron <ada@harbour.example>", letter, text, shop.now))
    first, second = sorted(shop.store.open_cases(), key=lambda case: case.received_at)
    assert (first.state, second.state) == (CaseState.ANSWERED, CaseState.WAITING)
    with shop.store.reading() as book:
        assert book.corrected(cards.identity) == frozenset({Tone.PRAISE})
    dropped = shop.store.letter(held.key)
    assert dropped is not None
    assert dropped.state is LetterState.DROPPED
    again = office.digesting.drawn(answerable=True).facts
    assert ([line.subject for line in again.waiting], again.unsure, again.stuck) == (["Order 2"], (), ())
    assert [line.sentence for line in again.praise] == ["Nice cards."]


def test_a_reply_of_somebody_else_acts_on_nothing(shop: Shop) -> None:
    shop.take(written(COMPLAINT))
    _, letter = at(shop, shop.now)
    shop.take(answered_by("Sam Fox <sam@harbour.example>", letter, "1 answered", shop.now))
    (case,) = shop.store.open_cases()
    assert case.state is CaseState.WAITING


def test_concerns_name_a_mail_with_its_case_or_a_letter(shop: Shop) -> None:
    shop.take(written(COMPLAINT))
    (concern,) = Office(shop.store, shop.setting, FIVE).digesting.drawn().about
    (case,) = shop.store.open_cases()
    assert concern == Concern(mail=case.mail, case=case.key)


def test_two_daemons_on_one_database_write_one(tmp_path: Path, using: Setting) -> None:
    url = f"sqlite:///{tmp_path}/troth.db"
    first, second = open_store(url, create=True), open_store(url, create=True)
    offices = [Office(first, using), Office(second, using)]
    for office in offices:
        office.digesting.tick()
        office.clock.now = FIVE
    for office in offices:
        office.digesting.tick()
    assert offices[0].sent == [of("2026-11-26")]
    assert [line.what for line in first.journal()] == ["telling"]
    first.close()
    second.close()


def test_severe_ones_stand_first_then_sure_ones_then_those_that_are_not_sure(using: Setting) -> None:
    made = (
        matters.case(key="doubtful", sure=False, opened=FIVE - 9 * HOUR),
        matters.case(key="short", opened=FIVE - HOUR),
        matters.case(key="long", opened=FIVE - 3 * HOUR),
        matters.case(key="legal", sure=False, severity=Severity.HIGH, opened=FIVE - HOUR),
    )
    span = Span(since=FIVE - DAY, now=FIVE, ahead=FIVE + DAY)
    drawn = draw(Gathered(waiting=tuple(Waiting(case, None, (ADA,)) for case in made)), span, using)
    assert [each.case for each in drawn.about] == ["legal", "long", "short", "doubtful"]
    lines = drawn.facts.waiting
    assert [(line.severe, line.unsure) for line in lines] == [
        (True, False),
        (False, False),
        (False, False),
        (False, True),
    ]
    assert lines[3].replies == ("4 complaint", "4 neither", "4 answered")
    assert lines[0].replies[0] == "1 answered"


def of_gathered(using: Setting, gathered: Gathered) -> Digest:
    return draw(gathered, Span(since=FIVE - DAY, now=FIVE, ahead=FIVE + DAY), using).facts


@pytest.mark.parametrize(("crossed", "named"), [(2 * HOUR, True), (25 * HOUR, False), (-HOUR, False)])
def test_a_client_gone_quiet_is_named_once(using: Setting, crossed: timedelta, named: bool) -> None:
    last = FIVE - 60 * DAY - crossed
    wrote = (last - 20 * DAY, last - 10 * DAY, last)
    facts = of_gathered(using, Gathered(regulars=(Regular("jo", Address("jo@client.example"), "Jo Marsh", wrote),)))
    assert [(line.client.name, line.usual) for line in facts.quiet] == ([("Jo Marsh", "10 days")] if named else [])


def test_nobody_is_asked_about_a_mail_of_a_case_that_people_know_of(using: Setting) -> None:
    verdict = Verdict(tone=frozenset({Tone.PRAISE}))
    seen = Seen("m", "hello", "INBOX", 1, 1, FIVE, "<m@x.example>", author=SAM, verdict=verdict)
    newsletter = replace(seen, refusal="list")
    in_case = replace(seen, case="c-1")
    facts = of_gathered(using, Gathered(toned=(in_case, newsletter, seen)))
    assert [line.number for line in facts.unsure] == [1]


def test_digests_are_not_counted_among_what_was_sent(using: Setting) -> None:
    sent = (Tally(LetterKind.TELLING, "colleague/digest", 1), Tally(LetterKind.TELLING, "colleague/waiting", 2))
    assert [line.letter for line in of_gathered(using, Gathered(sent=sent)).sent] == ["colleague/waiting"]
