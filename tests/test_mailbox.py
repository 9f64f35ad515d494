"""A mailbox and the ways in which servers are known to behave."""

from __future__ import annotations

import base64
import email
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.imap import AUTHORITY, Act, Connection, FakeImap, Mail
from troth.mailbox import Account, Fetched, Kind, Mailbox, MailboxError, Role, Stop, Wake, wire
from troth.mailbox.account import tls_context
from troth.mailbox.mailbox import LONGEST_IDLE
from troth.mailbox.wire import allowed_in_clear

LETTER = b"From: jo@client.example\r\nSubject: Order 1182\r\n\r\nWhere is it?\r\n"


@pytest.fixture
def server() -> Iterator[FakeImap]:
    with FakeImap() as server:
        yield server


def account(server: FakeImap, **changes: object) -> Account:
    plain = Account("hello", "127.0.0.1", server.port, "hello", lambda: "secret", "none", timeout=2)
    return replace(plain, **changes)  # type: ignore[arg-type]  # each test changes fields it names


@contextmanager
def opened(server: FakeImap, stop: Stop | None = None) -> Iterator[Mailbox]:
    with Mailbox(account(server), stop) as mailbox:
        mailbox.open("INBOX", write=True)
        yield mailbox


def error_of(server: FakeImap, **changes: object) -> MailboxError:
    with pytest.raises(MailboxError) as caught:
        read_all(account(server, **changes))
    return caught.value


def read_all(of: Account) -> list[Fetched]:
    with Mailbox(of) as mailbox:
        mailbox.open("INBOX", write=True)
        return list(mailbox.fetch(mailbox.uids_above(0)))


# Logging in


def test_a_connection_logs_in_once(server: FakeImap) -> None:
    with opened(server) as mailbox:
        mailbox.wait(0.01)
        mailbox.uids_above(0)
    assert len(server.said("LOGIN")) == 1


def test_a_refused_password_is_told_from_a_server_that_is_busy(server: FakeImap) -> None:
    server.answers["LOGIN"] = ["{tag} NO [AUTHENTICATIONFAILED] no\r\n", "{tag} NO [UNAVAILABLE] later\r\n"]
    assert error_of(server).kind is Kind.REFUSED
    assert error_of(server).kind is Kind.UNAVAILABLE


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("{tag} NO wrong password\r\n", Kind.REFUSED),
        ("{tag} NO [EXPIRED] change it\r\n", Kind.REFUSED),
        ("{tag} NO [LIMIT] many\r\n", Kind.THROTTLED),
        ("{tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n", Kind.THROTTLED),
        ("{tag} NO [THROTTLED] slow down\r\n", Kind.THROTTLED),
        ("{tag} BAD User is authenticated but not connected.\r\n", Kind.UNAVAILABLE),
        ("{tag} NO [CONTACTADMIN] oh\r\n", Kind.SERVER),
        ("{tag} BAD what?\r\n", Kind.SERVER),
        ("* BYE [UNAVAILABLE] going down\r\n", Kind.UNAVAILABLE),
        ("* BYE Can't :( \"go\r\n", Kind.LOST),
        ("* BYE\r\n", Kind.LOST),
        (Act.DROP, Kind.LOST),
        ("rubbish\r\n", Kind.LOST),
        ("* 1 FETCH (((\r\n{tag} NO \xff\r\n", Kind.REFUSED),
    ],
)
def test_each_way_of_failing_to_log_in_has_its_kind(server: FakeImap, said: str | Act, kind: Kind) -> None:
    server.answers["LOGIN"] = [said]
    error = error_of(server)
    assert error.kind is kind
    assert "secret" not in str(error)
    assert "\n" not in str(error)
    assert "=>" not in error.words


def test_a_server_that_says_nothing_at_all_is_silent_and_not_waited_for_for_ever(server: FakeImap) -> None:
    server.greeting = ""
    began = time.monotonic()
    assert error_of(server, timeout=0.2).kind is Kind.SILENT
    assert time.monotonic() - began < 2


def test_a_server_too_busy_to_greet_is_throttled_and_its_words_are_readable(server: FakeImap) -> None:
    server.greeting = "* BYE Too many connections\r\n"
    error = error_of(server)
    assert error.kind is Kind.THROTTLED
    assert error.words == "* BYE Too many connections"


def test_a_command_that_the_server_cannot_take_is_told_in_its_words(server: FakeImap) -> None:
    server.answers["UID SEARCH"] = ["{tag} BAD Invalid messageset\r\n"]
    assert error_of(server).words == "UID command error: BAD Invalid messageset"


def test_a_port_that_nobody_listens_on_is_unavailable() -> None:
    with FakeImap() as gone:
        pass
    assert error_of(gone).kind is Kind.UNAVAILABLE


def test_a_password_outside_ascii_is_sent_as_utf_8(server: FakeImap) -> None:
    with Mailbox(account(server, password=lambda: "pâss wörd")):
        pass
    plain = server.lines[server.lines.index(server.said("AUTHENTICATE PLAIN")[0]) + 1]
    assert base64.b64decode(plain).decode() == "\0hello\0pâss wörd"


def test_a_quote_in_the_user_name_stays_in_it(server: FakeImap) -> None:
    with Mailbox(account(server, username='he"llo\\', password=lambda: 'a"b')):
        pass
    assert server.said("LOGIN")[0].rstrip().endswith(rb'LOGIN "he\"llo\\" "a\"b"')


def test_a_line_end_in_a_password_never_reaches_the_server(server: FakeImap) -> None:
    assert error_of(server, password=lambda: "a\r\nX DELETE INBOX").kind is Kind.REFUSED
    assert not server.said("DELETE")


def test_a_password_that_cannot_be_read_is_no_lost_connection(server: FakeImap) -> None:
    def unreadable() -> str:
        raise FileNotFoundError("/no/such/file")

    assert error_of(server, password=unreadable).kind is Kind.REFUSED


def test_an_access_token_is_offered_where_the_account_has_one(server: FakeImap) -> None:
    server.offers += " AUTH=XOAUTH2"
    with Mailbox(account(server, oauth=True, password=lambda: "token")):
        pass
    line = server.lines[server.lines.index(server.said("AUTHENTICATE XOAUTH2")[0]) + 1]
    assert base64.b64decode(line) == b"user=hello\1auth=Bearer token\1\1"


class Tokens:
    """Access tokens, one after the other: the next when the one before is said to be spent."""

    def __init__(self, *tokens: str) -> None:
        self._left = list(tokens)
        self.spent: list[str] = []

    def give(self) -> str:
        return self._left[0]

    def spend(self, token: str) -> None:
        self.spent.append(token)
        if len(self._left) > 1:
            self._left.pop(0)


REFUSED = "{tag} NO [AUTHENTICATIONFAILED] not this one\r\n"


def shown(server: FakeImap) -> list[bytes]:
    """The tokens that were shown."""
    given = [server.lines[at + 1] for at, line in enumerate(server.lines) if b"AUTHENTICATE" in line]
    return [base64.b64decode(line).split(b"Bearer ")[1].strip(b"\1") for line in given]


def challenged(connection: Connection, tag: str) -> None:
    """Refuses a token as the large providers do: by a further challenge first."""
    connection.do_authenticate(tag, "")
    connection.send("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
    connection.server.lines.append(connection.lines.readline())
    connection.send(REFUSED.replace("{tag}", tag))


def test_a_token_that_is_refused_is_spent_and_another_is_tried_once(server: FakeImap) -> None:
    server.answers["AUTHENTICATE"] = [challenged]
    tokens = Tokens("stale", "fresh", "unused")
    with Mailbox(account(server, oauth=True, password=tokens.give, spent=tokens.spend)):
        pass
    assert (shown(server), tokens.spent) == ([b"stale", b"fresh"], ["stale"])


def test_a_second_refusal_is_the_end_of_it(server: FakeImap) -> None:
    server.answers["AUTHENTICATE"] = [challenged, challenged]
    tokens = Tokens("stale", "fresh", "unused")
    assert error_of(server, oauth=True, password=tokens.give, spent=tokens.spend).kind is Kind.REFUSED
    assert shown(server) == [b"stale", b"fresh"]


def test_a_token_for_which_there_is_no_other_is_not_shown_twice(server: FakeImap) -> None:
    server.answers["AUTHENTICATE"] = [challenged, challenged]
    tokens = Tokens("only")
    assert error_of(server, oauth=True, password=tokens.give, spent=tokens.spend).kind is Kind.REFUSED
    assert shown(server) == [b"only"]


def test_a_fault_of_the_server_spends_no_token(server: FakeImap) -> None:
    def busy(connection: Connection, tag: str) -> None:
        connection.do_authenticate(tag, "")
        connection.send(f"{tag} NO [UNAVAILABLE] later\r\n")

    server.answers["AUTHENTICATE"] = [busy]
    tokens = Tokens("good", "unused")
    assert error_of(server, oauth=True, password=tokens.give, spent=tokens.spend).kind is Kind.UNAVAILABLE
    assert tokens.spent == []


def test_a_refused_password_is_not_tried_again(server: FakeImap) -> None:
    server.answers["LOGIN"] = [REFUSED]
    assert error_of(server).kind is Kind.REFUSED
    assert len(server.said("LOGIN")) == 1


def test_oauthbearer_is_spoken_where_it_alone_is_offered_and_a_refusal_is_answered_by_the_rfc(server: FakeImap) -> None:
    server.offers += " AUTH=OAUTHBEARER"
    server.answers["AUTHENTICATE"] = [challenged]
    assert error_of(server, oauth=True, username="a=b,c", password=lambda: "token").kind is Kind.REFUSED
    at = server.lines.index(server.said("AUTHENTICATE OAUTHBEARER")[0])
    said = base64.b64decode(server.lines[at + 1])
    assert said == f"n,a=a=3Db=2Cc,\1host=127.0.0.1\1port={server.port}\1auth=Bearer token\1\1".encode()
    assert base64.b64decode(server.lines[at + 2]) == b"\1"


@pytest.mark.parametrize(
    ("why", "kind"),
    [
        (ConnectionError("no answer from id.example: HTTP 503"), Kind.UNAVAILABLE),
        (PermissionError("the sign-in has ended; run `troth login hello`"), Kind.SIGNED_OUT),
        (OSError("the provider refuses this client"), Kind.REFUSED),
    ],
)
def test_why_there_is_no_token_is_told_by_who_can_mend_it(server: FakeImap, why: OSError, kind: Kind) -> None:
    def none() -> str:
        raise why

    found = error_of(server, oauth=True, password=none)
    assert (found.kind, found.words) == (kind, str(why))
    assert not server.said("AUTHENTICATE")


def test_we_say_who_we_are_only_where_it_is_asked_for(server: FakeImap) -> None:
    with Mailbox(account(server)):
        assert not server.said(" ID ")
    server.offers += " ID"
    server.answers["ID"] = [None, "{tag} NO never mind\r\n", "{tag} BAD what?\r\n"]
    for _ in range(3):
        with Mailbox(account(server)):
            pass
    assert b'"Troth"' in server.said(" ID ")[0]


def test_no_password_is_sent_where_the_server_takes_none(server: FakeImap) -> None:
    server.offers += " LOGINDISABLED"
    assert error_of(server).kind is Kind.MISCONFIGURED
    assert not server.said("secret")


# TLS


def secure(server: FakeImap, **changes: object) -> Account:
    return account(server, host="localhost", tls="starttls", ca_file=AUTHORITY, **changes)


def no_secret_was_sent(server: FakeImap) -> bool:
    return not server.said("LOGIN") and not server.said("AUTHENTICATE")


def test_starttls_comes_before_the_password(server: FakeImap) -> None:
    server.offers += " STARTTLS"
    with Mailbox(secure(server)):
        verbs = [line.split()[1] for line in server.lines]
    assert verbs == [b"CAPABILITY", b"STARTTLS", b"CAPABILITY", b"LOGIN", b"CAPABILITY"]


def test_without_the_offer_of_starttls_no_password_is_sent(server: FakeImap) -> None:
    with pytest.raises(MailboxError, match="STARTTLS"), Mailbox(secure(server)):
        pass
    assert no_secret_was_sent(server)


@pytest.mark.parametrize("said", ["{tag} NO not now\r\n", "{tag} BAD what?\r\n", Act.DROP])
def test_a_refused_starttls_ends_it(server: FakeImap, said: str | Act) -> None:
    server.offers += " STARTTLS"
    server.answers["STARTTLS"] = [said]
    with pytest.raises(MailboxError), Mailbox(secure(server)):
        pass
    assert no_secret_was_sent(server)


def test_a_preauth_greeting_does_not_talk_us_out_of_tls(server: FakeImap) -> None:
    server.offers += " STARTTLS"
    server.greeting = "* PREAUTH welcome\r\n"
    with pytest.raises(MailboxError) as caught, Mailbox(secure(server)):
        pass
    assert caught.value.kind is Kind.MISCONFIGURED
    assert no_secret_was_sent(server)


def test_a_preauth_greeting_is_never_trusted(server: FakeImap) -> None:
    server.greeting = "* PREAUTH welcome\r\n"
    assert error_of(server).kind is Kind.MISCONFIGURED
    assert no_secret_was_sent(server)


@pytest.mark.parametrize(
    ("peer", "allowed"), [("127.0.0.1", True), ("::1", True), ("10.0.0.1", False), ("fe80::1%2", False)]
)
def test_only_a_loopback_address_is_spoken_to_without_tls(peer: str, allowed: bool) -> None:
    assert allowed_in_clear(peer) is allowed


def test_no_word_is_said_in_clear_to_another_machine(server: FakeImap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "allowed_in_clear", lambda _peer: False)
    assert error_of(server).kind is Kind.MISCONFIGURED
    assert server.lines == []


def test_what_is_slipped_in_after_the_ok_of_starttls_ends_it(server: FakeImap) -> None:
    def inject(connection: Connection, tag: str) -> None:
        connection.send(f"{tag} OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n")
        connection.wrap()

    server.offers += " STARTTLS"
    server.answers["STARTTLS"] = [inject]
    with pytest.raises(MailboxError, match="STARTTLS"), Mailbox(secure(server)):
        pass
    assert no_secret_was_sent(server)


def test_a_certificate_of_an_unknown_authority_is_refused() -> None:
    with FakeImap(implicit_tls=True) as server, pytest.raises(MailboxError) as caught:
        Mailbox(account(server, host="localhost", tls="implicit")).__enter__()
    assert caught.value.kind is Kind.MISCONFIGURED
    assert "certificate" in caught.value.words


def test_a_certificate_of_another_host_is_refused() -> None:
    with FakeImap(implicit_tls=True) as server, pytest.raises(MailboxError) as caught:
        Mailbox(account(server, host="127.0.0.1", tls="implicit", ca_file=AUTHORITY)).__enter__()
    assert caught.value.kind is Kind.MISCONFIGURED


def test_implicit_tls_with_our_own_authority_works() -> None:
    with FakeImap(implicit_tls=True) as server:
        server.mails[3] = Mail(LETTER)
        with Mailbox(account(server, host="localhost", tls="implicit", ca_file=AUTHORITY)) as mailbox:
            mailbox.open("INBOX")
            assert [mail.raw for mail in mailbox.fetch([3])] == [LETTER]


def test_one_context_serves_all_mailboxes_and_wants_tls_1_2() -> None:
    assert tls_context(AUTHORITY) is tls_context(AUTHORITY)
    assert tls_context(AUTHORITY).minimum_version == ssl.TLSVersion.TLSv1_2
    assert tls_context(AUTHORITY).verify_mode is ssl.CERT_REQUIRED


# Folders


def test_sent_is_found_by_its_special_use_before_its_name(server: FakeImap) -> None:
    server.folders = (r'* LIST () "/" Sent', r'* LIST (\Sent) "/" "Ausgang"')
    with opened(server) as mailbox:
        assert mailbox.sent_folder() == "Ausgang"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (r'* LIST () "." "INBOX.Gesendete Objekte"', "INBOX.Gesendete Objekte"),
        (r'* LIST () "/" "&AMk-l&AOk-ments envoy&AOk-s"', "Éléments envoyés"),
        (r'* LIST () NIL "Sent Items"', "Sent Items"),
        ('* LIST () "/" {4}\r\nSent', "Sent"),
    ],
)
def test_sent_is_found_by_its_name_in_other_languages(server: FakeImap, line: str, name: str) -> None:
    server.folders = (r'* LIST () "/" INBOX', line)
    with opened(server) as mailbox:
        assert mailbox.sent_folder() == name


def test_a_folder_that_cannot_be_opened_is_not_chosen(server: FakeImap) -> None:
    server.folders = (r'* LIST (\Noselect \Sent) "/" Old', r'* LIST (\Sent) "/" Second')
    with opened(server) as mailbox:
        assert mailbox.sent_folder() == "Second"


def test_where_no_sent_folder_is_found_the_error_says_what_to_write(server: FakeImap) -> None:
    server.folders = (r'* LIST () "/" INBOX',)
    with opened(server) as mailbox, pytest.raises(MailboxError, match="folders: sent") as caught:
        mailbox.sent_folder()
    assert caught.value.kind is Kind.MISCONFIGURED


def test_a_misspelt_folder_is_told_with_the_nearest_one(server: FakeImap) -> None:
    with opened(server) as mailbox, pytest.raises(MailboxError, match="did you mean Sent"):
        mailbox.folder(Role.SENT, "Snet")


def test_a_folder_that_may_only_be_read_is_examined(server: FakeImap) -> None:
    server.answers["SELECT"] = [
        "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [READ-ONLY] no\r\n{tag} OK [READ-ONLY] done\r\n"
    ]
    with Mailbox(account(server)) as mailbox:
        folder = mailbox.open("INBOX", write=True)
        assert folder.read_only
        assert not mailbox.mark([1], "$Complaint")
    assert not server.said("STORE")


def test_no_keyword_is_set_where_the_folder_takes_none(server: FakeImap) -> None:
    server.permanent = r"\Seen \Deleted"
    with opened(server) as mailbox:
        assert not mailbox.mark([1], "$Complaint")
    server.permanent = r"\Seen $Praise"
    with opened(server) as mailbox:
        assert mailbox.mark([1, 2], "$Praise")
    assert server.said("STORE") == [
        line for line in server.said("STORE") if b"UID STORE 1,2 +FLAGS.SILENT ($Praise)" in line
    ]


def test_only_keywords_are_ever_set(server: FakeImap) -> None:
    with opened(server) as mailbox:
        for other in (r"\Seen", r"\Deleted", "$a b", "a)\r\nX NOOP"):
            assert not mailbox.mark([1], other)
    assert not server.said("STORE")


def test_a_folder_without_lasting_uids_is_refused(server: FakeImap) -> None:
    server.uidvalidity = 0
    assert error_of(server).kind is Kind.SERVER


def test_a_stale_uidnext_is_not_believed(server: FakeImap) -> None:
    server.mails = {5: Mail(LETTER), 9: Mail(LETTER)}
    server.uidnext = 6
    with Mailbox(account(server)) as mailbox:
        assert mailbox.open("INBOX").uidnext == 10


def test_a_server_that_hides_uidnext_is_asked_for_the_last_mail(server: FakeImap) -> None:
    server.mails = {5: Mail(LETTER), 9: Mail(LETTER)}
    server.tells_uidnext = False
    with Mailbox(account(server)) as mailbox:
        assert mailbox.open("INBOX").uidnext == 10


# Searching


def test_the_last_mail_that_every_range_names_is_not_new(server: FakeImap) -> None:
    server.mails = {5: Mail(LETTER)}
    with opened(server) as mailbox:
        assert mailbox.uids_above(5) == []
        assert mailbox.uids_above(4) == [5]


def test_two_search_lines_are_one_answer(server: FakeImap) -> None:
    with opened(server) as mailbox:
        server.answers["UID SEARCH"] = ["* SEARCH 3 5\r\n* SEARCH 4 (MODSEQ 917162500)\r\n{tag} OK done\r\n"]
        assert mailbox.uids_above(2) == [3, 4, 5]


def test_a_huge_folder_is_searched_in_windows_and_no_mail_is_left_out(server: FakeImap) -> None:
    server.mails = {uid * 40_000: Mail(LETTER) for uid in range(1, 45_001)}
    with opened(server) as mailbox:
        assert mailbox.uids_above(80_000) == sorted(server.mails)[2:]
    assert [line.split(b" ")[3] for line in server.said("SEARCH")][1:] == [b"40001:*", b"20001:40000", b"1:20000"]


def test_a_mail_that_slips_into_another_window_meanwhile_is_not_lost(server: FakeImap) -> None:
    def expunge_first(connection: Connection, tag: str) -> None:
        for uid in range(1, 11):
            del server.mails[uid]
        connection.send(connection.do_uid_search(tag, last_words(server)) + f"{tag} OK done\r\n")

    server.mails = {uid: Mail(LETTER) for uid in range(1, 45_001)}
    with opened(server) as mailbox:
        server.answers["UID SEARCH"] = [None, expunge_first]
        assert mailbox.uids_above(0) == list(range(11, 45_001))


def last_words(server: FakeImap) -> str:
    return server.lines[-1].decode().split(" ", 3)[3].strip()


def test_a_search_line_of_more_than_a_megabyte_does_not_break_the_connection(server: FakeImap) -> None:
    with opened(server) as mailbox:
        server.answers["UID SEARCH"] = ["* SEARCH" + " 123456789" * 150_000 + "\r\n{tag} OK done\r\n"]
        mailbox.uids_above(1)
        assert mailbox.uids_above(0) == []


# Fetching


def test_a_small_mail_comes_whole_with_its_time_of_arrival(server: FakeImap) -> None:
    server.mails[3] = Mail(LETTER, flags=r"\Seen $Label1")
    with opened(server) as mailbox:
        (mail,) = mailbox.fetch([3])
    assert (mail.uid, mail.raw, mail.size, mail.note) == (3, LETTER, len(LETTER), None)
    assert mail.arrived == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert mail.flags == {r"\Seen", "$Label1"}


def test_nothing_but_peek_is_ever_fetched(server: FakeImap) -> None:
    server.mails[3] = big_mail()
    server.mails[4] = Mail(LETTER)
    with opened(server) as mailbox:
        list(mailbox.fetch([3, 4]))
        list(mailbox.glance([3, 4]))
    fetches = b"".join(server.said("FETCH"))
    assert b"BODY[" not in fetches.replace(b"BODY.PEEK[", b"")
    assert b"RFC822 " not in fetches


def test_many_mails_take_few_commands(server: FakeImap) -> None:
    server.mails = {uid: Mail(LETTER) for uid in range(1, 121)}
    with opened(server) as mailbox:
        assert len(list(mailbox.fetch(range(1, 121)))) == 120
    assert len(server.said("FETCH")) == 3


def test_a_mail_expunged_meanwhile_is_skipped(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER), 3: Mail(LETTER)}
    with opened(server) as mailbox:
        assert [mail.uid for mail in mailbox.fetch([1, 2, 3])] == [1, 3]


def test_an_expunged_mail_whose_body_is_nil_is_skipped(server: FakeImap) -> None:
    server.answers["UID FETCH"] = ["* 1 FETCH (UID 8 RFC822.SIZE 0 BODY[]<0> NIL)\r\n{tag} NO [EXPUNGEISSUED] gone\r\n"]
    with opened(server) as mailbox:
        assert list(mailbox.fetch([8])) == []


def test_a_mail_that_is_there_and_does_not_come_is_asked_for_alone(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER), 2: Mail(LETTER)}
    server.answers["UID FETCH"] = [
        f"* 1 FETCH (UID 1 BODY[]<0> {{{len(LETTER)}}}\r\n{LETTER.decode()})\r\n{{tag}} NO broken\r\n"
    ]
    with opened(server) as mailbox:
        assert [mail.uid for mail in mailbox.fetch([1, 2])] == [1, 2]


def test_a_mail_that_the_server_cannot_give_is_told_and_not_dropped(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER)}
    server.answers["UID FETCH"] = ["{tag} NO [SERVERBUG] oh\r\n", "{tag} NO [SERVERBUG] oh\r\n"]
    with opened(server) as mailbox:
        (mail,) = mailbox.fetch([1])
    assert mail.raw == b""
    assert mail.note


def test_unasked_answers_are_not_taken_for_mails(server: FakeImap) -> None:
    def chatter(connection: Connection, tag: str) -> None:
        connection.send("* 4 FETCH (FLAGS (\\Answered))\r\n* 9 FETCH (UID 99 FLAGS (\\Seen))\r\n* 3 EXPUNGE\r\n")
        connection.send(connection.do_uid_fetch(tag, "4 (BODY.PEEK[]<0.131072>)"))
        connection.send(f"* 1 FETCH (UID 4 FLAGS (\\Flagged))\r\n{tag} OK done\r\n")

    server.mails = {4: Mail(LETTER, flags=r"\Seen")}
    server.answers["UID FETCH"] = [chatter]
    with opened(server) as mailbox:
        assert [(mail.uid, mail.raw) for mail in mailbox.fetch([4])] == [(4, LETTER)]
        assert not list(mailbox.fetch([99]))


@pytest.mark.parametrize("flags", ["$[odd", "a]b", "&AOk-", r"\Unknown", "NIL"])
def test_odd_flags_do_not_make_a_mail_unreadable(server: FakeImap, flags: str) -> None:
    server.mails = {4: Mail(LETTER, flags=flags)}
    with opened(server) as mailbox:
        assert [mail.raw for mail in mailbox.fetch([4])] == [LETTER]


def test_a_server_that_does_not_repeat_the_origin_is_understood(server: FakeImap) -> None:
    server.answers["UID FETCH"] = ["* 1 FETCH (UID 4 BODY[] {2}\r\nhi)\r\n{tag} OK done\r\n"]
    with opened(server) as mailbox:
        assert [mail.raw for mail in mailbox.fetch([4])] == [b"hi"]


def test_a_mail_without_a_sensible_date_is_still_a_mail(server: FakeImap) -> None:
    server.mails = {4: Mail(LETTER, date="31-Foo-0000 99:00:00 +9999")}
    with opened(server) as mailbox:
        (mail,) = mailbox.fetch([4])
    assert mail.arrived.year == 1970


def big_mail() -> Mail:
    raw = (
        b'From: jo@client.example\r\nContent-Type: multipart/mixed; boundary="b"\r\nSubject: Scans\r\n\r\n'
        + b"x" * 200_000
    )
    structure = (
        b'(("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "8BIT" 20 1 NIL NIL NIL NIL)'
        b'("APPLICATION" "PDF" ("NAME" "scan.pdf") NIL NIL "BASE64" 199000 NIL'
        b' ("ATTACHMENT" ("FILENAME" "scan.pdf")) NIL NIL)'
        b' "MIXED" ("BOUNDARY" "b") NIL NIL NIL)'
    )
    return Mail(raw, structure=structure, sections={"1": b"Please see the scan."})


def test_a_large_mail_comes_without_its_attachments_but_with_their_names(server: FakeImap) -> None:
    server.mails[3] = big_mail()
    with opened(server) as mailbox:
        (mail,) = mailbox.fetch([3])
    assert mail.size == len(server.mails[3].raw)
    assert b"Please see the scan." in mail.raw
    assert b'filename="scan.pdf"' in mail.raw
    assert len(mail.raw) < 1000
    assert not [line for line in server.said("FETCH") if b"PEEK[2]" in line]


def test_a_large_mail_of_unreadable_structure_comes_as_its_beginning(server: FakeImap) -> None:
    server.mails[3] = replace(big_mail(), structure=b'(("TEXT")')
    with opened(server) as mailbox:
        (mail,) = mailbox.fetch([3])
    assert mail.raw == server.mails[3].raw[: 1 << 17]
    assert mail.note


def test_a_structure_of_megabytes_does_not_break_the_connection(server: FakeImap) -> None:
    part = b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1 NIL NIL NIL NIL)'
    server.mails[3] = replace(big_mail(), structure=b"(" + part * 60_000 + b' "MIXED" NIL NIL NIL NIL)')
    server.mails[4] = Mail(LETTER)
    with opened(server) as mailbox:
        assert [mail.uid for mail in mailbox.fetch([3, 4])] == [3, 4]


def test_a_server_that_ignores_the_bound_is_not_held_in_memory(server: FakeImap) -> None:
    def all_of_it(connection: Connection, tag: str) -> None:
        connection.send("* 1 FETCH (UID 3 RFC822.SIZE 20000000 BODY[]<0> {20000000}\r\n")
        for _ in range(200):
            connection.send(b"yyyyyyyy\r\n" * 10_000)
        connection.send(f")\r\n{tag} OK done\r\n")

    server.mails[3] = big_mail()
    server.answers["UID FETCH"] = [all_of_it]
    with opened(server) as mailbox:
        tracemalloc.start()
        (mail,) = mailbox.fetch([3])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert mailbox.uids_above(0) == [3]
    assert len(mail.raw) < 1 << 18
    assert peak < 10_000_000


def test_a_line_without_end_is_not_held_in_memory(server: FakeImap) -> None:
    def endless(connection: Connection, tag: str) -> None:
        connection.send("* SEARCH")
        for _ in range(300):
            connection.send(" 12345678" * 10_000)
        connection.send(f"\r\n{tag} OK done\r\n")

    with opened(server) as mailbox:
        server.answers["UID SEARCH"] = [endless]
        tracemalloc.start()
        mailbox.uids_above(10**9)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 15_000_000


def test_a_glance_is_the_header_and_a_little_text(server: FakeImap) -> None:
    server.mails[3] = Mail(LETTER + b"z" * 50_000)
    with opened(server) as mailbox:
        (mail,) = mailbox.glance([3])
    assert mail.raw.startswith(LETTER)
    assert len(mail.raw) < 9000
    assert mail.note


def test_a_header_cut_off_is_still_apart_from_the_text(server: FakeImap) -> None:
    server.mails[3] = Mail(b"Subject: Long\r\nX: " + b"h" * 200_000 + b"\r\n\r\nOrder: where is it?\r\n")
    server.mails[3].structure = b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 14 1 NIL NIL NIL NIL)'
    with opened(server) as mailbox:
        for (mail,) in (mailbox.fetch([3]), mailbox.glance([3])):
            assert email.message_from_bytes(mail.raw).get_payload() == "Order: where is it?\r\n"


# Waiting


def in_a_moment(what: Callable[[], object], seconds: float = 0.1) -> threading.Timer:
    timer = threading.Timer(seconds, what)
    timer.start()
    return timer


def test_idle_is_woken_by_new_mail(server: FakeImap) -> None:
    with opened(server) as mailbox:
        began = time.monotonic()
        timer = in_a_moment(lambda: server.deliver(Mail(LETTER)))
        assert mailbox.wait(5) is Wake.NEWS
        assert time.monotonic() - began < 1
        timer.join()


def test_news_in_the_same_segment_as_the_continuation_is_seen(server: FakeImap) -> None:
    server.answers["IDLE"] = [idle_saying("+ idling\r\n* 1 EXISTS\r\n")]
    with opened(server) as mailbox:
        assert mailbox.wait(5) is Wake.NEWS


def idle_saying(text: str) -> Callable[[Connection, str], None]:
    def say(connection: Connection, tag: str) -> None:
        connection.idle_tag = tag
        connection.send(text.replace("{tag}", tag))

    return say


def test_untagged_answers_before_the_continuation_are_no_error(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER), 2: Mail(LETTER)}
    server.answers["IDLE"] = [idle_saying("* 2 EXPUNGE\r\n* 2 EXISTS\r\n+ idling\r\n")]
    with opened(server) as mailbox:
        assert mailbox.wait(5) is Wake.NEWS


def test_a_line_that_comes_in_pieces_is_one_line(server: FakeImap) -> None:
    def dribble(connection: Connection, tag: str) -> None:
        connection.idle_tag = tag
        for piece in ("+ id", "ling\r", "\n* 1 EX", "IST", "S\r", "\n"):
            connection.send(piece)
            time.sleep(0.02)

    server.answers["IDLE"] = [dribble]
    with opened(server) as mailbox:
        assert mailbox.wait(5) is Wake.NEWS


def test_an_exists_that_says_nothing_new_wakes_nobody(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER)}
    server.answers["IDLE"] = [
        idle_saying("+ idling\r\n* 1 EXISTS\r\n* 0 RECENT\r\n* OK still here\r\n* 1 FETCH (FLAGS ())\r\n")
    ]
    with opened(server) as mailbox:
        assert mailbox.wait(0.2) is Wake.TIME


def test_mail_announced_during_another_command_is_not_waited_for(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER)}
    server.answers["UID STORE"] = ["* 2 EXISTS\r\n{tag} OK done\r\n"]
    with opened(server) as mailbox:
        mailbox.uids_above(0)
        mailbox.mark([1], "$Complaint")
        began = time.monotonic()
        assert mailbox.wait(5) is Wake.NEWS
        assert time.monotonic() - began < 1


def test_bye_in_idle_is_a_lost_connection_at_once(server: FakeImap) -> None:
    server.answers["IDLE"] = [idle_saying("+ idling\r\n* BYE Can't :( \"go\r\n")]
    assert lost_while_waiting(server) is Kind.LOST


def test_the_end_of_the_connection_in_idle_is_found_at_once(server: FakeImap) -> None:
    in_a_moment(server.drop)
    assert lost_while_waiting(server) is Kind.LOST


def test_the_end_of_the_connection_is_found_at_once_without_idle_too(server: FakeImap) -> None:
    server.offers = "IMAP4rev1"
    in_a_moment(server.drop)
    assert lost_while_waiting(server) is Kind.LOST


def lost_while_waiting(server: FakeImap) -> Kind:
    began = time.monotonic()
    cpu = time.process_time()
    with pytest.raises(MailboxError) as caught, opened(server) as mailbox:
        mailbox.wait(5)
    assert time.monotonic() - began < 1
    assert time.process_time() - cpu < 0.5
    return caught.value.kind


def test_a_server_that_falls_silent_is_found_out_by_its_missing_answer_to_done(server: FakeImap) -> None:
    server.answers["DONE"] = [Act.HANG]
    began = time.monotonic()
    with pytest.raises(MailboxError) as caught, opened(server) as mailbox:
        mailbox.wait(0.1, patience=0.3)
    assert caught.value.kind is Kind.SILENT
    assert time.monotonic() - began < 1.5


def test_a_silent_server_is_found_out_without_idle_too(server: FakeImap) -> None:
    server.offers = "IMAP4rev1"
    server.answers["NOOP"] = [Act.HANG]
    with pytest.raises(MailboxError) as caught, opened(server) as mailbox:
        mailbox.wait(0.1, patience=0.3)
    assert caught.value.kind is Kind.SILENT


def test_where_idle_is_not_offered_it_is_not_used(server: FakeImap) -> None:
    server.offers = "IMAP4rev1"
    with opened(server) as mailbox:
        assert mailbox.wait(0.1) is Wake.TIME
    assert not server.said("IDLE")
    assert server.said("NOOP")


def test_where_idle_is_refused_the_time_is_slept_through(server: FakeImap) -> None:
    server.answers["IDLE"] = ["{tag} NO not today\r\n"]
    with opened(server) as mailbox:
        began = time.monotonic()
        assert mailbox.wait(0.2) is Wake.TIME
        assert time.monotonic() - began >= 0.2


def test_an_idle_that_the_server_ends_itself_is_not_ended_twice(server: FakeImap) -> None:
    server.answers["IDLE"] = ["+ idling\r\n{tag} OK enough\r\n"]
    with opened(server) as mailbox:
        assert mailbox.wait(5) is Wake.NEWS
        assert mailbox.uids_above(0) == []
    assert not server.said("DONE")


def test_a_stop_ends_a_wait_at_once(server: FakeImap) -> None:
    stop = Stop()
    with opened(server, stop) as mailbox:
        began = time.monotonic()
        in_a_moment(stop.set)
        assert mailbox.wait(30) is Wake.STOPPED
        assert time.monotonic() - began < 1
    stop.close()


def test_a_wait_within_tls_is_woken_and_stopped() -> None:
    stop = Stop()
    with FakeImap(implicit_tls=True) as server:
        tls = account(server, host="localhost", tls="implicit", ca_file=AUTHORITY)
        with Mailbox(tls, stop) as mailbox:
            mailbox.open("INBOX")
            timer = in_a_moment(lambda: server.deliver(Mail(LETTER)))
            assert mailbox.wait(5) is Wake.NEWS
            assert mailbox.uids_above(0) == [1]
            timer.join()
            in_a_moment(stop.set)
            assert mailbox.wait(30) is Wake.STOPPED
    stop.close()


def test_no_wait_is_longer_than_nine_minutes() -> None:
    assert LONGEST_IDLE <= 9 * 60


# Our own letters


def test_a_letter_of_ours_is_laid_down_and_found_again(server: FakeImap) -> None:
    ours = b"Message-ID: <letter.1@harbour.example>\r\n\r\nHello\r\n"
    server.mails[1] = Mail(b"Message-ID: <xletter.1@harbour.example>\r\n\r\nHello\r\n")
    with opened(server) as mailbox:
        assert mailbox.append("Sent", ours, flags=[r"\Seen"], at=datetime(2026, 11, 22, tzinfo=UTC)) == 2
        assert mailbox.find("Sent", "<letter.1@harbour.example>") == [2]
    assert b'(\\Seen) "22-Nov-2026 00:00:00 +0000"' in server.said("APPEND")[0]


def test_a_folded_message_id_is_found_too(server: FakeImap) -> None:
    value = "MESSAGE-ID:\r\n <letter.1@harbour.example>\r\n\r\n"
    answer = f"* 1 FETCH (UID 1 BODY[HEADER.FIELDS (MESSAGE-ID)] {{{len(value)}}}\r\n{value})\r\n{{tag}} OK done\r\n"
    server.answers["UID FETCH"] = [answer]
    server.mails[1] = Mail(LETTER)
    with opened(server) as mailbox:
        assert mailbox.find("Sent", "<letter.1@harbour.example>") == [1]


@pytest.mark.parametrize(
    "hostile",
    [
        "<x@y>\r\nZ1 DELETE Victim\r\nZ2 NOOP",
        "<x@y>\n",
        '<x"@y>',
        "<x\\@y>",
        "<x@y>\0",
        "x@y",
        "<x@ÿ>",
        "<x y@z>",
        "<{3}@y>",
    ],
)
def test_no_sender_s_string_reaches_a_command(server: FakeImap, hostile: str) -> None:
    with opened(server) as mailbox:
        before = len(server.lines)
        with pytest.raises(ValueError, match="own making"):
            mailbox.find("Sent", hostile)
        with pytest.raises(ValueError, match="own making"):
            mailbox.remove("Sent", hostile, 1)
        assert len(server.lines) == before


def test_a_draft_of_ours_is_removed_by_its_uid_alone(server: FakeImap) -> None:
    server.mails[4] = Mail(b"Message-ID: <letter.1@harbour.example>\r\n\r\nHello\r\n")
    with opened(server) as mailbox:
        assert mailbox.remove("Drafts", "<letter.1@harbour.example>", 4)
    assert [line.split(b" ", 1)[1] for line in server.said("EXPUNGE")] == [b"UID EXPUNGE 4\r\n"]


def test_without_uidplus_no_draft_is_removed(server: FakeImap) -> None:
    server.offers = "IMAP4rev1"
    server.mails[4] = Mail(b"Message-ID: <letter.1@harbour.example>\r\n\r\nHello\r\n")
    with opened(server) as mailbox:
        assert not mailbox.remove("Drafts", "<letter.1@harbour.example>", 4)
    assert not server.said("EXPUNGE")
    assert not server.said("Deleted")


def test_a_draft_that_was_saved_anew_under_another_uid_is_not_removed(server: FakeImap) -> None:
    server.mails[5] = Mail(b"Message-ID: <letter.1@harbour.example>\r\n\r\nHello, and more\r\n")
    with opened(server) as mailbox:
        assert not mailbox.remove("Drafts", "<letter.1@harbour.example>", 4)
    assert not server.said("EXPUNGE")


def test_the_headers_of_mails_are_read_without_their_texts(server: FakeImap) -> None:
    server.mails[4] = Mail(b"Message-ID: <letter.1@harbour.example>\r\n\r\nHello\r\n")
    with opened(server) as mailbox:
        mailbox.open("Drafts")
        (found,) = mailbox.headers([4, 5])
    assert found.raw == b"Message-ID: <letter.1@harbour.example>\r\n\r\n"


def test_a_full_mailbox_is_told_as_such(server: FakeImap) -> None:
    server.answers["APPEND"] = ["{tag} NO [OVERQUOTA] full\r\n"]
    with opened(server) as mailbox, pytest.raises(MailboxError, match="full") as caught:
        mailbox.append("Sent", LETTER)
    assert caught.value.kind is Kind.SERVER


def test_an_error_carries_none_of_a_mail_s_words(server: FakeImap) -> None:
    server.mails = {1: Mail(LETTER)}
    server.answers["UID FETCH"] = ["* 1 FETCH (UID 1 BODY[]<0> {2}\r\nhi\r\nWhere is my order?\r\n)\r\n"]
    error = error_of(server)
    assert "order" not in str(error)
