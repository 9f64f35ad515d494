"""`status`, `journal`, `letters` and `forget`: what the store holds, and a person's word on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.command import Shell
from tests.shop import COMPLAINT, PLAIN, PRAISE, Shop, reply, written
from troth.model import Address, ChangeClient, LetterState
from troth.store import LETTERS, InboxState

JO = Address("jo@client.example")
MINUTES = timedelta(minutes=3)
HOSTILE = "Order \x1b[2J\x1b]0;gone\x07 \u202eback"


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)


@pytest.fixture
def open_shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path) as made:
        yield made


def became(shop: Shop, state: LetterState, because: str = "as the test has it") -> str:
    """The shop's one letter, now in this state; its key."""
    (letter,) = shop.store.letters()
    assert shop.store.change_letter(letter.key, tuple(LetterState), state, because, shop.now)
    return letter.key


def test_status_has_the_keys_and_types_that_were_promised(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT), written(PLAIN, sender="kit@other.example"))
    ran = shell("status", "--json")
    (found,) = ran.objects
    assert (ran.code, ran.err) == (0, "")
    assert list(found) == ["inboxes", "cases", "promises", "letters", "follow_ups"]
    (inbox,) = found["inboxes"]
    assert list(inbox) == [
        "name",
        "state",
        "last_sync",
        "error",
        "seen",
        "acknowledged",
        "pending",
        "no_letter",
        "set_aside",
    ]
    assert list(found["cases"]) == ["waiting", "answered", "settled", "parted"]
    assert list(found["promises"]) == ["open", "late", "kept"]
    assert list(found["letters"]) == [state.value for state in LetterState]
    assert list(found["follow_ups"]) == ["due", "scheduled"]


def test_what_was_seen_is_what_became_of_it(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT), written(PLAIN, sender="kit@other.example"))
    open_shop.take(written(PRAISE, sender="mo@third.example"), written("News.", Precedence="list", List_Id="<n.x>"))
    open_shop.wait(MINUTES)
    (inbox,) = shell("status", "--json").objects[0]["inboxes"]
    assert inbox["seen"] == 4
    assert inbox["seen"] == (
        inbox["acknowledged"] + inbox["pending"] + sum(inbox["no_letter"].values()) + inbox["set_aside"]
    )
    assert inbox["no_letter"] == {"no tone": 1, "list": 1}


@pytest.mark.parametrize("state", ["watching", "retrying", "stopped"])
def test_an_inbox_is_as_well_as_the_worst_of_its_folders(shell: Shell, open_shop: Shop, state: str) -> None:
    error = None if state == "watching" else "the server does not answer"
    open_shop.store.state(InboxState("hello", "inbox", "watching", open_shop.now, None))
    open_shop.store.state(InboxState("hello", "sent", state, open_shop.now, error))
    (inbox,) = shell("status", "--json").objects[0]["inboxes"]
    assert (inbox["state"], inbox["error"]) == (state, error)
    assert datetime.fromisoformat(inbox["last_sync"]) == open_shop.now
    assert (error or "watching") in shell("status").out


def test_letters_of_an_inbox_that_sends_none_any_more_are_no_trouble(shell: Shell, open_shop: Shop) -> None:
    config = shell.folder / "config.yaml"
    config.write_text(config.read_text().replace("    mode:", "    watch: [sent]\n    mode:", 1))
    open_shop.store.state(InboxState("hello", "sent", "watching", open_shop.now, None))
    open_shop.store.state(InboxState("hello", "inbox", "retrying", None, "of a folder that is watched no more"))
    open_shop.store.state(InboxState("hello", LETTERS, "retrying", open_shop.now, "letters wait"))
    open_shop.store.state(InboxState("gone", "inbox", "retrying", None, "of an inbox that was taken out"))
    (inbox,) = shell("status", "--json").objects[0]["inboxes"]
    assert (inbox["name"], inbox["state"], inbox["error"]) == ("hello", "watching", None)


def test_a_folder_to_move_mail_into_that_is_missing_is_named_and_the_inbox_is_well(
    shell: Shell, open_shop: Shop
) -> None:
    config = shell.folder / "config.yaml"
    config.write_text(config.read_text().replace("    mode:", "    folders: {settled: Troth/Settled}\n    mode:", 1))
    open_shop.store.state(InboxState("hello", "inbox", "watching", open_shop.now, None))
    open_shop.store.state(InboxState("hello", "settled", "retrying", None, "there is no folder Troth/Settled"))
    open_shop.store.state(InboxState("hello", "praise", "stopped", None, "of a folder that is asked for no more"))
    out = shell("status").out
    assert "hello: watching" in out
    assert f"last looked at {open_shop.now:%Y-%m-%d %H:%M:%S}Z" in out
    assert "for a person\n  hello, folder for settled: there is no folder Troth/Settled" in out
    assert "praise" not in out


def test_status_tells_people_the_same_sums(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT), written(PLAIN, sender="kit@other.example"))
    out = shell("status").out
    assert "seen 2 = acknowledged 0 + pending 1 + no letter 1 + set aside 0" in out
    assert "cases: waiting 1" in out


def test_open_cases_are_named_with_their_client_and_how_long_they_wait(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT))
    assert re.search(r"waiting since 2026-11-20 10:00 .*jo@client\.example: Order 1182", shell("status").out)


def test_the_journal_says_what_was_decided_and_why(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT))
    ran = shell("journal", "--json")
    assert ran.code == 0
    assert {tuple(each) for each in ran.objects} == {("at", "inbox", "message_id", "client", "what", "because")}
    opened = next(each for each in ran.objects if each["what"] == "case opened")
    assert opened["client"] == "jo@client.example"
    assert opened["inbox"] == "hello"
    assert datetime.fromisoformat(opened["at"]) == open_shop.now


def test_the_journal_is_narrowed_to_an_address_or_a_message_id(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT, Message_ID="<one@client.example>"))
    open_shop.take(written(PRAISE, sender="kit@other.example", Message_ID="<two@other.example>"))
    by_client = shell("journal", "--json", "JO@client.example").objects
    by_mail = shell("journal", "--json", "<two@other.example>").objects
    assert {each["client"] for each in by_client} == {"jo@client.example"}
    assert {each["client"] for each in by_mail} == {"kit@other.example"}
    assert shell("journal", "--json", "nobody@client.example").out == ""


def test_a_journal_that_has_nothing_says_so_to_people_alone(shell: Shell, open_shop: Shop) -> None:
    assert shell("journal").out == "nothing stands there yet\n"
    assert shell("journal", "kit@other.example").out == "nothing stands there of kit@other.example\n"
    assert shell("journal", "kit@other.example", "--json").out == ""


def test_the_journal_of_neither_an_address_nor_a_message_id_is_wrong_usage(shell: Shell, open_shop: Shop) -> None:
    assert "neither an address nor a Message-ID" in shell.refused("journal", "jo")


def test_the_journal_is_bounded_to_its_latest_lines(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT), written(PLAIN, sender="kit@other.example"))
    whole = shell("journal", "--json").objects
    assert shell("journal", "--json", "--limit", "1").objects == whole[-1:]
    assert "--limit" in shell.refused("journal", "--limit", "0")
    assert "--limit" in shell.refused("journal", "--limit", "-5")


def test_letters_have_the_keys_and_types_that_were_promised(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT))
    open_shop.wait(MINUTES)
    found = next(each for each in shell("letters", "--json").objects if each["client"])
    assert list(found) == [
        "key",
        "state",
        "to",
        "letter",
        "subject",
        "client",
        "case",
        "attempts",
        "next_try",
        "because",
    ]
    assert (found["state"], found["letter"]) == ("queued", "complaint/acknowledgement")
    assert found["to"] == found["client"] == "jo@client.example"
    assert found["attempts"] == 0
    assert datetime.fromisoformat(found["next_try"]) == open_shop.now


def test_a_held_letter_is_released_and_then_waits_to_leave(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(PRAISE))
    key = became(open_shop, LetterState.HELD)
    assert shell("letters").out.startswith("held")
    ran = shell("letters", "release", key)
    assert (ran.code, ran.err) == (0, "")
    assert [letter.key for letter in open_shop.store.waiting_letters(open_shop.now, "hello", 10)] == [key]
    assert "is queued: release does not apply" in shell.refused("letters", "release", key, code=1)


@pytest.mark.parametrize("state", [LetterState.FAILED, LetterState.UNKNOWN])
def test_a_letter_that_did_not_arrive_is_sent_again(shell: Shell, open_shop: Shop, state: LetterState) -> None:
    open_shop.take(written(PRAISE))
    key = became(open_shop, state)
    assert shell("letters", "resend", key).code == 0
    assert [letter.key for letter in open_shop.store.waiting_letters(open_shop.now, "hello", 10)] == [key]


def test_a_dropped_letter_is_given_up_and_its_mail_accounted_for(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(PRAISE))
    key = became(open_shop, LetterState.HELD)
    assert shell("letters", "drop", key).code == 0
    (inbox,) = shell("status", "--json").objects[0]["inboxes"]
    assert (inbox["pending"], sum(inbox["no_letter"].values())) == (0, 1)
    assert shell("letters").out == "no letter waits\n"
    assert shell("letters", "--json").out == ""
    assert shell("letters", "--all", "--json").objects[0]["state"] == "dropped"


@pytest.mark.parametrize("state", [LetterState.SENT, LetterState.SENDING, LetterState.WITHDRAWN])
@pytest.mark.parametrize("word", ["release", "resend", "drop"])
def test_what_left_or_is_leaving_takes_no_word_any_more(
    shell: Shell, open_shop: Shop, word: str, state: LetterState
) -> None:
    open_shop.take(written(PRAISE))
    key = became(open_shop, state)
    assert f"is {state}: {word} does not apply" in shell.refused("letters", word, key, code=1)


def test_an_unknown_key_is_a_finding(shell: Shell, open_shop: Shop) -> None:
    assert "there is no letter nonesuch" in shell.refused("letters", "drop", "nonesuch", code=1)


@pytest.mark.parametrize("words", [["list", "key"], ["release"], ["burn", "key"]])
def test_letters_used_wrongly_says_how_to_use_it(shell: Shell, open_shop: Shop, words: list[str]) -> None:
    assert shell.refused("letters", *words)


def test_no_client_moves_the_cursor_of_whoever_looks(shell: Shell, open_shop: Shop) -> None:
    hostile = written(COMPLAINT, sender='"\x1b[31mJo" <jo@client.example>')
    hostile = hostile.replace(b"Subject: Order 1182", b"Subject: " + HOSTILE.encode())
    open_shop.take(hostile)
    open_shop.wait(MINUTES)
    for words in (["status"], ["journal"], ["letters", "--all"]):
        out = shell(*words).out
        assert "\x1b" not in out
        assert "\x07" not in out
        assert "\u202e" not in out


def test_forgetting_erases_a_client_everywhere_and_says_what(shell: Shell, open_shop: Shop) -> None:
    mail = written(COMPLAINT)
    open_shop.take(mail, written(PLAIN, sender="kit@other.example"))
    open_shop.wait(MINUTES)
    open_shop.take(reply(mail, "I am sorry.", open_shop.now), sent=True)
    ran = shell("forget", "Jo@Client.example")
    assert ran.code == 0
    assert ran.out.startswith("erased jo@client.example:\n")
    assert "  2 mails\n" in ran.out
    assert "  1 case\n" in ran.out
    assert "  2 letters and tellings\n" in ran.out
    assert "hash" not in ran.out
    assert shell("journal", "--json", "jo@client.example").out == ""
    assert "jo@client.example" not in shell("journal").out + shell("letters", "--all").out + shell("status").out
    assert {each["client"] for each in shell("journal", "--json").objects} <= {"kit@other.example", None}


def test_the_sums_agree_after_forgetting(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(COMPLAINT), written(PLAIN, sender="kit@other.example"))
    open_shop.wait(MINUTES)
    shell("forget", "jo@client.example")
    (inbox,) = shell("status", "--json").objects[0]["inboxes"]
    assert inbox["seen"] == 2
    assert inbox["seen"] == (
        inbox["acknowledged"] + inbox["pending"] + sum(inbox["no_letter"].values()) + inbox["set_aside"]
    )


def test_who_is_not_known_cannot_be_forgotten(shell: Shell, open_shop: Shop) -> None:
    assert shell.refused("forget", "jo@client.example", code=1) == "nothing is known of jo@client.example"
    open_shop.take(written(PLAIN))
    assert shell("forget", "jo@client.example").code == 0
    shell.refused("forget", "jo@client.example", code=1)


def test_what_is_no_address_is_wrong_usage(shell: Shell, open_shop: Shop) -> None:
    assert shell.refused("forget", "Jo Marsh") == "Jo Marsh is no address"


def test_silence_that_was_asked_for_is_kept_beyond_forgetting(shell: Shell, open_shop: Shop) -> None:
    open_shop.take(written(PLAIN))
    with open_shop.store.writing() as book:
        client = book.relationship(frozenset({JO}), (), "x", open_shop.now).client
        asked = replace(client, silence_asked_at=open_shop.now)
        book.carry_out(client, (ChangeClient(asked, "silence asked", "he asked for it"),), (), open_shop.now)
    ran = shell("forget", JO)
    assert "a keyed hash of each address remains" in ran.out
    assert JO.encode() not in (open_shop.folder / "state/troth.db").read_bytes()
    open_shop.take(written(PRAISE), written(PRAISE, sender="kit@other.example"))
    assert [letter.to for letter in open_shop.store.letters()] == ["kit@other.example"]
    (inbox,) = shell("status", "--json").objects[0]["inboxes"]
    assert inbox["no_letter"]["silence asked"] == 1
