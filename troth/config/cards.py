"""What the owner knows of his clients: the cards of clients.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from troth.config.shape import Shape
from troth.config.words import AddressWord, AnyDomainWord, LanguageWord, Note, Several, Text
from troth.model import Stage


class ClientCard(Shape):
    """One client, under all his addresses."""

    addresses: Annotated[tuple[AddressWord, ...], Field(min_length=1), Several, Field(examples=["[jo@client.example]"])]
    name: Text | None = None
    company: Text | None = None
    greeting: Text | None = None
    """How letters address him: Jo."""
    language: LanguageWord | None = None
    quiet: Annotated[bool, Field(strict=True)] = False
    """true: no automatic letters."""
    stage: Stage | None = None
    competitors: Annotated[tuple[AnyDomainWord, ...], Several] = ()
    """Domains of his rivals."""
    notes: Note | None = None
    """For colleagues, never for the client."""


CARDS: TypeAdapter[tuple[ClientCard, ...]] = TypeAdapter(tuple[ClientCard, ...])
