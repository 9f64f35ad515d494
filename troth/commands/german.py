"""The words of a reply in German; spellings are folded, so `spater` is später, and `spaeter` stands beside it."""

from troth.commands.tongue import Tongue, Verb
from troth.hours import Unit

_IT = ("es", "das", "dies")

GERMAN = Tongue(
    verbs={
        Verb.ANSWERED: ("beantwortet", "ist beantwortet", "geantwortet", "ich habe geantwortet", "habe geantwortet"),
        Verb.SETTLED: ("erledigt", "ist erledigt", "das ist erledigt", "abgeschlossen"),
        Verb.PART: ("trennen", "wir trennen uns", "trennung"),
        Verb.PROMISE: (
            *("verspreche", "versprochen", "versprechen", "zugesagt", "zusage"),
            *("ich habe zugesagt", "ich habe versprochen", "ich verspreche"),
        ),
        Verb.KEPT: ("gehalten", "eingehalten", "zusage gehalten", "versprechen gehalten", "zusage eingehalten"),
        Verb.SNOOZE: ("spater", "spaeter", "schlummern", "erinnern", "erinnere mich", "wiedervorlage"),
        Verb.ASSIGN: ("an", "geht an", "weiter an"),
        Verb.COMPLAINT: (
            "beschwerde",
            "eine beschwerde",
            "ist eine beschwerde",
            "das ist eine beschwerde",
            "reklamation",
        ),
        Verb.PRAISE: ("lob", "ist lob", "das ist lob", "ein lob"),
        Verb.NEITHER: (
            "keins",
            "keines",
            "keins von beiden",
            "weder noch",
            "keine beschwerde",
            "keine reklamation",
            "ist keine beschwerde",
            "das ist keine beschwerde",
            "es ist keine beschwerde",
        ),
        Verb.SEND: ("senden", "sende", "absenden", "abschicken", "brief senden"),
        Verb.DROP: ("verwerfen", "verwirf", "nicht senden", "nicht absenden", "brief verwerfen"),
        Verb.NOTE: ("notiz", "vermerk", "notiere"),
        Verb.QUIET: ("still", "ruhe", "keine briefe", "keine briefe mehr", "keine automatischen briefe"),
        Verb.PENDING: ("offen", "was ist offen", "ausstehend"),
        Verb.HELP: ("hilfe",),
        Verb.UNDO: ("zuruck", "zurueck", "ruckgangig", "rueckgaengig", "zurucknehmen", "zuruecknehmen"),
    },
    after={
        Verb.ANSWERED: (
            *("am telefon", "per telefon", "telefonisch", "per mail", "per brief", "personlich", "persoenlich"),
            *("schriftlich", "schon", "bereits", "heute", "gestern", "eben", "heute morgen"),
        ),
        Verb.SETTLED: ("am telefon", "telefonisch", "schon", "bereits", "heute", "gestern"),
        Verb.KEPT: ("schon", "bereits", "heute", "gestern"),
        Verb.SEND: (*_IT, "noch einmal", "nochmal", "nochmals", "jetzt"),
        Verb.DROP: _IT,
        Verb.UNDO: (*_IT, "machen"),
    },
    courtesy=frozenset({"bitte", "danke", "dank", "vielen", "ok", "okay", "ja", "jetzt", "gut", "schon", "bereits"}),
    greetings=frozenset(
        {
            *("hallo", "hi", "moin", "servus", "guten", "tag", "morgen", "abend", "liebe", "lieber", "troth", "danke"),
            *("vielen", "dank", "bitte", "ok", "okay", "ja", "gruss", "grusse", "gruesse", "viele", "freundliche"),
            *("freundlichen", "mit", "mfg", "lg", "vg", "beste", "herzliche", "schone", "zusammen", "alle"),
        }
    ),
    whom=frozenset({"ihm", "ihr", "ihnen"}),
    prose=frozenset(
        {
            *("der", "die", "das", "dem", "den", "des", "ein", "eine", "einem", "einen", "dass", "sich", "alle", "ihn"),
            *(
                "ihm",
                "sie",
                "uns",
                "ihr",
                "wen",
                "was",
                "wie",
                "diesem",
                "dieser",
                "diesen",
                "seine",
                "meine",
                "unsere",
            ),
        }
    ),
    doubts=frozenset({"mir", "oder", "aber", "wenn", "vielleicht", "nicht", "falls", "um", "und"}),
    every=frozenset({"alle", "alles"}),
    joins=frozenset({"und"}),
    by=frozenset(
        {"bis", "am", "um", "vor", "zum", "an", "den", "dem", "in", "innerhalb", "von", "fur", "fuer", "ab", "zu"}
    ),
    at=frozenset({"um", "bis", "vor", "gegen", "ab"}),
    following=frozenset({"nachsten", "naechsten", "nachster", "naechster", "nachste", "naechste"}),
    coming=frozenset({"diesen", "kommenden", "diesem", "kommender"}),
    oclock=("uhr", "h"),
    noon=frozenset({"mittag", "mittags"}),
    morning=frozenset({"fruh", "frueh", "vormittag", "vormittags"}),
    afternoon=frozenset({"nachmittag", "nachmittags", "abend", "abends"}),
    closing=("feierabend", "geschaftsschluss", "geschaeftsschluss", "tagesende"),
    days={"gestern": -1, "heute": 0, "morgen": 1, "ubermorgen": 2, "uebermorgen": 2},
    weekdays=(
        ("montag", "mo"),
        ("dienstag", "di"),
        ("mittwoch", "mi"),
        ("donnerstag", "do"),
        ("freitag", "fr"),
        ("samstag", "sonnabend", "sa"),
        ("sonntag", "so"),
    ),
    months=(
        ("januar", "janner", "jan"),
        ("februar", "feb"),
        ("marz", "maerz", "mrz"),
        ("april", "apr"),
        ("mai",),
        ("juni", "jun"),
        ("juli", "jul"),
        ("august", "aug"),
        ("september", "sep", "sept"),
        ("oktober", "okt"),
        ("november", "nov"),
        ("dezember", "dez"),
    ),
    numbers={
        "ein": 1,
        "eine": 1,
        "einem": 1,
        "einer": 1,
        "eins": 1,
        "zwei": 2,
        "drei": 3,
        "vier": 4,
        "funf": 5,
        "fuenf": 5,
        "sechs": 6,
        "sieben": 7,
        "acht": 8,
        "neun": 9,
        "zehn": 10,
        "zwolf": 12,
        "zwoelf": 12,
    },
    units={
        **dict.fromkeys(("minute", "minuten", "min"), Unit.MINUTES),
        **dict.fromkeys(("stunde", "stunden", "std"), Unit.HOURS),
        **dict.fromkeys(("tag", "tage", "tagen"), Unit.DAYS),
        **dict.fromkeys(("woche", "wochen"), Unit.WEEKS),
        **dict.fromkeys(("monat", "monate", "monaten"), Unit.MONTHS),
        **dict.fromkeys(("jahr", "jahre", "jahren"), Unit.YEARS),
        **dict.fromkeys(
            ("arbeitsstunde", "arbeitsstunden", "geschaftsstunden", "geschaeftsstunden"), Unit.BUSINESS_HOURS
        ),
        **dict.fromkeys(
            (
                *("werktag", "werktage", "werktagen", "arbeitstag", "arbeitstage", "arbeitstagen"),
                *("geschaftstag", "geschaftstage", "geschaeftstag", "geschaeftstage"),
            ),
            Unit.BUSINESS_DAYS,
        ),
    },
)
