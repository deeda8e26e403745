"""What every body of the register's calls is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.paging import LARGEST_ID

Text = Annotated[str, Field(min_length=1, max_length=500)]
Number = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class Body(BaseModel):
    """A body: what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class Versioned(Body):
    """A change that may name the version that it was made from."""

    version: Number | None = None
