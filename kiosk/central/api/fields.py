"""Fields of requests that every database can store: bounded, without NUL, in characters that exist."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def storable(text: str) -> str:
    """The text. Raises ValueError where PostgreSQL would not take it."""
    if "\x00" in text or any("\ud800" <= symbol <= "\udfff" for symbol in text):
        raise ValueError("a character that cannot be stored")
    return text


_Storable = AfterValidator(storable)

Word = Annotated[str, Field(min_length=1, max_length=200), _Storable]
"""A name or a login."""
Words = Annotated[str, Field(max_length=500), _Storable]
"""A line of text, which may be empty."""
Secret = Annotated[str, Field(min_length=1, max_length=500, repr=False), _Storable]
"""A password, a key or a token."""
DeviceId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]


class Body(BaseModel):
    """Base of requests: what is not known is refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ErrorWords(BaseModel):
    """A known error: its stable code, what happened and what to do."""

    code: str
    detail: str
    next_step: str


class ErrorBody(BaseModel):
    """What every request that failed is answered with."""

    error: ErrorWords
