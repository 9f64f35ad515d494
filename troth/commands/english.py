"""The words of a reply in English."""

from troth.commands.tongue import Tongue, Verb
from troth.hours import Unit

_IT = ("it", "this", "that")

ENGLISH = Tongue(
    verbs={
        Verb.ANSWERED: ("answered", "is answered", "it's answered", "i have answered", "i answered", "i've answered"),
        Verb.SETTLED: ("settled", "settle", "is settled", "it is settled", "it's settled", "this is settled"),
        Verb.PART: ("part", "part ways", "part company", "we part"),
        Verb.PROMISE: ("promise", "promised", "i promised", "i have promised", "i've promised"),
        Verb.KEPT: ("kept", "promise kept", "kept promise", "kept the promise"),
        Verb.SNOOZE: ("snooze", "remind me", "later"),
        Verb.ASSIGN: ("to", "assign", "assign to", "assigned to", "hand to", "over to"),
        Verb.COMPLAINT: (
            "complaint",
            "a complaint",
            "is a complaint",
            "it is a complaint",
            "it's a complaint",
            "this is a complaint",
        ),
        Verb.PRAISE: ("praise", "is praise", "it is praise", "it's praise", "this is praise"),
        Verb.NEITHER: (
            "neither",
            "neither of both",
            "neutral",
            "no complaint",
            "not a complaint",
            "is not a complaint",
            "it is not a complaint",
            "it's not a complaint",
            "this is not a complaint",
            "this is no complaint",
        ),
        Verb.SEND: ("send", "send the letter", "send the draft"),
        Verb.DROP: ("drop", "drop the letter", "drop the draft", "do not send", "don't send"),
        Verb.NOTE: ("note",),
        Verb.QUIET: ("quiet", "no letters", "no more letters", "no automatic letters"),
        Verb.PENDING: ("pending", "what is pending", "what's pending"),
        Verb.HELP: ("help", "help me"),
        Verb.UNDO: ("undo", "undo all", "undo everything", "take it back", "take that back"),
    },
    after={
        Verb.ANSWERED: (
            *("by phone", "by telephone", "by mail", "by email", "by e-mail", "by letter", "by chat", "on the phone"),
            *("over the phone", "in person", "already", "today", "yesterday", "this morning", "just now", *_IT),
        ),
        Verb.SETTLED: ("by phone", "in person", "already", "today", "yesterday"),
        Verb.PART: ("with him", "with her", "with them"),
        Verb.KEPT: (*_IT, "already", "today", "yesterday"),
        Verb.SEND: (*_IT, "again"),
        Verb.DROP: _IT,
        Verb.UNDO: _IT,
    },
    courtesy=frozenset(
        {"please", "pls", "plz", "thanks", "thank", "you", "thx", "ok", "okay", "yes", "now", "then", "already"}
    ),
    greetings=frozenset(
        {
            *(
                "hi",
                "hello",
                "hey",
                "dear",
                "troth",
                "all",
                "team",
                "thanks",
                "thank",
                "you",
                "thx",
                "cheers",
                "ok",
                "okay",
            ),
            *("regards", "best", "kind", "many", "wishes", "yours", "sincerely", "please", "yes", "good", "morning"),
            *("afternoon", "evening", "ta", "ty", "so", "much"),
        }
    ),
    whom=frozenset({"her", "him", "them", "it"}),
    prose=frozenset(
        {
            *("a", "an", "the", "be", "do", "make", "whom", "which", "what", "that", "this", "it", "those", "these"),
            *("avoid", "keep", "get", "see", "say", "his", "her", "him", "them", "their", "my", "our", "your", "you"),
            *("us", "how", "to", "all", "some", "any", "and", "or", "why", "when", "where", "answer", "summarise"),
        }
    ),
    doubts=frozenset(
        {"me", "or", "but", "if", "maybe", "perhaps", "not", "unless", "at", "and", "to", "through", "though"}
    ),
    every=frozenset({"all", "everything"}),
    joins=frozenset({"and", "&", "+"}),
    by=frozenset({"by", "until", "till", "til", "before", "on", "for", "at", "the", "in", "within", "from"}),
    at=frozenset({"at", "by", "before", "around", "until", "till"}),
    following=frozenset({"next"}),
    coming=frozenset({"this", "coming"}),
    oclock=("o'clock", "oclock", "hrs"),
    noon=frozenset({"noon", "midday"}),
    morning=frozenset({"morning"}),
    afternoon=frozenset({"afternoon", "evening"}),
    closing=("eod", "cob", "end of day", "end of the day", "closing", "closing time", "close of business"),
    days={"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1, "day after tomorrow": 2},
    weekdays=(
        ("monday", "mon"),
        ("tuesday", "tue", "tues"),
        ("wednesday", "wed"),
        ("thursday", "thu", "thur", "thurs"),
        ("friday", "fri"),
        ("saturday", "sat"),
        ("sunday", "sun"),
    ),
    months=(
        ("january", "jan"),
        ("february", "feb"),
        ("march", "mar"),
        ("april", "apr"),
        ("may",),
        ("june", "jun"),
        ("july", "jul"),
        ("august", "aug"),
        ("september", "sep", "sept"),
        ("october", "oct"),
        ("november", "nov"),
        ("december", "dec"),
    ),
    numbers={
        "a": 1,
        "an": 1,
        "one": 1,
        "two": 2,
        "three": 3,
        "four": 4,
        "five": 5,
        "six": 6,
        "seven": 7,
        "eight": 8,
        "nine": 9,
        "ten": 10,
        "twelve": 12,
    },
    units={
        **dict.fromkeys(("minute", "minutes", "min", "mins"), Unit.MINUTES),
        **dict.fromkeys(("hour", "hours", "h", "hr", "hrs"), Unit.HOURS),
        **dict.fromkeys(("day", "days", "d"), Unit.DAYS),
        **dict.fromkeys(("week", "weeks", "w"), Unit.WEEKS),
        **dict.fromkeys(("month", "months"), Unit.MONTHS),
        **dict.fromkeys(("year", "years"), Unit.YEARS),
        **dict.fromkeys(("business hour", "business hours", "working hour", "working hours"), Unit.BUSINESS_HOURS),
        **dict.fromkeys(
            ("business day", "business days", "working day", "working days", "workday", "workdays"), Unit.BUSINESS_DAYS
        ),
    },
)
