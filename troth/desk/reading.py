"""From the bytes of a mail to what it says and how it is meant: the same for the daemon, classify and rehearse."""

from __future__ import annotations

from dataclasses import dataclass

from troth import gate, message
from troth.desk.setting import Setting
from troth.model import Address, Message, Verdict


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail read. `refusal` is the gate's, from what the mail and the configuration say, without any history."""

    message: Message
    verdict: Verdict
    refusal: gate.Refusal | None
    client: Address | None
    form: bool = False


def read(raw: bytes, setting: Setting) -> Reading:
    """Parse, gate and classify the bytes of one mail; never raises for anything that stands in it."""
    return weigh(message.parse(raw, languages=setting.languages), setting)


def weigh(mail: Message, setting: Setting) -> Reading:
    """Gate and classify a parsed mail."""
    verdict = setting.rulebook.classify(mail.subject, mail.text, mail.language)
    form = mail.author is not None and mail.author in setting.forms
    return Reading(mail, verdict, gate.refuse(mail, setting.business.house), _client(mail, setting, form=form), form)


def _client(mail: Message, setting: Setting, *, form: bool) -> Address | None:
    if form and mail.author is not None and setting.forms[mail.author] == "reply-to":
        return mail.reply_to[0].address if len(mail.reply_to) == 1 else None
    return mail.author
