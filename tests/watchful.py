"""The daemon with short waits (see `hasty`) that looks into Drafts every moment: for tests of what takes minutes."""

from __future__ import annotations

import sys
from datetime import timedelta

from tests.hasty import SECOND, hurry
from troth.app import daemon, main
from troth.desk import drafting
from troth.policy import draft

if __name__ == "__main__":
    hurry()
    vars(daemon)["_LOOK_AGAIN"] = SECOND / 4
    drafting.LOOK = timedelta(seconds=0.5)
    draft._GRACE = SECOND  # noqa: SLF001 - there is nothing to configure these by, and should not be
    draft._GONE_AFTER = SECOND * 3  # noqa: SLF001 - as above
    sys.exit(main())
