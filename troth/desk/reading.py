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
    house = setting.business.house
    return Reading(mail, verdict, gate.refuse(mail, house), gate.client_of(mail, house), mail.author in house.forms)
