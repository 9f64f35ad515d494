"""The shipped letters, and how letters are rendered."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from troth.letters import (
    Course,
    LetterError,
    LetterFacts,
    Letters,
    Rendered,
    Source,
    Voice,
    Word,
    addressee,
    beside,
    business,
    facts,
    facts_for_known,
    facts_for_stranger,
    is_telling,
    preview,
    sample_facts,
    source_at,
    tellings,
    theclient,
    wrapped,
)
from troth.model import Address, Party

ROOT = Path(__file__).parent.parent / "templates"
NOW = datetime(2026, 11, 26, 16, 45, tzinfo=UTC)
VOICE = Voice("en", UTC, NOW)
HARBOUR = business("Harbour Print", Address("hello@harbour.example"), "today until 17:30")
PLANNED = [
    "complaint/acknowledgement",
    "complaint/put-right",
    "complaint/check-in",
    "complaint/parting",
    "praise/thank-you",
    "praise/what-could-be-better",
    "mixed/acknowledgement",
    "colleague/waiting",
    "colleague/before-close",
    "colleague/overnight",
]
NOTICES = ["delivery-unknown", "mailbox-unreachable", "cannot-send", "configuration-refused", "breaker", "token-seen"]
REPLIES = ["confirmation", "not-accepted"]


def shipped_sources() -> list[Source]:
    files = [path for path in sorted(ROOT.rglob("*")) if path.is_file()]
    found = [source_at(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in files]
    return [source for source in found if source is not None]


SHIPPED = Letters(shipped_sources())
TO_CLIENTS = [name for name in SHIPPED.names if not is_telling(name)]
TELLINGS = [name for name in SHIPPED.names if is_telling(name)]
MERGED = [name for name in TELLINGS if len(getattr(sample_facts(name, many=True), "matters", ())) == 2]
FIRST = ["complaint/acknowledgement", "praise/thank-you", "mixed/acknowledgement"]


def letters(*files: tuple[str, str]) -> Letters:
    found = [source_at(name, text) for name, text in files]
    return Letters([source for source in found if source is not None])


def known(**given: str | None) -> LetterFacts:
    return facts_for_known(
        HARBOUR,
        VOICE,
        subject=given.get("subject") or "Order 1182",
        received=NOW,
        greeting=given.get("greeting", "Jo"),
        sentence=given.get("sentence"),
        course=Course(NOW - timedelta(days=2), NOW - timedelta(days=1), "Ada Byron"),
    )


def stranger() -> LetterFacts:
    return facts_for_stranger(HARBOUR, VOICE, received=NOW, course=Course(NOW - timedelta(days=2)))


def everything_in(rendered: Rendered) -> str:
    return "\n".join((rendered.subject, rendered.text, rendered.html or ""))


def test_every_letter_the_plans_and_the_daemon_name_is_shipped() -> None:
    told = [*NOTICES, *REPLIES, "severe", "unsure", "promise-due", "promise-late"]
    assert set(PLANNED) | {f"colleague/{name}" for name in told} <= set(SHIPPED.names)


def test_the_shipped_templates_have_no_mistake() -> None:
    assert [str(mistake) for mistake in SHIPPED.check()] == []


def test_every_file_in_templates_is_a_template() -> None:
    assert len(shipped_sources()) == sum(path.is_file() for path in ROOT.rglob("*"))


@pytest.mark.parametrize("name", SHIPPED.names)
def test_a_shipped_letter_has_html_and_german(name: str) -> None:
    assert {f"{name}.txt", f"{name}.html", f"{name}.de.txt", f"{name}.de.html"} <= set(SHIPPED.sources)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("is_known", [True, False], ids=["known", "stranger"])
@pytest.mark.parametrize("full", [True, False], ids=["every fact", "fewest facts"])
@pytest.mark.parametrize("name", SHIPPED.names)
def test_a_shipped_letter_reads_well_with_whatever_facts(name: str, full: bool, is_known: bool, language: str) -> None:
    facts = sample_facts(name, language, known=is_known, sentence=full, open_now=full, many=not full)
    rendered = SHIPPED.render(name, facts, language=language)
    body = rendered.text
    assert "{" not in body + rendered.subject
    assert not re.search(r"\{[{%#]|\bNone\b", everything_in(rendered))
    if name != "colleague/digest":  # which has columns
        assert "  " not in re.sub(r"(?m)^\s+|^\w+: +|^ +", "", body)
    assert "\n\n\n" not in body
    assert not body.startswith("\n")
    assert body.endswith("\n")
    assert not re.search(r" [.,;:!?]|[,;]\s*$|\.\.", body.replace(f"{body.splitlines()[0]}\n", "", 1))
    assert all(len(row) <= 72 for row in wrapped(body).splitlines() if "mailto:" not in row)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", TO_CLIENTS)
def test_html_and_text_of_a_letter_say_the_same(name: str, language: str) -> None:
    rendered = preview(SHIPPED, name, language)
    html = re.sub(r"<head>.*?</head>", "", rendered.html or "", flags=re.DOTALL)
    assert words(re.sub(r"<[^>]*>", " ", html)) == words(rendered.text)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.replace("&#39;", "'").replace("&amp;", "&"))


UNFIT = [
    r"polic(?:y|ies)",
    "unfortunately",
    "due to",
    r"with?in \d+",
    r"\d+ (?:hours|days|stunden|tage)",
    "however",
    "but we",
    r"our (?:fault|mistake|error)",
    "we (?:failed|messed|got it wrong|take full)",
    "apologi[sz]e for",
    "inconvenience",
    "valued",
    "high volume",
    "as soon as possible",
    "immediately",
    "terms",
    "refund",
    "compensat",
    "guarantee",
    "promise",
    "leider",
    "aufgrund",
    "unser (?:fehler|versäumnis)",
    "richtlinie",
    "innerhalb",
    "unannehmlichkeit",
    "umgehend",
    "so bald wie möglich",
    "schnellstmöglich",
    "ticket",
    "do not reply",
]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", FIRST)
@pytest.mark.parametrize("unfit", UNFIT)
def test_a_first_letter_makes_no_excuse_admits_no_fault_and_quotes_no_policy(
    name: str, language: str, unfit: str
) -> None:
    rendered = SHIPPED.render(name, sample_facts(name, language, known=False), language=language)
    assert not re.search(rf"\b{unfit}", rendered.text, re.IGNORECASE)


@pytest.mark.parametrize("name", TO_CLIENTS)
@pytest.mark.parametrize(("language", "said"), [("en", "written automatically"), ("de", "automatisch geschrieben")])
def test_a_letter_says_that_it_is_automatic_and_that_a_reply_reaches_a_person(
    name: str, language: str, said: str
) -> None:
    rendered = preview(SHIPPED, name, language)
    for body in (rendered.text, rendered.html or ""):
        assert said in body
        assert ("a person reads" if language == "en" else "liest ein Mensch") in body


@pytest.mark.parametrize("name", TO_CLIENTS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_draft_that_a_person_sends_does_not_say_so(name: str, language: str) -> None:
    rendered = SHIPPED.render(name, sample_facts(name, language, automatic=False), language=language)
    assert "automati" not in everything_in(rendered)
    assert "Harbour Print" in rendered.text


@pytest.mark.parametrize("name", FIRST)
def test_a_first_letter_says_when_we_are_open(name: str) -> None:
    assert "we are open today until 17:30" in preview(SHIPPED, name).text.lower()


@pytest.mark.parametrize("name", FIRST)
def test_a_first_letter_gives_a_known_client_the_sentence_that_mattered(name: str) -> None:
    rendered = SHIPPED.render(name, known(sentence="The brochures <b>came</b> late."))
    assert "> The brochures <b>came</b> late.\n" in rendered.text
    assert "The brochures &lt;b&gt;came&lt;/b&gt; late." in (rendered.html or "")
    assert rendered.text.startswith("Dear Jo,\n")
    assert rendered.subject == "Re: Order 1182"


@pytest.mark.parametrize("name", TO_CLIENTS)
def test_a_stranger_gets_neutral_words_and_a_fixed_subject(name: str) -> None:
    rendered = SHIPPED.render(name, stranger())
    assert rendered.text.startswith("Hello,\n")
    assert rendered.subject == "Re: Your message to Harbour Print"


def test_facts_for_a_stranger_cannot_be_made_with_words_of_his() -> None:
    own = known(sentence="Buy this.")
    for smuggled in (
        {"message": own.message},
        {"client": replace(stranger().client, greeting="Dear cheap-pills")},
        {"client": replace(stranger().client, name="Buy Now")},
        {"client": replace(own.client, known=False)},
        {"message": replace(stranger().message, sentence="Buy this.")},
        {"message": replace(stranger().message, subject="Buy this")},
    ):
        with pytest.raises(ValueError, match="none of the sender's words"):
            replace(stranger(), **smuggled)


def test_a_letter_to_a_stranger_is_not_addressed_with_the_name_he_gave_himself() -> None:
    pills = Party("Buy at pills.example", Address("jo@client.example"))
    assert addressee(pills, known=False) == Party("", Address("jo@client.example"))
    assert addressee(Party("Jo\u202e Marsh", pills.address), known=True).name == "Jo Marsh"


def test_what_a_client_wrote_is_never_read_as_a_template() -> None:
    rendered = SHIPPED.render("complaint/acknowledgement", known(subject="{{7*7}}", sentence="{% raise %} {{7*7}}"))
    assert rendered.subject == "Re: {{7*7}}"
    assert "> {% raise %} {{7*7}}" in rendered.text


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("Re: Order 1182", "Re: Order 1182"),
        ("RE: AW: re[2]: Order 1182", "Re: Order 1182"),
        ("Antwort: Auftrag", "Re: Auftrag"),
        ("SV:SV: Ordre", "Re: Ordre"),
        ("Rechnung: falsch", "Re: Rechnung: falsch"),
        ("Fwd: Order", "Re: Fwd: Order"),
        ("  lots \t of\r\nspace ", "Re: lots of space"),
        ("a\r\nBcc: x@evil.example", "Re: a Bcc: x@evil.example"),
        ("x\u2028y\x0bz\x85w", "Re: x y z w"),
        ("\u202egnp.exe", "Re: gnp.exe"),
        ("", "Re: Your message to Harbour Print"),
        ("Re:", "Re: Your message to Harbour Print"),
        ("\u200b\ufeff", "Re: Your message to Harbour Print"),
    ],
)
def test_a_subject_is_cleaned_and_has_one_re(given: str, made: str) -> None:
    facts = facts_for_known(HARBOUR, VOICE, subject=given, received=NOW)
    assert SHIPPED.render("complaint/acknowledgement", facts).subject == made


def test_a_long_subject_is_cut_between_characters() -> None:
    family = "👩\u200d👩\u200d👧"
    for ahead in range(140, 152):
        facts = facts_for_known(HARBOUR, VOICE, subject="x" * ahead + family * 9 + "é" * 40, received=NOW)
        subject = facts.message.subject
        assert len(subject) <= 150
        assert subject.endswith("…")
        assert re.fullmatch(rf"x+(?:{family})*…", subject)


@pytest.mark.parametrize(
    ("given", "language", "made"),
    [
        ("Jo", "en", "Dear Jo"),
        ("Jo", "de", "Hallo Jo"),
        ("Hi Jo,", "en", "Hi Jo"),
        ("Frau Marsh", "de", "Guten Tag Frau Marsh"),
        ("Sehr geehrte Frau Marsh", "de", "Sehr geehrte Frau Marsh"),
        ("Hilda", "en", "Dear Hilda"),
        (None, "en", "Hello"),
        (None, "de", "Guten Tag"),
        ("", "fr", "Hello"),
    ],
)
def test_a_known_client_is_greeted_as_the_business_greets_him(given: str | None, language: str, made: str) -> None:
    facts = facts_for_known(HARBOUR, Voice(language, UTC, NOW), subject="x", received=NOW, greeting=given)
    assert facts.client.greeting == made


@pytest.mark.parametrize("link", ["see https://evil.example", "www.evil.example now", "buy at pills.com today"])
def test_a_sentence_with_a_link_is_not_given_back(link: str) -> None:
    assert known(sentence=link).message.sentence is None
    assert known(sentence="It came late.").message.sentence == "It came late."


def test_a_fact_that_is_not_there_stops_the_letter_and_says_where() -> None:
    own = letters(("complaint/x.txt", "Subject: Hi\n\n{{ client.greeting }},\n\n{{ message.sentence }}\n"))
    with pytest.raises(LetterError) as caught:
        own.render("complaint/x", known())
    assert (caught.value.letter, str(caught.value.place)) == ("complaint/x", "complaint/x.txt:5:1")
    assert "not there for every letter" in caught.value.missing


def test_a_fact_missing_in_a_part_is_placed_in_that_part() -> None:
    own = letters(("_p.txt", "\n{{ client.nickname }}"), ("care/x.txt", 'Subject: Hi\n\n{% include "_p.txt" %}'))
    with pytest.raises(LetterError, match=r"^_p\.txt:2:1: there is no client\.nickname$"):
        own.render("care/x", known())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ ''.__class__.__mro__ }}", "a template may only say facts"),
        ("{{ client.greeting.__class__ }}", "a template may only say facts"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ client.greeting + 1 }}", "can only concatenate"),
        ('{% include "../secrets.txt" %}', "there is no ../secrets.txt"),
        ('{% include "/etc/passwd" %}', "there is no /etc/passwd"),
        ("{{ range(99999999)|list }}", "Range too big"),
        ("{{ message.text }}", "there is no message.text"),
        ("{{ case.severity }}", "there is no case.severity"),
    ],
)
def test_a_template_cannot_reach_beyond_its_facts(body: str, said: str) -> None:
    own = letters(("complaint/x.txt", f"Subject: Hi\n\n{body}\n"))
    with pytest.raises(LetterError) as caught:
        own.render("complaint/x", known())
    assert said in caught.value.missing


@pytest.mark.parametrize(
    "body", ["{{ message.subject|safe }}", "{% autoescape false %}{{ message.subject }}{% endautoescape %}"]
)
def test_escaping_cannot_be_switched_off(body: str) -> None:
    own = letters(("care/x.txt", "Subject: Hi\n\nx\n"), ("care/x.html", body))
    with pytest.raises(LetterError):
        own.render("care/x", known(subject="<script>"))


def test_a_text_part_cannot_stand_unescaped_in_html() -> None:
    own = letters(
        ("_p.txt", "{{ message.subject }}"),
        ("care/x.txt", "Subject: Hi\n\nx\n"),
        ("care/x.html", '{% include "_p.txt" %}'),
    )
    with pytest.raises(LetterError, match=r"\.html parts only"):
        own.render("care/x", known(subject="<script>"))


def test_a_letter_and_a_telling_do_not_take_each_others_facts() -> None:
    with pytest.raises(LetterError, match="facts of the other kind"):
        SHIPPED.render("colleague/waiting", known())
    with pytest.raises(LetterError, match="facts of the other kind"):
        SHIPPED.render("complaint/acknowledgement", sample_facts("colleague/waiting"))


def test_an_unknown_letter_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(LetterError, match=r"did you mean complaint/put-right\?"):
        SHIPPED.render("complaint/putright", known())


def test_a_letter_is_in_the_language_wanted_where_there_is_one() -> None:
    assert SHIPPED.language_of("complaint/acknowledgement", "de") == "de"
    assert SHIPPED.language_of("complaint/acknowledgement", "fr") == "en"
    assert preview(SHIPPED, "complaint/acknowledgement", "de").text.startswith("Hallo Jo,")
    assert preview(SHIPPED, "complaint/acknowledgement", "fr").text.startswith("Dear Jo,")


def test_html_of_another_language_never_joins_a_text() -> None:
    own = letters(("care/x.txt", "Subject: Hi\n\nx\n"), ("care/x.html", "x"), ("care/x.de.txt", "Subject: Ja\n\nj\n"))
    assert own.render("care/x", known(), language="de") == Rendered("Ja", "j\n", None)
    assert own.render("care/x", known(), language="en").html == "x\n"


def test_a_letter_only_in_another_language_is_still_a_letter() -> None:
    own = letters(("care/x.de.txt", "Subject: Ja\n\nj\n"))
    assert own.language_of("care/x", "en") == "de"
    assert own.render("care/x", known(), language="en").text == "j\n"


def test_a_shipped_letter_without_a_language_is_english_also_in_a_german_business() -> None:
    german = Letters(beside((), tuple(shipped_sources())), language="de")
    for wanted, found in {"de": "de", "en": "en", "fr": "de", None: "de"}.items():
        assert german.language_of("complaint/acknowledgement", wanted) == found
    assert german.language_of("colleague/waiting", "de") == "de"
    assert preview(german, "colleague/waiting", "de").subject.startswith("Wartet schon 2 Stunden 10 Minuten: Jo Marsh")
    assert preview(german, "complaint/acknowledgement", "en").text.startswith("Dear Jo,")


def test_ones_own_letter_without_a_language_is_in_that_of_the_business() -> None:
    own = tuple(replace(s, text=s.text.replace("Thank", "Danke")) for s in shipped_sources() if s.language is None)
    german = Letters(beside(own, tuple(shipped_sources())), language="de")
    assert german.language_of("complaint/acknowledgement", "en") == "de"
    assert german.language_of("complaint/put-right", "en") == "en"


def test_a_copy_of_the_shipped_letters_is_taken_for_what_it_is() -> None:
    german = Letters(beside(tuple(shipped_sources()), tuple(shipped_sources())), language="de")
    assert german.language_of("colleague/waiting", "de") == "de"
    assert german.language_of("complaint/acknowledgement", "de") == "de"
    assert german.check() == []


@pytest.mark.parametrize("wanted", ["en", "de", "fr", None])
@pytest.mark.parametrize("ours", ["en", "de", "nl"])
@pytest.mark.parametrize("name", SHIPPED.names)
def test_the_letter_of_a_language_found_is_the_letter_that_was_found(name: str, ours: str, wanted: str | None) -> None:
    both = Letters(beside((), tuple(shipped_sources())), language=ours)
    found = both.language_of(name, wanted)
    assert both.language_of(name, found) == found


def test_a_shipped_html_never_joins_ones_own_text() -> None:
    own = (Source("praise/thank-you", "txt", None, "mine", "Subject: Ta\n\nTa!\n"),)
    both = Letters(beside(own, tuple(shipped_sources())))
    assert both.render("praise/thank-you", known(), language="de") == Rendered("Ta", "Ta!\n", None)
    assert both.render("complaint/acknowledgement", known()).html is not None


@pytest.mark.parametrize("name", MERGED)
def test_a_telling_of_several_matters_is_one_mail_that_names_them_all(name: str) -> None:
    rendered = SHIPPED.render(name, sample_facts(name, many=True))
    assert "2 " in rendered.subject
    assert rendered.text.count("Order 1182") >= 2
    assert rendered.text.count("> I ordered 500 brochures") == 2
    assert (rendered.html or "").count("I ordered 500 brochures") == 2


@pytest.mark.parametrize("template", ["Subject: x\n\n{{ nothing }}", "Subject: x\n\n{% if %}", "no header", None])
def test_a_telling_leaves_even_where_its_template_cannot_be_written(template: str | None) -> None:
    own = letters(*([("colleague/waiting.txt", template)] if template else []))
    made = sample_facts("colleague/waiting", many=True)
    assert isinstance(made, tellings.TellingFacts)
    rendered = own.tell("colleague/waiting", made)
    assert "Jo Marsh (Order 1182), jo@client.example (Order 1182)" in rendered.subject
    assert "> I ordered 500 brochures" in rendered.text
    assert "Answer by today 17:30." in rendered.text
    assert "could not be written" in rendered.text
    assert SHIPPED.tell("colleague/waiting", made) == SHIPPED.render("colleague/waiting", made)


def test_a_notice_leaves_even_without_its_template() -> None:
    made = sample_facts("colleague/breaker")
    assert isinstance(made, tellings.TellingFacts)
    rendered = letters().tell("colleague/breaker", made)
    assert rendered.subject == "colleague/breaker: all letters to clients"
    assert "more than 60 were to leave within an hour" in rendered.text


def test_the_subject_of_a_telling_says_client_matter_and_deadline() -> None:
    subject = preview(SHIPPED, "colleague/waiting").subject
    assert subject == "Waiting 2 hours 10 minutes: Jo Marsh, Order 1182 (answer by today 17:30)"


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.html")), ids=lambda path: path.name)
def test_the_html_fetches_nothing(path: Path) -> None:
    assert not re.search(r"https?:|//\w|<img|<script|<link|url\(|@import", path.read_text(encoding="utf-8"))


def test_the_page_on_writing_letters_names_every_fact() -> None:
    page = (ROOT.parent / "docs" / "writing-letters.md").read_text(encoding="utf-8")
    for root in (facts.LetterFacts, tellings.TellingFacts):
        for named in fields(root):
            assert f"`{named.name}" in page
    for name, kind in {
        "client": facts.Client,
        "business": facts.Business,
        "message": facts.Mail,
        "case": facts.Case,
    }.items():
        assert [f"{name}.{each.name}" for each in fields(kind) if f"`{name}.{each.name}`" not in page] == []
    told = (theclient.TheClient, tellings.TheirMail, tellings.TheCase, tellings.Notice, tellings.Pledge)
    for kind in (*told, tellings.Confirmation, tellings.Unsent, Word, facts.Promised, facts.About):
        assert [each.name for each in fields(kind) if f".{each.name}`" not in page] == []


def test_the_letter_on_the_page_is_a_letter() -> None:
    page = (ROOT.parent / "docs" / "writing-letters.md").read_text(encoding="utf-8")
    text = page.partition("```\n")[2].partition("```")[0]
    foot = (ROOT / "_foot.txt").read_text(encoding="utf-8")
    assert letters(("complaint/x.txt", text), ("_foot.txt", foot)).check() == []
