"""Replies as mail programs write them: the new words on top, the answered mail below, in that program's own way."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, make_msgid
from html import escape

from troth import clock

ADA = "Ada Byron <ada@harbour.example>"


def told(raw: bytes) -> tuple[EmailMessage, str]:
    """A mail that was received, and its text."""
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("plain",))
    assert part is not None
    return message, str(part.get_content())


def _begun(to: EmailMessage, sender: str, recipient: str | None) -> EmailMessage:
    reply = EmailMessage()
    reply["From"] = sender
    reply["To"] = recipient or str(to["Reply-To"] or to["From"])
    reply["Subject"] = f"Re: {to['Subject']}"
    reply["Date"] = format_datetime(clock.now())
    reply["Message-ID"] = make_msgid(domain="mail.harbour.example")
    reply["In-Reply-To"] = str(to["Message-ID"])
    reply["References"] = f"{to['References']} {to['Message-ID']}"
    return reply


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def gmail(raw: bytes, words: str, sender: str = ADA, recipient: str | None = None) -> bytes:
    """Gmail on the web: text and html, an attribution line, the quote folded away."""
    to, text = told(raw)
    reply = _begun(to, sender, recipient)
    said = f"On Fri, Nov 20, 2026 at 12:05 PM {to['From']}\nwrote:"
    reply.set_content(f"{words}\n\n{said}\n\n{_quoted(text)}\n")
    lines = "</div><div>".join(escape(line) or "<br>" for line in words.splitlines())
    reply.add_alternative(
        f'<div dir="ltr"><div>{lines}</div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
        f'class="gmail_attr">{escape(said)}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">'
        f"{escape(text).replace(chr(10), '<br>')}</blockquote></div>\n",
        subtype="html",
    )
    return reply.as_bytes()


def outlook(raw: bytes, words: str, sender: str = ADA, recipient: str | None = None) -> bytes:
    """Outlook: a signature, a rule, and the answered mail's header as text; nothing is marked as a quote."""
    to, text = told(raw)
    reply = _begun(to, sender, recipient)
    head = f"From: {to['From']}\nSent: Friday, 20 November 2026 12:05\nTo: {to['To']}\nSubject: {to['Subject']}"
    reply.set_content(
        f"{words}\n\nKind regards\nAda Byron\nHarbour Print\n\n________________________________\n{head}\n\n{text}\n",
        cte="quoted-printable",
    )
    paragraphs = "".join(f'<p class="MsoNormal">{escape(line)}<o:p></o:p></p>' for line in words.splitlines())
    reply.add_alternative(
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang="EN-GB"><div class="WordSection1">'
        f'{paragraphs}<p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">Kind regards<br>Ada Byron</p>'
        '<div id="divRplyFwdMsg" style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        f'<p class="MsoNormal"><b>From:</b> {escape(str(to["From"]))}<br><b>Sent:</b> Friday, 20 November 2026 12:05'
        f"<br><b>Subject:</b> {escape(str(to['Subject']))}</p></div><div>{escape(text)}</div></div></body></html>\n",
        subtype="html",
    )
    reply["X-Mailer"] = "Microsoft Outlook 16.0"
    reply["Thread-Index"] = "AdvQ"
    return reply.as_bytes()


def apple(raw: bytes, words: str, sender: str = ADA, recipient: str | None = None) -> bytes:
    """Mail on an iPhone: text and html in base64, a signature of its own, the quote after an attribution line."""
    to, text = told(raw)
    reply = _begun(to, sender, recipient)
    said = f"On 20 Nov 2026, at 12:05, {to['From']} wrote:"
    reply.set_content(f"{words}\n\nSent from my iPhone\n\n> {said}\n> \n{_quoted(text)}\n", cte="base64")
    lines = "</div><div>".join(escape(line) or "<br>" for line in words.splitlines())
    reply.add_alternative(
        f'<html><body dir="auto"><div>{lines}</div><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from '
        f'my iPhone</div><div dir="ltr"><br><blockquote type="cite">{escape(said)}<br><br></blockquote></div>'
        f'<blockquote type="cite"><div dir="ltr">{escape(text)}</div></blockquote></body></html>\n',
        subtype="html",
        cte="base64",
    )
    reply["X-Mailer"] = "iPhone Mail (23B85)"
    return reply.as_bytes()
