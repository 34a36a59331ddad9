"""What records are made of: texts, numbers and moments within bounds that every database keeps."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

_ID = r"^[0-9A-Za-z_-]{1,64}$"
Id = Annotated[str, Field(pattern=_ID)]
NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps none
Text = Annotated[str, Field(max_length=500, pattern=NO_NUL)]
Satang = Annotated[int, Field(ge=0, le=10**12)]
_MOST = 2**31 - 1  # of an integer column
Count = Annotated[int, Field(ge=0, le=_MOST)]
Several = Annotated[int, Field(ge=1, le=_MOST)]
Number = Annotated[float, Field(allow_inf_nan=False)]
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
Moment = Annotated[AwareDatetime, Field(ge=_FIRST, le=_LAST)]
"""Wide enough for a clock that lost its time, and within what every time zone and database can tell."""


def _bytes_of(value: object) -> object:
    """JSON has no bytes: there they are base64."""
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as broken:
        raise ValueError("not base64") from broken


Bytes = Annotated[
    bytes,
    BeforeValidator(_bytes_of),
    PlainSerializer(lambda value: base64.b64encode(value).decode("ascii"), return_type=str, when_used="json"),
]


class Record(BaseModel):
    """Base of all records. What a newer side adds is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", from_attributes=True)
