"""Mails to be answered: complaints of many clients, as long as people write them, with the header lines of a server."""

from __future__ import annotations

from collections.abc import Iterator

from tests.house import mail

_OPENINGS = (
    "I ordered 200 brochures from you three weeks ago, and they came on Thursday.",
    "My last job with you was the menu for our restaurant, which you printed in March.",
    "You will remember that we spoke on the telephone about the posters for the fair.",
    "This is about the invitations that my sister picked up at your counter.",
)
_TROUBLES = (
    "I was charged twice for the order and I want my money back. This is unacceptable, I am very disappointed.",
    "This is unacceptable: they arrived damaged, you charged me twice, and I want a refund. I am furious.",
    "I am very disappointed and want my money back. The paper is wrong, I was charged twice, it is unacceptable.",
)
_ENDINGS = (
    "I have been a client for many years and never had to write a mail like this one.",
    "Please tell me what you mean to do about it, and when.",
    "I can bring them back to you on any morning except Mondays.",
)


def complaints(count: int, batch: str) -> Iterator[bytes]:
    """So many, each from a client of its own."""
    for number in range(count):
        name = f"client{number}.{batch}"
        text = "\n\n".join(
            ("Hello,", _OPENINGS[number % 4], _TROUBLES[number % 3], _ENDINGS[number % 3], f"Kim {number}")
        )
        received = (
            f"from mx.client.example (mx.client.example [192.0.2.{number % 250}]) by mail.harbour.example "
            f"with ESMTPS id {batch}{number}; Sun, 22 Nov 2026 02:00:00 +0000"
        )
        yield mail(
            text,
            sender=f"Kim Number{number} <{name}@client.example>",
            subject=f"Order {10000 + number}",
            Received=received,
            Message_ID=f"<{name}@client.example>",
        )
