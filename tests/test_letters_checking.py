"""What `check` says of templates."""

from __future__ import annotations

import pytest

from troth.letters import Letters, Source, beside, preview, source_at
from troth.place import Gravity


def found(*files: tuple[str, str]) -> list[str]:
    sources = [source_at(name, text) for name, text in files]
    return [str(mistake) for mistake in Letters([source for source in sources if source is not None]).check()]


def one(body: str, name: str = "complaint/x.txt") -> list[str]:
    return found((name, f"Subject: Hi\n\n{body}\n"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dear Jo,\n\nHi\n", "x.txt:1:1: this is neither a header nor the empty line that ends the headers; begin the"),
        ("\nSubject: late\n\nHi\n", None),
        ("{# note\nfor us #}\n\nSubject: Hi\n\nHi\n", None),
        ("Hi: x\n\nHi\n", "x.txt:1:1: a letter sets no header Hi; take it out"),
        ("Subjct: x\n\nHi\n", "x.txt:1:1: a letter sets no header Subjct; did you mean Subject?"),
        ("Bcc: x\nSubject: x\n\nHi\n", "x.txt:1:1: a letter sets no header Bcc; take it out"),
        ("Subject: a\nSubject: b\n\nHi\n", "x.txt:2:1: a second Subject; keep one"),
        ("Subject:  \n\nHi\n", "x.txt:1:1: the Subject is empty; write one"),
        ("Subject: a\nHi Jo\n\nHi\n", "x.txt:2:1: this is neither a header nor"),
        ("", "x.txt:1:1: the letter has no Subject; begin it"),
        ("{# only a comment #}", "x.txt:1:1: the letter has no Subject; begin it"),
        (
            "Subject: {{ message.subjet }}\n\nHi\n",
            "x.txt:1:21: there is no message.subjet; did you mean message.subject?",
        ),
        ("Subject: {{ message.subject }\n\nHi\n", "x.txt:1:29: unexpected '}'; see docs/writing-letters.md"),
        ("Subject: {% if case %}x\n\nHi{% endif %}\n", "x.txt:3:6: Encountered unknown tag 'endif'"),
    ],
)
def test_the_headers_of_a_letter_are_checked(text: str, said: str | None) -> None:
    mistakes = found(("complaint/x.txt", text))
    assert mistakes[0].startswith(f"complaint/{said}") if said else mistakes == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{ client.gretting }}", ["3:11: there is no client.gretting; did you mean client.greeting?"]),
        ("{{ clent.greeting }}", ["3:4: there is no clent; did you mean client?"]),
        ("{{ client['nick'] }}", ["3:12: there is no client.nick; there are: client.greeting, client.known, "]),
        ("{% if false %}\n{{ client.nick }}{% endif %}", ["4:11: there is no client.nick; there are: "]),
        ("{% if client.known %}a{% else %}{{ nobody }}{% endif %}", ["3:36: there is no nobody; there are: "]),
        ("{% set x = client %}{{ x.greeting }}", []),
        ("{% for x in [1, 2] %}{{ x }}{{ loop.index }}{% endfor %}", []),
        ("{% for x in [1, 2] %}{{ y }}{% endfor %}", ["3:25: there is no y"]),
        ("{{ range(3)|list }}", []),
        ("{{ client.greeting|uper }}", ["3:20: No filter named 'uper'; see"]),
        ("{% if client %}", ["3:1: Unexpected end of template."]),
        ("{% iff client %}{% endif %}", ["3:4: Encountered unknown tag 'iff'"]),
        ("a\n\nb\n{{ client.nick }}", ["6:11: there is no client.nick"]),
        ("{{ message.text }}", ["3:12: there is no message.text; there are"]),
        ("{{ case.severity }}", ["3:9: there is no case.severity"]),
        ("{{ matters }}", ["3:4: there is no matters"]),
        ("{{ message.sentence }}", ["3:1: this fact is not there for every letter: ask for it first, with {% if … %}"]),
        ("{% if message.sentence %}{{ message.sentence }}{% endif %}", []),
        ("{{ colleague.name }}", ["3:1: what .name is asked of is not there for every letter"]),
        ("{% if colleague %}{{ colleague.name }}{% endif %}", []),
        ("{{ business.opens }}", ["3:1: this fact is not there for every letter"]),
        ("{{ client.greeting + 1 }}", ["3:1: can only concatenate str"]),
        ("{{ ''.__class__.__mro__ }}", ["3:1: a template may only say facts"]),
        ("{% include '_none.txt' %}", ["3:13: there is no _none.txt; its path begins at templates/"]),
        ("{% autoescape false %}x{% endautoescape %}", ["3:1: escaping cannot be switched off"]),
    ],
)
def test_the_names_in_a_letter_are_checked_in_branches_not_taken_too(body: str, said: list[str]) -> None:
    mistakes = one(body)
    assert len(mistakes) == len(said)
    for mistake, start in zip(mistakes, said, strict=True):
        assert mistake.startswith(f"complaint/x.txt:{start}")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "{% for m in matters %}{{ m.client.nme }}{% endfor %}",
            "3:35: there is no m.client.nme; did you mean m.client.name?",
        ),
        (
            "{{ matters[0].case.wating }}",
            "3:20: there is no matters[…].case.wating; did you mean matters[…].case.waiting?",
        ),
        ("{{ matters.client }}", "3:12: matters are several; go through them: {% for each in matters %}"),
        ("{{ client.greeting }}", "3:4: there is no client"),
        ("{{ (matters|first).client.nme }}", "3:27: there is no ….client.nme"),
    ],
)
def test_a_telling_has_names_of_its_own(body: str, said: str) -> None:
    mistakes = one(body, "colleague/x.txt")
    assert [mistake.startswith(f"colleague/x.txt:{said}") for mistake in mistakes] == [True], mistakes


def test_a_praise_letter_has_no_case_to_speak_of() -> None:
    assert "case" not in str(one("{{ case.opened }}", "complaint/x.txt"))
    assert one("{{ case.opened }}", "praise/x.txt")[0].startswith("praise/x.txt:3:1: what .opened is asked of is not")
    assert one("{% if case %}{{ case.opened }}{% endif %}", "praise/x.txt") == []


def test_a_mistake_in_a_part_is_named_once_at_its_own_place() -> None:
    letter = "Subject: Hi\n\n{% include '_p.txt' %}\n"
    assert found(("_p.txt", "x\n{{ client.nick }}"), ("care/a.txt", letter), ("care/b.txt", letter)) == [
        "_p.txt:2:11: there is no client.nick; there are: client.greeting, client.known, client.name, client.since"
    ]


def test_the_names_a_loop_sets_are_known_in_its_parts() -> None:
    letter = "Subject: Hi\n\n{% for m in matters %}{% include 'colleague/_p.txt' %}{% endfor %}\n"
    assert found(("colleague/_p.txt", "{{ m.client.name }}"), ("colleague/a.txt", letter)) == []
    assert found(("colleague/_p.txt", "{{ m.client.nam }}"), ("colleague/a.txt", letter)) == [
        "colleague/_p.txt:1:13: there is no m.client.nam; did you mean m.client.name?"
    ]


def test_parts_may_go_round_in_a_circle_without_checking_doing_so() -> None:
    circle = '{% include "_a.txt" %}'
    assert "recursion" in found(("_a.txt", circle), ("care/x.txt", f"Subject: Hi\n\n{circle}"))[0]


def test_html_needs_its_text_and_has_no_subject() -> None:
    assert found(("care/x.html", "Subject: Hi\n\nx")) == [
        "care/x.html:1:1: a .html letter has no Subject; the Subject of the .txt stands for both",
        "care/x.html:1:1: the letter has no text beside its html; write care/x.txt: it is what many people see",
    ]
    assert "write care/x.de.txt" in found(("care/x.txt", "Subject: Hi\n\nx"), ("care/x.de.html", "x"))[0]


def test_html_made_of_a_text_part_is_a_mistake() -> None:
    text, part = ("care/x.txt", "Subject: Hi\n\nx"), ("_p.txt", "x")
    assert found(text, part, ("care/x.html", '\n{% include "_p.txt" %}')) == [
        "care/x.html:2:13: _p.txt is text, and would stand in the html unescaped; a .html letter is made of .html parts"
    ]


@pytest.mark.parametrize("remote", ['<img src="https://x.example/a.png">', "<script>", "<style>@import x", "url(//x)"])
def test_what_is_fetched_from_elsewhere_is_warned_of(remote: str) -> None:
    letters = Letters(
        [
            Source("care/x", "txt", None, "x.txt", "Subject: Hi\n\nx"),
            Source("care/x", "html", None, "x.html", f"<p>\n{remote}"),
        ]
    )
    (warning,) = letters.check()
    assert (warning.gravity, warning.place.file, warning.place.line) == (Gravity.WARNING, "x.html", 2)


@pytest.mark.parametrize(
    ("spoken", "named"),
    [
        (["en"], ["_q.de.txt", "care/own.de.txt", "care/a.txt", "care/only.txt"]),
        (["de"], ["_q.de.txt", "care/own.de.txt", "_p.de.txt", "care/a.de.txt", "care/only.txt"]),
        (["de", "en"], ["_q.de.txt", "care/own.de.txt", "_p.de.txt", "care/a.txt", "care/a.de.txt", "care/only.txt"]),
        ([], ["_q.de.txt", "care/own.de.txt", "_p.de.txt", "care/a.txt", "care/a.de.txt", "care/only.txt"]),
    ],
    ids=["english", "german", "both", "nobody says"],
)
def test_of_the_shipped_letters_those_are_examined_that_may_be_sent(spoken: list[str], named: list[str]) -> None:
    def sources(*names: str) -> tuple[Source, ...]:
        text = "Subject: Hi\n\n{{ nobody }}"
        read = [source_at(name, text if "/" in name else "{{") for name in names]
        return tuple(source for source in read if source is not None)

    shipped = sources("care/a.txt", "care/a.de.txt", "_p.de.txt", "care/only.txt")
    letters = Letters(beside(sources("care/own.de.txt", "_q.de.txt"), shipped), language=(*spoken, "en")[0])
    assert sorted(mistake.place.file for mistake in letters.check(spoken)) == sorted(named)


def test_what_was_compiled_for_the_check_can_be_written_again() -> None:
    source = source_at("care/a.txt", "Subject: {{ business.name }}\n\nHello {{ client.greeting }}")
    assert source is not None
    letters = Letters([source])
    before = preview(letters, "care/a")
    assert letters.check(["en"]) == []
    assert preview(letters, "care/a") == before


def test_the_mistakes_of_all_letters_are_named_at_once() -> None:
    mistakes = found(("care/b.txt", "x"), ("care/a.txt", "Subject: Hi\n\n{{ a }}\n{{ b }}"), ("_p.txt", "{{"))
    assert [mistake.partition(" ")[0] for mistake in mistakes] == [
        "_p.txt:1:1:",
        "care/a.txt:3:4:",
        "care/a.txt:4:4:",
        "care/b.txt:1:1:",
    ]


@pytest.mark.parametrize(
    ("file", "parts"),
    [
        ("complaint/acknowledgement.txt", ("complaint/acknowledgement", "txt", None)),
        ("complaint/acknowledgement.de.html", ("complaint/acknowledgement", "html", "de")),
        ("care/a.pt-BR.txt", ("care/a", "txt", "pt-BR")),
        ("_base.html", ("_base", "html", None)),
        ("notes.md", None),
        (".x.txt.swp", None),
        ("care/a.txt~", None),
    ],
)
def test_a_files_name_says_letter_language_and_kind(file: str, parts: tuple[str, str, str | None] | None) -> None:
    source = source_at(file, "")
    assert (source and (source.name, source.kind, source.language)) == parts
    assert source is None or source.file == file
