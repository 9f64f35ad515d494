"""Which folder of a mailbox is the one for a purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class Role(StrEnum):
    """What a folder is for."""

    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    JUNK = "junk"
    COMPLAINT = "complaint"  # from here on: what people say by moving a mail there
    PRAISE = "praise"
    NEITHER = "neither"
    ANSWERED = "answered"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of LIST: flags in small letters, the separator of levels, the name decoded."""

    flags: frozenset[str]
    separator: str
    name: str

    @property
    def leaf(self) -> str:
        return self.name.rsplit(self.separator, 1)[-1] if self.separator else self.name

    @property
    def selectable(self) -> bool:
        return not self.flags & {"\\noselect", "\\nonexistent"}


_NAMES = {
    Role.SENT: """Sent|Sent Items|Sent Messages|Sent Mail|Gesendet|Gesendete Objekte|Gesendete Elemente|
        Gesendete Nachrichten|Envoyés|Messages envoyés|Éléments envoyés|Courrier envoyé|Objets envoyés|
        Enviados|Elementos enviados|Correo enviado|Mensajes enviados|Itens enviados|Inviati|
        Posta inviata|Elementi inviati|Messaggi inviati|Verzonden|Verzonden items|Verzonden objecten|
        Skickat|Skickade objekt|Sendt|Sendte elementer|Sendt post|Lähetetyt|Lähetetyt kohteet|
        Wysłane|Elementy wysłane|Odeslané|Odeslaná pošta|Odoslané|Elküldött|Elküldött elemek|Trimise|
        Elemente trimise|Poslano|Poslane stavke|Изпратени|Отправленные|Надіслані|Απεσταλμένα|
        Gönderilmiş|Gönderilmiş Öğeler|Saadetud|Nosūtītie|Išsiųsti|送信済み|送信済みアイテム|已发送|已发送邮件|寄件備份|
        보낸편지함""",
    Role.DRAFTS: """Drafts|Draft|Entwürfe|Brouillons|Borradores|Rascunhos|Bozze|Concepten|Utkast|Kladder|
        Kladde|Luonnokset|Szkice|Wersje robocze|Kopie robocze|Koncepty|Rozepsané|Piszkozatok|Ciorne|
        Osnutki|Чернови|Черновики|Чернетки|Πρόχειρα|Taslaklar|Mustandid|Melnraksti|Juodraščiai|下書き|
        草稿|草稿箱|임시보관함""",
    Role.JUNK: """Junk|Junk Email|Junk E-mail|Junk-E-Mail|Spam|Bulk Mail|Spamverdacht|Courrier indésirable|
        Indésirables|Pourriel|Correo no deseado|Lixo Eletrônico|Lixo eletrónico|Posta indesiderata|
        Ongewenste e-mail|Ongewenst|Skräppost|Søppelpost|Uønsket e-post|Uønsket mail|Roskaposti|
        Wiadomości-śmieci|Nevyžádaná pošta|Levélszemét|Нежелательная почта|Спам|Önemsiz E-posta|迷惑メール|
        垃圾邮件|垃圾郵件|스팸함""",
}
KNOWN_NAMES = {role: {name.strip().casefold() for name in names.split("|")} for role, names in _NAMES.items()}


def choose(folders: Sequence[Listed], role: Role, configured: str = "auto") -> str | None:
    """The folder's name: as configured, else by its special use (RFC 6154), else by its name; None where there is none.

    Several may bear the same special use (RFC 6154, 2): the first one that can be opened is taken.
    """
    if role is Role.INBOX and configured in {"auto", ""}:
        return "INBOX"
    if configured not in {"auto", ""}:
        return _named(folders, configured)
    usable = [folder for folder in folders if folder.selectable]
    marked = next((folder.name for folder in usable if f"\\{role}" in folder.flags), None)
    return marked or _by_common_name(usable, role)


def resembling(folders: Sequence[Listed], name: str) -> str | None:
    """The existing folder whose name was probably meant."""
    found = get_close_matches(name, [folder.name for folder in folders], n=1, cutoff=0.5)
    return found[0] if found else None


def _named(folders: Sequence[Listed], name: str) -> str | None:
    if name.upper() == "INBOX":
        return "INBOX"
    usable = [folder for folder in folders if folder.selectable]
    exact = next((folder.name for folder in usable if folder.name == name), None)
    # Courier and old Cyrus keep all folders below INBOX, which mail programs hide from their users.
    return exact or next((f.name for f in usable if f.separator and f.name == f"INBOX{f.separator}{name}"), None)


def _by_common_name(usable: Sequence[Listed], role: Role) -> str | None:
    known = [folder for folder in usable if folder.leaf.casefold() in KNOWN_NAMES.get(role, set())]
    known.sort(key=lambda folder: folder.name.count(folder.separator) if folder.separator else 0)
    return known[0].name if known else None
