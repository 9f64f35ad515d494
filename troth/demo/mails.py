"""The mails of the morning, as mail programs write them."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

INBOX = "Harbour Print <hello@harbour.example>"
SAM = "Sam Fox <sam@harbour.example>"
ADA = "Ada Byron <ada@harbour.example>"
JO = "Jo Marsh <jo@marsh.example>"
MO = "Mo Adeyemi <mo@bakery.example>"
PRIYA = "Priya Nair <priya@nair.example>"
AL = "Al Reed <al@reedboats.example>"
ZOE = "Zoë Müller <zoe@atelier.example>"
TOM = "Tom Hale <tom@hale.example>"

# One line to a paragraph, as most mail programs write today.
FURIOUS = """\
Hello,

half of the posters arrived damaged, and nobody answers the telephone. This is unacceptable. You charged me twice for \
them as well, and I want my money back this week!

Jo
"""
NEWSLETTER = """\
This week: the five best papers for spring catalogues, and why customers are delighted with our new matt white.

Unsubscribe at any time.
"""
OUT_OF_OFFICE = "I am out of the office until Monday and will answer your mail when I am back.\n"
PRAISE = """\
Dear Sam,

thank you so much, the menus are absolutely beautiful! Excellent work, and we are delighted with the paper you chose.

Mo
"""
COMPLAINT = """\
Good morning,

my wedding invitations still have not arrived, and they were promised for last week. I am very disappointed, this is \
a terrible way to treat people.

Priya Nair
"""
ANSWER = "Dear Priya, I am so sorry. They are on my desk, and I will bring them to you myself at noon. Sam\n"
BOTH = """\
Hi,

the boat brochures are absolutely beautiful, and the whole crew is delighted. Excellent work, thank you so much. The \
colours are perfect!

The bill is another matter. You charged me twice. This is unacceptable, I am very disappointed, and I want my money \
back.

Al
"""
BADLY_CODED = """\
Guten Tag,

thank you so much! The cards are wonderful, and we are delighted with the paper.

Grüße aus Köln
Zoë Müller
"""
UNSURE = """\
Hello,

we are still waiting for the proofs of our leaflet. When can we expect them?

Tom
"""
OLD_ORDER = "Attached is the text of our next leaflet. Could you send me a quote for 200 copies?\n"
OLD_COMPLAINT = "The bill is wrong again. This is unacceptable, and I want my money back.\n"


def mail(sender: str, subject: str, text: str, at: datetime, **fields: str) -> EmailMessage:
    """A person's mail to the inbox, as its mail server lays it there. `fields` are more header fields, `_` for `-`."""
    address = parseaddr(sender)[1]
    message = EmailMessage()
    message["Return-Path"] = f"<{address}>"
    message["From"], message["To"], message["Subject"] = sender, INBOX, subject
    message["Date"], message["Message-ID"] = format_datetime(at), make_msgid(domain=address.partition("@")[2])
    for name, value in fields.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def newsletter(at: datetime) -> EmailMessage:
    sender = "Paper Trade Weekly <news@paper.example>"
    return mail(sender, "Matt white is back", NEWSLETTER, at, List_Id="<weekly.paper.example>", Precedence="bulk")


def out_of_office(at: datetime) -> EmailMessage:
    sender = "Lena Brandt <lena@brandt.example>"
    return mail(sender, "Out of office: Your proofs", OUT_OF_OFFICE, at, Auto_Submitted="auto-replied")


def badly_coded(at: datetime) -> bytes:
    """Latin-1 octets, in the header too, under the name of a character set that nobody knows."""
    whole = mail("zoe@atelier.example", "Danke", "x", at).as_bytes().replace(b"\r\n", b"\n")
    head = whole.partition(b"\n\n")[0].replace(b"zoe@atelier.example\nTo", f"{ZOE}\nTo".encode("latin-1"), 1)
    head = head.replace(b'charset="utf-8"', b'charset="x-user-defined"').replace(b"Danke", "Grüße".encode("latin-1"))
    head = head.replace(b"Transfer-Encoding: 7bit", b"Transfer-Encoding: 8bit")
    return head + b"\n\n" + BADLY_CODED.encode("latin-1")


def answer(to: EmailMessage, at: datetime) -> EmailMessage:
    """What Sam writes to a client from his own mail program; it lies in Sent."""
    message_id = str(to["Message-ID"])
    fields = {"To": str(to["From"]), "In_Reply_To": message_id, "References": message_id}
    return mail(SAM, f"Re: {to['Subject']}", ANSWER, at, **fields)


def sent_before(to: str, at: datetime) -> EmailMessage:
    """A mail that a colleague sent to a client long ago: it makes him known."""
    return mail(SAM, "Your proofs", "Here are the proofs. Tell me if anything should change.\n", at, To=to)


def bounce(letter: EmailMessage, at: datetime) -> bytes:
    """The report that a letter of ours could not be delivered (RFC 3464)."""
    to = parseaddr(str(letter["To"]))[1]
    head = mail("Mail Delivery System <mailer-daemon@atelier.example>", "Undelivered mail", "x", at, Return_Path="<>")
    del head["Content-Type"], head["Content-Transfer-Encoding"], head["MIME-Version"]
    report = f"""\
MIME-Version: 1.0
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message to <{to}> could not be delivered: the mailbox does not exist.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.atelier.example

Final-Recipient: rfc822; {to}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{to}>: user unknown

--b
Content-Type: text/rfc822-headers

From: {letter["From"]}
To: {to}
Subject: Re: your mail
Message-ID: {letter["Message-ID"]}

--b--
"""
    return head.as_bytes().partition(b"\n\n")[0] + b"\n" + report.encode()
