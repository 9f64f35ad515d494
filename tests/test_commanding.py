"""A colleague's reply on its way: who may ask for something, what follows, and what a forger gets: nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from pathlib import Path

import pytest

from tests.replying import apple, gmail, outlook
from tests.shop import COMPLAINT, Shop, written
from troth import token as tokens
from troth.desk.confirming import NOTES_AN_HOUR
from troth.message import parse
from troth.model import Address, CaseState, Letter, LetterKind, LetterState, PromiseState, Tone

COLLEAGUES = """\
  - {name: Sam Fox, address: sam@harbour.example}
inboxes:
  - name: hello
    address: hello@harbour.example
    aliases: [info@harbour.example]
    mode: observe
"""
ALSO = "  - {name: Sam Fox, address: sam@harbour.example, also: [sam.fox@home.example]}\n"
TRUSTING = (
    COLLEAGUES,
    COLLEAGUES.replace("observe", "send\n    authserv_id: mx.harbour.example\n    sub_addresses: true").replace(
        COLLEAGUES.splitlines(keepends=True)[0], ALSO
    ),
)
PLAIN = (COLLEAGUES, COLLEAGUES.replace("observe", "send"))
ADA, JO, EVIL = "Ada Byron <ada@harbour.example>", "Jo Marsh <jo@client.example>", "evil@x.example"
HOUSE = {"ada@harbour.example", "sam@harbour.example"}
PASSED = "mx.harbour.example; dmarc=pass header.from=harbour.example"

_numbers = count(1)


@dataclass
class Scene:
    """A shop in which Jo has complained and Ada was told of it."""

    folder: Path
    change: tuple[str, str] = TRUSTING
    shop: Shop = field(init=False)
    complaint: bytes = b""

    def __post_init__(self) -> None:
        self.shop = Shop(self.folder, change=self.change)
        self.complaint = self.complain(JO)
        self.shop.wait(timedelta(hours=2, minutes=5))

    def complain(self, who: str) -> bytes:
        raw = written(COMPLAINT, self.shop.now, sender=who, Return_Path=f"<{who.partition('<')[2].rstrip('>')}>")
        self.shop.take(raw)
        return raw

    def to(self, who: str = "ada@harbour.example") -> list[Letter]:
        """The mails to a colleague so far, oldest first."""
        found = [each for each in self.shop.store.letters() if each.kind is LetterKind.TELLING and each.to == who]
        return [letter for each in found if (letter := self.shop.store.letter(each.key))]

    def told(self, place: int = -1, who: str = "ada@harbour.example") -> Letter:
        return self.to(who)[place]

    def audit(self) -> list[str]:
        return [line.because for line in self.shop.store.journal() if line.what == "command"]

    def effects(self) -> object:
        """All that a reply could change."""
        store = self.shop.store
        to_clients = [(each.key, each.state) for each in store.letters() if each.kind is not LetterKind.TELLING]
        return store.open_cases(), store.promises(), store.corrections(), to_clients

    def case(self) -> CaseState:
        with self.shop.store.reading() as book:
            found = book.relationship(
                frozenset({Address("jo@client.example")}), (), "<x@y.example>", self.shop.now - timedelta(9)
            )
        return found.cases[-1].state


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    found = Scene(tmp_path)
    yield found
    found.shop.store.close()


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Scene]:
    """The same without a server whose word on authentication is believed."""
    found = Scene(tmp_path, PLAIN)
    yield found
    found.shop.store.close()


def reply(
    scene: Scene,
    text: str = "settled",
    *,
    to: Letter | None = None,
    sender: str = ADA,
    results: str | None = PASSED,
    token: str | None = None,
    **fields: str,
) -> bytes:
    """A reply to a telling, the telling quoted below it. `results` is our server's Authentication-Results."""
    telling = to or scene.told()
    scene.shop.now += timedelta(seconds=1)  # so that what follows is later than what went before
    quoted = "\n".join(f"> {line}" for line in ("settled", "part", telling.message_id))
    token = telling.message_id if token is None else token
    thread = {"In-Reply-To": token, "References": f"<root@harbour.example> {token}"} if token else {}
    ours = {"Authentication-Results": results} if results else {}
    number = next(_numbers)
    more = {name.replace("_", "-"): value for name, value in fields.items()}
    raw = written(
        f"{text}\n\nOn Friday, Harbour Print wrote:\n{quoted}\n",
        scene.shop.now,
        sender=sender,
        to=more.pop("To", "hello@harbour.example"),
        subject=f"Re: {telling.subject}",
        Message_ID=f"<reply-{number}@harbour.example>",
    )
    head = "".join(f"{name}: {value}\n" for name, value in {**ours, **thread, **more}.items())
    return head.encode() + raw


def body(letter: Letter) -> str:
    part = message_from_bytes(letter.raw, policy=default).get_body(("plain",))
    return str(part.get_content()) if part is not None else ""


# what may act


def test_a_reply_of_the_one_who_was_told_acts_and_is_confirmed(scene: Scene) -> None:
    scene.shop.take(reply(scene))
    assert scene.case() is CaseState.SETTLED
    confirmation = scene.told()
    assert confirmation.purpose == "colleague/confirmation"
    assert "The complaint of Jo Marsh is settled." in body(confirmation)
    assert "undo" in body(confirmation)
    (line,) = scene.audit()
    assert line.endswith("sender authenticated: settled")


@pytest.mark.parametrize(
    "results",
    [PASSED, "mx.harbour.example; dkim=pass header.d=harbour.example", "MX.harbour.example; spf=fail; dmarc=pass"],
)
def test_what_our_server_vouches_for_may_settle(scene: Scene, results: str) -> None:
    scene.shop.take(reply(scene, results=results))
    assert scene.case() is CaseState.SETTLED


@pytest.mark.parametrize("program", [gmail, outlook, apple], ids=lambda program: program.__name__)
@pytest.mark.parametrize("html_only", [False, True])
def test_what_mail_programs_make_of_a_reply_is_read_and_their_quotes_are_not(
    plain: Scene, program: Callable[[bytes, str], bytes], html_only: bool
) -> None:
    raw = program(plain.told().raw, "to Sam\nnote he rang")
    if html_only:
        message = message_from_bytes(raw, policy=default)
        assert isinstance(message, EmailMessage)
        part = message.get_body(("html",))
        assert part is not None
        html = part.get_content()
        message.clear_content()
        message.set_content(html, subtype="html")
        raw = message.as_bytes()
    plain.shop.take(raw)
    assert plain.audit()[0].endswith("sender not authenticated: assigned; noted"), body(plain.told())


def test_without_a_server_to_believe_token_and_sender_are_enough(plain: Scene) -> None:
    plain.shop.take(reply(plain, results=None))
    assert plain.case() is CaseState.SETTLED


def test_of_one_who_is_not_verified_harmless_words_act_and_the_others_are_named(scene: Scene) -> None:
    scene.shop.take(reply(scene, "to Sam\nsettled", results=None))
    assert [str(each.assignee) for each in scene.shop.store.open_cases()] == ["sam@harbour.example"]
    assert "settled: your mail server did not show that it was you" in " ".join(body(scene.told()).split())
    assert scene.audit()[0].endswith("sender not authenticated: assigned; 1 not done: the sender is not verified")


def test_what_was_not_verified_is_done_once_its_copy_lies_in_sent(scene: Scene) -> None:
    raw = reply(scene, "to Sam\nsettled\nnote he rang", results=None)
    scene.shop.take(raw)
    assert scene.case() is CaseState.WAITING
    for _ in range(2):
        scene.shop.take(raw, sent=True)
    assert scene.case() is CaseState.SETTLED
    assert [line.rpartition(": ")[2] for line in scene.audit()] == ["the sender is not verified", "settled"]


def test_a_mail_found_in_sent_acts_without_anybodys_word(scene: Scene) -> None:
    scene.shop.take(reply(scene, results=None), sent=True)
    assert scene.case() is CaseState.SETTLED
    assert "sender found in Sent" in scene.audit()[0]


def test_a_mail_acts_once_however_often_and_wherever_it_is_found(scene: Scene) -> None:
    raw = reply(scene, "promise Monday 12:00 new proofs")
    for sent in (False, True, False, True):
        scene.shop.take(raw, sent=sent)
    assert len(scene.shop.store.promises()) == 1
    assert [each.purpose for each in scene.to()] == ["colleague/waiting", "colleague/confirmation"]
    first, again = scene.audit()
    assert "sender authenticated: promised" in first
    assert again.endswith("no effect: it came before")


def test_a_mail_acts_once_also_after_a_restart(scene: Scene) -> None:
    raw = reply(scene, "promise Monday 12:00 new proofs")
    scene.shop.take(raw)
    scene.shop.store.close()
    again = Shop(scene.folder, change=scene.change, now=scene.shop.now)
    again.take(raw)
    assert len(again.store.promises()) == 1
    again.store.close()
    scene.shop = Shop(scene.folder, change=scene.change, now=scene.shop.now)


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_nobody_is_asked_to_send_a_letter_of_parting_that_he_has_not_read(scene: Scene, kind: str) -> None:
    scene.shop.take(reply(scene, "part"))
    held = next(each for each in scene.shop.store.letters((LetterState.HELD,)) if each.kind is not LetterKind.TELLING)
    assert held.purpose == "complaint/parting"
    part = message_from_bytes(scene.told().raw, policy=default).get_body((kind,))
    assert part is not None
    assert "we think that we should part here" in " ".join(str(part.get_content()).replace("\n> ", "").split())
    scene.shop.take(reply(scene, "send"))
    assert "The letter that waits" not in body(scene.told())


def test_a_colleagues_other_address_is_his(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.shop.take(reply(scene, "to Sam"))
    scene.shop.wait(timedelta(hours=4))
    telling = scene.told(who="sam@harbour.example")
    home = "mx.harbour.example; dmarc=pass header.from=home.example"
    scene.shop.take(reply(scene, to=telling, sender="Sam at home <sam.fox@home.example>", results=home))
    assert scene.case() is CaseState.SETTLED
    assert {each.to for each in scene.shop.store.letters() if each.kind is LetterKind.TELLING} == HOUSE, (
        "what confirms it goes to his address in the configuration"
    )
    scene.shop.store.close()


def test_a_sub_address_carries_the_token_where_the_thread_is_lost(scene: Scene) -> None:
    reply_to = message_from_bytes(scene.told().raw)["Reply-To"].partition("<")[2].rstrip(">")
    assert reply_to.startswith("hello+")
    scene.shop.take(reply(scene, token="", To=reply_to))
    assert scene.case() is CaseState.SETTLED


def test_only_an_inbox_that_takes_sub_addresses_is_given_one(plain: Scene) -> None:
    assert message_from_bytes(plain.told().raw)["Reply-To"] is None


def test_a_token_of_one_case_never_touches_another(scene: Scene) -> None:
    scene.complain("Mo Ray <mo@other.example>")
    (of_jo,) = [each for each in scene.shop.store.open_cases() if each.received_at < scene.shop.now]
    scene.shop.take(reply(scene, "settled", References=f"<x@y.example> {scene.told().message_id}"))
    left = scene.shop.store.open_cases()
    assert len(left) == 1
    assert left[0].client != of_jo.client


def test_what_is_not_understood_is_kept_and_the_client_has_not_received_it(scene: Scene) -> None:
    scene.shop.take(reply(scene, "Dear Jo, the new proofs are on their way to you. I am sorry about it."))
    text = body(scene.told())
    assert text.startswith("Jo Marsh has not received this.")
    assert "mailto:jo@client.example" in text
    assert scene.case() is CaseState.WAITING
    assert not [
        each
        for each in scene.shop.store.letters()
        if each.state is LetterState.QUEUED and each.to in HOUSE - {"ada@harbour.example"}
    ]


def test_words_that_could_be_about_several_clients_are_about_none(scene: Scene) -> None:
    for who in ("Mo Ray <mo@other.example>", "Li Po <li@third.example>"):
        scene.complain(who)
    scene.shop.wait(timedelta(hours=2, minutes=5))
    scene.shop.take(reply(scene, "2 settled\nThey will have it on Monday."))
    text = " ".join(body(scene.told()).split())
    assert "has not received" not in text
    assert "mailto:" not in text
    assert "They will have it on Monday.: nobody has received this, and it is not kept" in text
    assert "The complaint of Li Po is settled." in text


def test_words_about_no_client_are_not_passed_over_in_silence(scene: Scene) -> None:
    telling = scene.told()
    scene.shop.take(reply(scene, to=telling, sender=EVIL))
    scene.shop.take(reply(scene, "Fine, I will see to it.", to=scene.told()))
    assert "Fine, I will see to it.: nobody has received this" in " ".join(body(scene.told()).split())


def test_thanks_alone_are_not_answered(scene: Scene) -> None:
    before = len(scene.to())
    scene.shop.take(reply(scene, "Thanks!"))
    assert len(scene.to()) == before
    assert scene.audit()[0].endswith(": nothing asked")


def test_what_was_done_is_undone_by_a_reply_to_its_confirmation(scene: Scene) -> None:
    scene.shop.take(reply(scene))
    assert scene.case() is CaseState.SETTLED
    scene.shop.take(reply(scene, "undo", to=scene.told()))
    assert scene.case() is CaseState.WAITING
    assert scene.audit()[-1].endswith(": undone")


def test_a_promise_is_made_and_its_reminder_comes(scene: Scene) -> None:
    scene.shop.take(reply(scene, "promise in 30 minutes new proofs"))
    (promise,) = scene.shop.store.promises([PromiseState.OPEN])
    assert (promise.what, promise.due_at) == ("new proofs", scene.shop.now + timedelta(minutes=30))
    scene.shop.wait(timedelta(minutes=31))
    assert "new proofs" in body(scene.told())
    scene.shop.take(reply(scene, "kept", to=scene.told()))
    assert [each.state for each in scene.shop.store.promises()] == [PromiseState.KEPT]


def test_a_letter_that_a_colleague_lets_go_asks_no_breaker_any_more(scene: Scene) -> None:
    scene.shop.take(reply(scene, "send"))
    released = [each for each in scene.shop.store.letters() if each.because == "released by a person"]
    assert len(released) <= 1


def test_a_correction_is_kept_beside_the_verdict(scene: Scene) -> None:
    scene.shop.take(reply(scene, "neither"))
    (found,) = scene.shop.store.corrections()
    assert (found.tone, found.by) == (frozenset[Tone](), "ada@harbour.example")


def test_what_is_pending_is_told(scene: Scene) -> None:
    scene.complain("Mo Ray <mo@other.example>")
    scene.shop.take(reply(scene, "promise Monday 12:00 new proofs", to=scene.told()))
    scene.shop.take(reply(scene, "pending", to=scene.told()))
    text = body(scene.told())
    for line in (
        "Jo Marsh, Order 1182: has waited 2 hours 5 minutes",
        "Mo Ray, Order 1182",
        "Jo Marsh: new proofs, promised by Monday 12:00",
    ):
        assert line in " ".join(text.split()), text


def test_help_names_all_words(scene: Scene) -> None:
    scene.shop.take(reply(scene, "help"))
    assert all(word in body(scene.told()) for word in ("answered", "snooze", "undo", "part", "quiet"))


def test_two_machines_do_not_talk_to_each_other_for_ever(scene: Scene) -> None:
    scene.shop.take(reply(scene, "I am somewhere else, and nothing marks me as a machine."))
    for _ in range(NOTES_AN_HOUR + 10):
        scene.shop.take(reply(scene, "I am somewhere else, and nothing marks me as a machine.", to=scene.told()))
    assert len(scene.to()) == 1 + NOTES_AN_HOUR
    assert len(scene.audit()) == NOTES_AN_HOUR + 11


def test_a_confirmation_stands_in_the_thread_of_the_case_and_of_the_reply(scene: Scene) -> None:
    telling, raw = scene.told(), reply(scene)
    scene.shop.take(raw)
    first, then = message_from_bytes(telling.raw), message_from_bytes(scene.told().raw)
    assert then["In-Reply-To"] == message_from_bytes(raw)["Message-ID"]
    assert str(then["References"]).split()[0] == str(first["References"]).split()[0]


def test_every_mail_to_a_colleague_bears_a_token_of_its_own(scene: Scene) -> None:
    scene.shop.take(reply(scene))
    ids = [tokens.read(each.message_id) for each in scene.to()]
    assert None not in ids
    assert len(set(ids)) == len(ids) == 2


# what may not


@dataclass(frozen=True)
class Forgery:
    """A mail that must do nothing. `audit` is the end of its line in the journal; `kills`: the token is dead then."""

    name: str
    make: Callable[[Scene], bytes]
    audit: str
    kills: bool = False
    warns: bool = False
    sent: bool = False


def _other_token(scene: Scene) -> tokens.Mark:
    scene.complain("Mo Ray <mo@other.example>")
    scene.shop.wait(timedelta(hours=2, minutes=5))
    found = tokens.read(scene.told().message_id)
    assert found is not None
    return found


def _mark(scene: Scene) -> tokens.Mark:
    found = tokens.read(scene.told(0).message_id)
    assert found is not None
    return found


def _changed(**change: str) -> Callable[[Scene], bytes]:
    return lambda scene: reply(scene, token=tokens.message_id(replace(_mark(scene), **change), "harbour.example"))


def _of_another_case(scene: Scene) -> bytes:
    first, other = scene.told(), _other_token(scene)
    spliced = replace(_mark(scene), id=other.id)
    return reply(scene, to=first, token=tokens.message_id(spliced, "harbour.example"))


def _expired(scene: Scene) -> bytes:
    telling = scene.told()
    scene.shop.now += timedelta(days=30)
    return reply(scene, to=telling)


def _revoked(scene: Scene) -> bytes:
    with scene.shop.store.writing() as book:
        book.revoke(_mark(scene).id, scene.shop.now)
    return reply(scene)


def _replayed(scene: Scene) -> bytes:
    raw = reply(scene, "snooze 2 business hours")
    scene.shop.take(raw)
    return raw


def _from_line(line: str) -> Callable[[Scene], bytes]:
    def make(scene: Scene) -> bytes:
        head, _, rest = reply(scene).partition(b"From: " + ADA.encode() + b"\n")
        return head + line.encode() + b"\n" + rest

    return make


def _placed(above: str = "", below: str = "") -> Callable[[Scene], bytes]:
    """A reply in Ada's name with header lines that a forger could write, above and below the first Received."""

    def make(scene: Scene) -> bytes:
        received = "Received: from x.example by mx.harbour.example; Fri, 20 Nov 2026 12:05:00 +0000\n"
        return (above + received + below).encode() + reply(scene, results=None)

    return make


def _results_in_an_attached_mail(scene: Scene) -> bytes:
    head, _, text = reply(scene, results=None).partition(b"\n\n")
    kept = b"\n".join(line for line in head.split(b"\n") if not line.lower().startswith((b"content-", b"mime-")))
    attached = f"Authentication-Results: {PASSED}\nFrom: {ADA}\n\nsettled\n".encode()
    return (
        kept
        + b'\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\n'
        + text
        + b"\n--b\nContent-Type: message/rfc822\n\n"
        + attached
        + b"\n--b--\n"
    )


def _quoted_only(scene: Scene) -> bytes:
    return reply(scene, f"settled\nToken: {scene.told().message_id}", token="<their@own.example>")


def _html(html: str) -> Callable[[Scene], bytes]:
    def make(scene: Scene) -> bytes:
        head = reply(scene).partition(b"\n\n")[0]
        kept = b"\n".join(line for line in head.split(b"\n") if not line.lower().startswith((b"content-", b"mime-")))
        return kept + b"\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n" + html.encode()

    return make


def _bounce(scene: Scene) -> bytes:
    token = scene.told().message_id
    return (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.x.example\nTo: hello@harbour.example\nSubject: Undelivered\n"
        f"Message-ID: <b1@mx.x.example>\nIn-Reply-To: {token}\nReferences: {token}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\nsettled\n--b\n'
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.x.example\n\n"
        "Final-Recipient: rfc822; ada@harbour.example\nAction: delayed\nStatus: 4.4.1\n\n--b--\n"
    ).encode()


_NOT_VERIFIED = "1 not done: the sender is not verified"
_STRANGER = "no effect: it was issued to somebody else; revoked"
_SHARED = "no effect: sent to somebody outside too; revoked"
_UNKNOWN = "no effect: the token does not verify"
_MACHINE = "no effect: not a person's own mail"
_FORGED = "Authentication-Results: mx.harbour.example; dmarc=pass header.from=harbour.example\n"
_FOREIGN = "Received: from evil.example by relay.x.example; Fri, 20 Nov 2026 12:04:00 +0000\n"

FORGERIES = (
    Forgery("no token", lambda scene: reply(scene, token="<their@own.example>"), "no effect: no token"),
    Forgery("token in body and quote only", _quoted_only, "no effect: no token"),
    Forgery("token of another case, this one's MAC", _of_another_case, _UNKNOWN),
    Forgery("MAC changed", _changed(mac="0" * 25), _UNKNOWN),
    Forgery("id changed", _changed(id="0" * 25), _UNKNOWN),
    Forgery("key's id changed", _changed(key="00"), _UNKNOWN),
    Forgery("expired", _expired, "no effect: expired", kills=True),
    Forgery("revoked", _revoked, "no effect: revoked", kills=True),
    Forgery("replayed", _replayed, "no effect: it came before"),
    Forgery("right token, a stranger", lambda scene: reply(scene, sender=EVIL), _STRANGER, kills=True, warns=True),
    Forgery("right token, the client", lambda scene: reply(scene, sender=JO), _STRANGER, kills=True, warns=True),
    Forgery(
        "right token, another colleague",
        lambda scene: reply(scene, sender="Sam Fox <sam@harbour.example>"),
        _STRANGER,
        kills=True,
        warns=True,
    ),
    Forgery(
        "owner's address in the display name",
        _from_line(f'From: "ada@harbour.example <{EVIL}>" <{EVIL}>'),
        _STRANGER,
        kills=True,
        warns=True,
    ),
    Forgery(
        "two addresses run together",
        _from_line(f'From: "ada@harbour.example <{EVIL}>"'),
        _STRANGER,
        kills=True,
        warns=True,
    ),
    Forgery(
        "owner's address, then the forger's",
        _from_line(f"From: ada@harbour.example <{EVIL}>"),
        _STRANGER,
        kills=True,
        warns=True,
    ),
    Forgery("two From fields", _from_line(f"From: {ADA}\nFrom: {EVIL}"), _STRANGER, kills=True, warns=True),
    Forgery("two addresses in From", _from_line(f"From: {ADA}, {EVIL}"), _STRANGER, kills=True, warns=True),
    Forgery(
        "Sender and Reply-To only",
        _from_line(f"From: {EVIL}\nSender: {ADA}\nReply-To: {ADA}"),
        _STRANGER,
        kills=True,
        warns=True,
    ),
    Forgery("no Authentication-Results", _placed(), _NOT_VERIFIED),
    Forgery("results below a foreign Received", _placed(below=_FOREIGN + _FORGED), _NOT_VERIFIED),
    Forgery(
        "results of another server on top",
        _placed(above=_FORGED.replace("mx.harbour.example", "mx.evil.example")),
        _NOT_VERIFIED,
    ),
    Forgery(
        "our server's name in a comment",
        _placed(above="Authentication-Results: mx.evil.example (mx.harbour.example; dmarc=pass); dmarc=pass\n"),
        _NOT_VERIFIED,
    ),
    Forgery(
        "pass inside a reason of our server's",
        _placed(above='Authentication-Results: mx.harbour.example; spf=none reason="x; dmarc=pass"\n'),
        _NOT_VERIFIED,
    ),
    Forgery(
        "SPF of the forger's own domain",
        _placed(above="Authentication-Results: mx.harbour.example; spf=pass smtp.mailfrom=x.example\n"),
        _NOT_VERIFIED,
    ),
    Forgery(
        "DKIM of the forger's own domain",
        _placed(above="Authentication-Results: mx.harbour.example; dkim=pass header.d=x.example\n"),
        _NOT_VERIFIED,
    ),
    Forgery(
        "our server's fail above a forged pass",
        _placed(above="Authentication-Results: mx.harbour.example; dmarc=fail\n" + _FORGED),
        "no effect: failed authentication",
    ),
    Forgery("results inside an attached mail", _results_in_an_attached_mail, _NOT_VERIFIED),
    Forgery(
        "results in the body",
        lambda scene: reply(scene, f"settled\n{_FORGED}", results=None),
        _NOT_VERIFIED,
    ),
    Forgery(
        "out-of-office with the token",
        lambda scene: reply(scene, Auto_Submitted="auto-replied", Subject="Automatic reply: settled"),
        _MACHINE,
    ),
    Forgery("over a list", lambda scene: reply(scene, List_Id="<team.harbour.example>"), _MACHINE),
    Forgery("bounce with the token", _bounce, "no effect: a mail system's report"),
    Forgery("reply to all, the client in Cc", lambda scene: reply(scene, Cc=JO), _SHARED, kills=True),
    Forgery("forwarded outside, found in Sent", lambda scene: reply(scene, To=EVIL), _SHARED, kills=True, sent=True),
    Forgery("hidden copy outside, found in Sent", lambda scene: reply(scene, Bcc=EVIL), _SHARED, kills=True, sent=True),
    Forgery(
        "forwarded to a colleague, found in Sent",
        lambda scene: reply(scene, To="sam@harbour.example"),
        "no effect: not addressed to us",
        sent=True,
    ),
    Forgery("words in the quote only", lambda scene: reply(scene, "> settled"), "nothing asked"),
    Forgery("words in the signature only", lambda scene: reply(scene, "Thanks\n-- \nsettled"), "nothing asked"),
    Forgery(
        "words hidden in html",
        _html('<p>Thanks</p><div style="display:none">settled</div><p hidden>part</p><!-- quiet -->'),
        "nothing asked",
    ),
)


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_a_forgery_does_nothing_leaves_one_line_and_answers_nobody(scene: Scene, forgery: Forgery) -> None:
    raw = forgery.make(scene)
    effects, audit, told = scene.effects(), scene.audit(), len(scene.to())
    token = scene.told(0)
    scene.shop.take(raw, sent=forgery.sent)
    if forgery.name != "right token, the client":  # his mail is a mail of his all the same
        assert scene.effects() == effects
    lines = scene.audit()[len(audit) :]
    print(f"{forgery.name:42} {lines[0].partition(', sender ')[2] if lines else '-'}")
    assert len(lines) == 1
    assert lines[0].endswith(forgery.audit)
    sent_to = {each.to for each in scene.shop.store.letters() if each.kind is LetterKind.TELLING}
    assert sent_to <= HOUSE
    purposes = [each.purpose for each in scene.to()[told:]]
    assert ("colleague/token-seen" in purposes) == forgery.warns
    assert_dead(scene, token, dead=forgery.kills)


def assert_dead(scene: Scene, telling: Letter, *, dead: bool) -> None:
    """Whether an honest reply to that telling has lost its effect; and nothing that a client got bears a token."""
    mark = tokens.read(telling.message_id)
    assert mark is not None
    with scene.shop.store.reading() as book:
        found = book.token(mark.id)
        assert found is not None
        assert tokens.alive(found, scene.shop.now) == (not dead)
    for each in scene.shop.store.letters():
        letter = scene.shop.store.letter(each.key)
        if letter is not None and each.kind is not LetterKind.TELLING:
            assert mark.mac.encode() not in letter.raw


def test_the_owner_is_warned_of_a_token_once(scene: Scene) -> None:
    telling = scene.told()
    for _ in range(3):
        scene.shop.take(reply(scene, to=telling, sender=EVIL))
    assert [each.purpose for each in scene.to()] == ["colleague/waiting", "colleague/token-seen"]
    assert len(scene.audit()) == 3


def test_a_person_is_told_once_why_his_replies_do_nothing(scene: Scene) -> None:
    telling = scene.told()
    scene.shop.now += timedelta(days=31)
    for _ in range(3):
        scene.shop.take(reply(scene, to=telling))
    assert [each.purpose for each in scene.to()] == ["colleague/waiting", "colleague/not-accepted"]
    assert "too old" in body(scene.told())


def test_an_answer_to_the_client_by_way_of_a_telling_counts_and_kills_its_token(scene: Scene) -> None:
    raw = reply(scene, "Dear Jo, I am sorry. You will have your money back today.", To=JO)
    scene.shop.take(raw, sent=True)
    assert scene.case() is CaseState.ANSWERED
    assert scene.told().purpose == "colleague/not-accepted"
    assert_dead(scene, scene.told(0), dead=True)


def test_a_client_who_refers_to_a_token_is_answered_without_it(scene: Scene) -> None:
    telling = scene.told()
    scene.shop.take(reply(scene, COMPLAINT, to=telling, sender="Mo Ray <mo@other.example>", results=None))
    scene.shop.wait(timedelta(minutes=3))
    letters = [
        scene.shop.store.letter(each.key) for each in scene.shop.store.letters() if each.to == "mo@other.example"
    ]
    assert letters
    assert all(each is not None and b"References" in each.raw for each in letters)
    assert_dead(scene, telling, dead=True)


def test_a_mail_whose_own_message_id_is_a_token_is_taken_for_ours_and_never_answered(plain: Scene) -> None:
    telling = plain.told()
    raw = written(COMPLAINT, plain.shop.now, sender="Mo Ray <mo@other.example>", Message_ID=telling.message_id)
    plain.shop.take(raw)
    plain.shop.wait(timedelta(minutes=3))
    assert not [each for each in plain.shop.store.letters() if each.to == "mo@other.example"]
    assert_dead(plain, telling, dead=False)


def test_a_colleague_who_has_left_may_ask_for_nothing(scene: Scene) -> None:
    scene.shop.take(reply(scene, "to Sam"))
    scene.shop.wait(timedelta(hours=4))
    telling = scene.told(who="sam@harbour.example")
    business = scene.shop.setting.business
    left = replace(business, colleagues=tuple(each for each in business.colleagues if each.name != "Sam Fox"))
    scene.shop.setting = replace(scene.shop.setting, business=left)
    scene.shop.take(reply(scene, to=telling, sender="Sam Fox <sam@harbour.example>"))
    assert scene.case() is CaseState.WAITING
    assert scene.audit()[-1].endswith(_STRANGER)


def test_a_key_that_has_worn_out_verifies_what_it_signed_while_another_signs(scene: Scene) -> None:
    first = scene.told()
    scene.shop.now += timedelta(days=170)
    scene.complain("Mo Ray <mo@other.example>")
    scene.shop.wait(timedelta(days=4))
    old = scene.told()
    scene.shop.now += timedelta(days=7)
    scene.complain("Li Po <li@third.example>")
    scene.shop.wait(timedelta(days=4))
    new = scene.told()
    keys = [mark.key for each in (first, old, new) if (mark := tokens.read(each.message_id))]
    assert keys[0] == keys[1] != keys[2]
    scene.shop.take(reply(scene, "1 settled", to=old))
    assert scene.audit()[-1].endswith("sender authenticated: settled")


# a firm of one

ALONE = (
    """\
  - {name: Ada Byron, address: ada@harbour.example, owner: true}
  - {name: Sam Fox, address: sam@harbour.example}
inboxes:
  - name: hello
    address: hello@harbour.example
    aliases: [info@harbour.example]
    mode: observe
""",
    """\
  - {name: Ada Byron, address: hello@harbour.example, owner: true}
inboxes:
  - name: hello
    address: hello@harbour.example
    aliases: [info@harbour.example]
    mode: send
""",
)
SELF = "Ada Byron <hello@harbour.example>"


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Scene]:
    found = Scene(tmp_path, ALONE)
    yield found
    found.shop.store.close()


@pytest.mark.parametrize("order", [(False, True), (True, False), (False, True, True, False)])
def test_where_the_owner_is_the_inbox_his_words_are_read_from_sent(alone: Scene, order: tuple[bool, ...]) -> None:
    raw = reply(alone, to=alone.told(who="hello@harbour.example"), sender=SELF, results=None)
    for sent in order:
        before = alone.case()
        alone.shop.take(raw, sent=sent)
        assert sent or alone.case() is before, "what comes into the inbox changes nothing"
    assert alone.case() is CaseState.SETTLED
    assert len([each for each in alone.to("hello@harbour.example") if each.purpose == "colleague/confirmation"]) == 1


def test_in_the_inbox_anybody_can_write_its_own_address(alone: Scene) -> None:
    telling = alone.told(who="hello@harbour.example")
    alone.shop.take(reply(alone, to=telling, sender=SELF, results=PASSED))
    assert alone.case() is CaseState.WAITING
    assert alone.audit()[-1].endswith("no effect: our own address, read from Sent")


def test_a_message_of_ours_bears_no_token_but_its_own(scene: Scene) -> None:
    scene.shop.take(reply(scene))
    scene.shop.take(reply(scene, "undo", to=scene.told()))
    assert [tokens.borne(parse(each.raw)) for each in scene.to()] == [(), (), ()]
