"""The ways through the house: a mail in, a follow-up that falls due, letters out."""

from troth.desk.deciding import Deciding
from troth.desk.digesting import Digesting
from troth.desk.drafting import Drafting
from troth.desk.drawing import Ending
from troth.desk.mail import Came, Folder, Mail
from troth.desk.noticing import Noticing, Word
from troth.desk.posting import RELEASED, RESENT, Breaker, Filer, Posting, unknown_word
from troth.desk.reading import Reading, read, weigh
from troth.desk.receiving import Receiving
from troth.desk.reviewing import Reviewing
from troth.desk.setting import Card, Daily, Setting
from troth.desk.sight import Sight, Watched
from troth.desk.watching import Watching

__all__ = [
    "RELEASED",
    "RESENT",
    "Breaker",
    "Came",
    "Card",
    "Daily",
    "Deciding",
    "Digesting",
    "Drafting",
    "Ending",
    "Filer",
    "Folder",
    "Mail",
    "Noticing",
    "Posting",
    "Reading",
    "Receiving",
    "Reviewing",
    "Setting",
    "Sight",
    "Watched",
    "Watching",
    "Word",
    "read",
    "unknown_word",
    "weigh",
]
