"""What the deciding parts say of a case to colleagues, in the language of the business: they decide in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_GERMAN: Mapping[str, str] = {
    "the client has had an acknowledgement": "der Kunde hat eine Empfangsbestätigung bekommen",
    "an acknowledgement is on its way": "eine Empfangsbestätigung ist unterwegs",
    "an acknowledgement lies in Drafts, for one of us to send": "eine Empfangsbestätigung liegt in den Entwürfen und "
    "wartet darauf, dass jemand von uns sie sendet",
    "an acknowledgement is held, and waits for a word of yours": "eine Empfangsbestätigung ist zurückgehalten und "
    "wartet auf Ihr Wort",
    "an acknowledgement was tried, and nobody knows whether it arrived": "eine Empfangsbestätigung wurde versucht; ob "
    "sie ankam, weiß niemand",
    "an acknowledgement could not be delivered": "eine Empfangsbestätigung konnte nicht zugestellt werden",
    "the acknowledgement does not lie in Drafts any more": "die Empfangsbestätigung liegt nicht mehr in den Entwürfen",
    "nothing was sent to the client": "der Kunde hat nichts bekommen",
    "the client wrote": "der Kunde schrieb",
    "one of us wrote to the client": "jemand von uns schrieb dem Kunden",
    "an acknowledgement was sent": "eine Empfangsbestätigung ging hinaus",
    "an earlier complaint was settled": "eine frühere Beschwerde war erledigt",
    "an earlier complaint came": "eine frühere Beschwerde kam",
    "we parted with the client": "wir haben uns von dem Kunden getrennt",
    "the client's mail is marked as answered, or refers to a mail of ours that was not seen": "die Mail des Kunden ist "
    "als beantwortet markiert oder bezieht sich auf eine Mail von uns, die nicht gesehen wurde",
    "a mail to the client in a colleague's name came into the inbox": "eine Mail an den Kunden im Namen einer Kollegin "
    "oder eines Kollegen kam im Posteingang an",
    "a colleague wrote to the client in another thread": "jemand von uns schrieb dem Kunden in einem anderen Verlauf",
    "the case was answered": "der Fall gilt als beantwortet",
    "prospect": "Interessent",
    "rumor": "Gerücht",
    "fling": "Liebelei",
    "acquaintance": "Bekanntschaft",
    "friend": "Freundschaft",
    "best friend": "beste Freundschaft",
    "ex": "vorbei",
    "high": "hoch",
    "low": "gering",
    # what the daemon says of itself
    "all letters to clients": "alle Briefe an Kunden",
    "the configuration": "die Konfiguration",
    "ask the client, or look into Sent": "fragen Sie den Kunden, oder sehen Sie in Gesendet nach",
    "look at `smtp:` of this inbox in config.yaml; what waits leaves by itself then": "sehen Sie `smtp:` dieses "
    "Posteingangs in config.yaml an; was wartet, geht dann von selbst hinaus",
    "look at `imap:` of this inbox in config.yaml; nothing has to be started again": "sehen Sie `imap:` dieses "
    "Posteingangs in config.yaml an; neu gestartet werden muss nichts",
    "the digest has a word for each of them; raise `letters: at_most` if so many are right": "die Tagesübersicht hat "
    "ein Wort für jeden; erhöhen Sie `letters: at_most`, wenn so viele richtig sind",
    "a configuration with a mistake is none, so the one of before goes on": "eine Konfiguration mit einem Fehler "
    "gilt nicht, also bleibt die von vorher",
    "mend these and save; they are read again by themselves": "beheben Sie diese und speichern Sie; sie wird "
    "von selbst neu gelesen",
    "the server's name was not found": "der Name des Servers wurde nicht gefunden",
    "the server did not answer in time": "der Server hat nicht rechtzeitig geantwortet",
    # why no letter was sent
    "observe mode": "nur beobachtet",
    "observe": "nur beobachtet",
    "web form": "aus dem Formular",
    "complaint, not sure": "Beschwerde, nicht sicher",
    "no letters leave from this inbox": "aus diesem Posteingang gehen keine Briefe hinaus",
    "the plan has no acknowledgement": "der Plan sieht keine Empfangsbestätigung vor",
    "belongs to an open case": "gehört zu einem offenen Fall",
    "letter could not be written": "der Brief konnte nicht geschrieben werden",
    "a colleague answered": "jemand von uns hat geantwortet",
    "the address bounces": "die Adresse nimmt keine Mail an",
    "we are closed": "wir haben geschlossen",
    "settled": "erledigt",
    "list": "Verteiler",
    "bulk": "Massenmail",
    "spam": "Spam",
    "suppressed": "Antworten sind unerwünscht",
    "null sender": "ohne Absender",
    "sender not verified": "der Absender ist nicht bestätigt",
    "not addressed to us": "nicht an uns gerichtet",
    "copied only": "wir waren nur in Kopie",
    "several recipients": "mehrere Empfänger",
    "empty": "leer",
    "before first start": "vor dem ersten Start",
    "too old": "zu alt",
    "limit": "Höchstzahl erreicht",
    "silence asked": "der Kunde will keine Briefe",
    "parted": "wir haben uns getrennt",
    "own message": "eigene Mail",
    "no sender": "kein Absender",
    "several senders": "mehrere Absender",
    "bounce": "Unzustellbarkeitsmeldung",
    "receipt": "Empfangs- oder Lesebestätigung",
    "report": "Bericht eines Mailservers",
    "calendar": "Termin",
    "own address": "eigene Adresse",
    "colleague": "von jemandem von uns",
    "not a client": "kein Kunde",
    "system address": "Adresse eines Systems",
    "automatic": "automatisch",
    "out of office": "Abwesenheitsnotiz",
    "already seen": "schon gesehen",
    "no tone": "weder Beschwerde noch Lob",
    "praise, not sure": "Lob, nicht sicher",
    "praise, but a doubtful complaint beside it": "Lob, daneben vielleicht eine Beschwerde",
    "praise, but a case is open or younger than 30 days": "Lob, aber ein Fall ist offen oder jünger als 30 Tage",
    "answers a letter of ours": "Antwort auf einen Brief von uns",
    "thanks alone": "nur Dank",
    "written before our answer": "vor unserer Antwort geschrieben",
    "no longer in the plan": "nicht mehr im Plan",
    "only for others": "nur für andere",
    "a colleague asked for silence": "jemand von uns bat um Ruhe",
    "a colleague says that it is no complaint": "jemand von uns sagt, dass es keine Beschwerde ist",
    "a colleague says that it is no praise": "jemand von uns sagt, dass es kein Lob ist",
    "a complaint waits for an answer": "eine Beschwerde wartet auf Antwort",
    "its time had passed before it could leave": "zu spät, um noch hinauszugehen",
    "its time had passed before anybody sent it": "zu spät, niemand hatte ihn gesendet",
    "the verdict was corrected": "das Urteil wurde berichtigt",
    "gone from Drafts, and not in Sent": "aus den Entwürfen verschwunden und nicht gesendet",
    "delivery failed": "nicht zugestellt",
    "delivery unknown": "niemand weiß, ob er ankam",
    "awaits its copy in Sent": "wartet auf die Kopie in Gesendet",
    # how the watching goes
    "retrying": "neuer Versuch folgt",
    "stopped": "angehalten",
    "the server's answer could not be read": "die Antwort des Servers war nicht zu lesen",
    "the server ended the connection": "der Server hat die Verbindung beendet",
    "the mail server asks us to come back later": "der Mailserver bittet, später wiederzukommen",
    "the mail server says that we send too much": "der Mailserver sagt, dass wir zu viel senden",
    "the mail server does not accept our user name and password": "der Mailserver nimmt Name und Kennwort nicht an",
    "somebody has to sign in again": "jemand muss sich neu anmelden",
    "the mail server refuses to talk to us": "der Mailserver will nicht mit uns reden",
    "the mail server cannot be reached, or breaks off": "der Mailserver ist nicht zu erreichen oder bricht ab",
    "the connection to the mail server cannot be made safe": "die Verbindung zum Mailserver ist nicht sicher zu machen",
}
_Say = Callable[[re.Match[str]], str]
_PATTERNS: tuple[tuple[re.Pattern[str], _Say], ...] = (
    (
        re.compile(r"nothing was sent to the client \((.*)\)", re.DOTALL),
        lambda found: f"der Kunde hat nichts bekommen ({_german(found[1])})",
    ),
    (re.compile(r"(.+) wrote to the client in another thread"), lambda f: f"{f[1]} schrieb in einem anderen Verlauf"),
    (re.compile(r"(.+) wrote to the client"), lambda found: f"{found[1]} schrieb dem Kunden"),
    (re.compile(r"a letter was sent \((.+)\)"), lambda found: f"ein Brief ging hinaus ({found[1]})"),
    (re.compile(r"the inbox (.+)"), lambda found: f"der Posteingang {found[1]}"),
    (
        re.compile(r"run `(.+)` where Troth runs; nothing has to be started again"),
        lambda found: f"rufen Sie dort, wo Troth läuft, `{found[1]}` auf; neu gestartet werden muss nichts",
    ),
    (
        re.compile(r"the sign-in at (\S+) has ended \((.+)\); run `(.+)`", re.DOTALL),
        lambda found: f"die Anmeldung bei {found[1]} ist abgelaufen ({found[2]}); rufen Sie `{found[3]}` auf",
    ),
    (
        re.compile(r"nobody has signed in at (\S+) yet; run `(.+)`"),
        lambda found: f"bei {found[1]} hat sich noch niemand angemeldet; rufen Sie `{found[2]}` auf",
    ),
    (re.compile(r"the letter to (.+)"), lambda found: f"der Brief an {found[1]}"),
    (re.compile(r"the certificate of (.+)"), lambda found: f"das Zertifikat von {found[1]}"),
    (
        re.compile(r"the certificate authority in (.+)"),
        lambda found: f"die Zertifizierungsstelle in {found[1]}",
    ),
    (
        re.compile(r"the sign-in of (.+) \(run `(.+)` before\)"),
        lambda found: f"die Anmeldung von {found[1]} (rufen Sie vorher `{found[2]}` auf)",
    ),
    (
        re.compile(r"a mail to (.+) was answered by somebody else"),
        lambda found: f"auf eine Mail an {found[1]} hat jemand anders geantwortet",
    ),
    (
        re.compile(r"(.+) has written a mail that refers to one of ours to (.+), so it is in other hands"),
        lambda found: (
            f"{found[1]} hat eine Mail geschrieben, die sich auf eine von uns an {found[2]} bezieht; sie ist "
            "also in fremden Händen"
        ),
    ),
    (
        re.compile(r"ask (.+) whether it was forwarded; tellings that come from now on can be answered as ever"),
        lambda found: (
            f"fragen Sie {found[1]}, ob sie weitergeleitet wurde; auf Mails, die ab jetzt kommen, kann man "
            "antworten wie immer"
        ),
    ),
    (
        re.compile(r"more than (\d+) were to leave within an hour"),
        lambda found: f"mehr als {found[1]} sollten in einer Stunde hinausgehen",
    ),
    (re.compile(r"perhaps answered: (.+)"), lambda found: f"vielleicht beantwortet: {_german(found[1])}"),
    (
        re.compile(r"complaint about (.+): for people only"),
        lambda found: f"{found[1].replace(' and ', ' und ')}: nur für Menschen",
    ),
    (re.compile(r"\w+: .+, not sent: observe mode"), lambda _: "nur beobachtet"),
    (re.compile(r"no connection: (.+)", re.DOTALL), lambda found: f"keine Verbindung: {found[1]}"),
    (re.compile(r"log-in failed: (.+)", re.DOTALL), lambda found: f"Anmeldung fehlgeschlagen: {found[1]}"),
    (re.compile(r"TLS failed: (.+)", re.DOTALL), lambda found: f"TLS fehlgeschlagen: {found[1]}"),
    (
        re.compile(r"the server's certificate is not trusted: (.+)", re.DOTALL),
        lambda found: f"dem Zertifikat des Servers wird nicht vertraut: {found[1]}",
    ),
    (
        re.compile(r"letters wait: (.+?) \((.*)\)", re.DOTALL),
        lambda found: f"Briefe warten: {_german(found[1])} ({found[2]})",
    ),
)


def phrase(words: str, language: str) -> str:
    """An English phrase of the deciding parts as colleagues read it; one that is not known stays as it is."""
    return _german(words) if language.partition("-")[0].lower() == "de" else words


def _german(words: str) -> str:
    if (known := _GERMAN.get(words)) is not None:
        return known
    for pattern, say in _PATTERNS:
        if found := pattern.fullmatch(words):
            return say(found)
    return words
