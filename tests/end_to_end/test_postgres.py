"""The daemon on PostgreSQL: alone, two of them at once, and while the database comes and goes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.house import COMPLAINT, PLAIN, ROOT, House, mail, until
from tests.servers import Dovecot, Postgres
from tests.sink import Sink

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_NUMBERS = count(1)


@pytest.fixture
def pair(tmp_path: Path, dovecot: Dovecot, postgres: Postgres) -> Iterator[tuple[House, House]]:
    """Two daemons of one business: one mailbox, one store."""
    url = postgres.fresh_database().replace("+psycopg", "")
    user, settings = f"pair{next(_NUMBERS)}", {"store": "{env: STORE_URL}"}
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    with Sink() as sink:
        one, other = (
            House(
                folder, dovecot, sink, user, settings, program=ROOT / "tests" / "hasty.py", secrets={"STORE_URL": url}
            )
            for folder in folders
        )
        with one, other:
            yield one, other


def _to_clients(house: House) -> Counter[str]:
    return Counter(kept.recipients[0] for kept in house.sink.mails if kept.recipients[0] != "ada@harbour.example")


def test_two_daemons_on_one_store_record_each_mail_once_and_send_no_letter_twice(
    pair: tuple[House, House], postgres: Postgres
) -> None:
    one, other = pair
    one.start()
    other.start()
    for round_ in range(6):
        one.deliver(
            *(mail(COMPLAINT, sender=f"C{n} <c{round_}-{n}@client.example>") for n in range(20)),
            mail(PLAIN, sender=f"P <p{round_}@client.example>"),
        )
        if round_ == 2:
            postgres.restart()
        time.sleep(0.4)
    account = until(lambda: found if (found := one.accounts()).seen == 126 and not found.pending else None, 60)
    unknown = one.counts("letters")["unknown"]
    assert account.acknowledged + unknown == 120
    assert account.no_letter.get("no tone") == 6
    assert one.counts("cases")["waiting"] == 120
    assert max(_to_clients(one).values()) == 1
    assert len(_to_clients(one)) >= account.acknowledged
    sent = [kept.raw for kept in one.sink.mails]
    until(lambda: len(one.lying("Sent")) >= len(sent), 60)
    time.sleep(3)
    assert sorted(one.lying("Sent")) == sorted(sent)
    assert (one.stop(), other.stop()) == (0, 0)
    assert "Traceback" not in one.log() + other.log()
