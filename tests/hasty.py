"""The daemon with short waits, for tests of what takes it minutes: retries, the rests of a channel, SMTP's timeouts."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta

from troth import config as written
from troth import courier, outbox
from troth.app import daemon, main
from troth.app.wiring import smtp_account
from troth.signin import Access

SECOND = timedelta(seconds=1)
TIMEOUTS = courier.Timeouts(connect=2, command=2, text=2, end=2, quit=1)


def hurry() -> None:
    """Shorten the waits of this process."""
    outbox.FIRST_RETRY = SECOND
    outbox._UNCOUNTED_RETRY = SECOND  # noqa: SLF001 - there is nothing to configure these by, and should not be
    outbox._RESTS.update(dict.fromkeys(outbox._RESTS, (SECOND, SECOND * 2)))  # noqa: SLF001

    def impatient(inbox: written.Inbox, smtp: written.Smtp, access: Access | None = None) -> courier.Account:
        return replace(smtp_account(inbox, smtp, access), timeouts=TIMEOUTS)

    vars(daemon)["smtp_account"] = impatient


if __name__ == "__main__":
    hurry()
    sys.exit(main())
