"""What a confirmation says of words that did nothing, or not that alone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from troth.letters import Voice
from troth.letters.objections import NotDone, Remark, objection

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("language", ["en", "de", "de-AT", "fr"])
@pytest.mark.parametrize("word", [*NotDone, *Remark])
def test_every_reason_has_a_sentence_in_both_languages(word: NotDone | Remark, language: str) -> None:
    voice = Voice(language, ZoneInfo("Europe/London"), NOW)
    said = objection(word, voice, client="Jo Marsh", what="new proofs", who="Sam Fox", when=NOW)
    assert said.endswith((".", "?", "proofs", "Fox"))
    assert "{" not in said
    assert "  " not in said
    bare = objection(word, voice)
    assert bare == bare.strip()


def test_a_sentence_is_in_the_language_of_the_house() -> None:
    english, german = (Voice(language, ZoneInfo("Europe/London"), NOW) for language in ("en", "de"))
    assert objection(NotDone.NO_LETTER, english, client="Jo") == "No letter to Jo waits."
    assert objection(NotDone.ANSWERED, english, client="Jo", who="Sam Fox").endswith(", by Sam Fox.")
    assert objection(NotDone.ANSWERED, german, client="Jo", who="Sam Fox").endswith(", von Sam Fox.")
    assert objection(NotDone.NO_LETTER, german, client="Jo") == "Es wartet kein Brief an Jo."


def test_the_words_of_others_stay_on_their_line() -> None:
    voice = Voice("en", ZoneInfo("Europe/London"), NOW)
    assert "\n" not in objection(NotDone.NOBODY, voice, what="Sam\nBcc: all@harbour.example")
    assert len(objection(NotDone.NOBODY, voice, what="x" * 5_000)) < 300
