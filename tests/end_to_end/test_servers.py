"""The servers that other tests stand on."""

from __future__ import annotations

import imaplib

import psycopg
import pytest

from tests.servers import Dovecot, Postgres

pytestmark = pytest.mark.server

MAIL = b"From: jo@client.example\r\nTo: hello@harbour.example\r\nSubject: Order 1182\r\n\r\nWhere is it?\r\n"


def login(dovecot: Dovecot, name: str) -> imaplib.IMAP4:
    client = imaplib.IMAP4(dovecot.host, dovecot.imap_port, timeout=10)
    client.login(name, dovecot.user(name))
    return client


def test_what_is_delivered_over_lmtp_is_found_over_imap(dovecot: Dovecot) -> None:
    dovecot.user("lmtp")
    dovecot.deliver("lmtp", MAIL)
    with login(dovecot, "lmtp") as client:
        assert client.select("INBOX") == ("OK", [b"1"])
        assert "Return-Path: <sender@client.example>" in repr(client.fetch("1", "BODY.PEEK[]")[1])


def test_filled_mails_are_found_over_imap(dovecot: Dovecot) -> None:
    dovecot.user("filled")
    dovecot.fill("filled", [MAIL] * 50)
    dovecot.fill("filled", [MAIL] * 3, "Sent")
    with login(dovecot, "filled") as client:
        assert client.select("INBOX") == ("OK", [b"50"])
        assert client.select("Sent") == ("OK", [b"3"])


def test_it_offers_what_the_mailbox_is_built_on(dovecot: Dovecot) -> None:
    with login(dovecot, "capable") as client:
        capabilities = client.capability()[1][0]
        client.select("INBOX")
        permanent = client.response("PERMANENTFLAGS")[1][0]
    assert {b"IDLE", b"UIDPLUS", b"SPECIAL-USE"} <= set(capabilities.split())
    assert b"\\*" in permanent


def test_a_restart_keeps_the_port_and_the_mail(dovecot: Dovecot) -> None:
    dovecot.user("restarted")
    dovecot.deliver("restarted", MAIL)
    dovecot.restart()
    with login(dovecot, "restarted") as client:
        assert client.select("INBOX") == ("OK", [b"1"])


def test_its_imap_processes_can_be_killed(dovecot: Dovecot) -> None:
    client = login(dovecot, "killed")
    assert dovecot.kill_imap_processes() >= 1
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        client.noop()
    client.shutdown()


def test_forgotten_uids_make_another_uidvalidity(dovecot: Dovecot) -> None:
    def uidvalidity() -> bytes:
        with login(dovecot, "resync") as client:
            client.select("INBOX")
            return bytes(client.response("UIDVALIDITY")[1][0])

    dovecot.user("resync")
    dovecot.deliver("resync", MAIL)
    before = uidvalidity()
    dovecot.forget_uids("resync")
    assert uidvalidity() != before


def test_each_database_is_fresh(postgres: Postgres) -> None:
    for _ in range(2):
        url = postgres.fresh_database().replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE clients (id int)")
