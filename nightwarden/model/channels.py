"""Which of a device's quantities feeds an item, and which way round.

A reed contact wired to a pressure mat says ``contact`` and means ``occupancy``; wired the other way
it says closed when nobody is there. The binding of the device holds that once, and everything after
the gateway's door, the record included, sees a mat.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nightwarden.model.phrases import phrase
from nightwarden.model.readings import Quantity, Reading

TWO_WAY = frozenset({Quantity.OCCUPANCY, Quantity.CONTACT})
"""What is one of two, and so can be read as one another and inverted."""
SAID_SO = (
    phrase("contact as occupancy"),
    phrase("contact as occupancy, inverted"),
    phrase("occupancy as contact"),
    phrase("occupancy as contact, inverted"),
)
"""What :class:`ChannelMap` comes to in words, for a page in another language."""


@dataclass(frozen=True, slots=True)
class ChannelMap:
    """How an item reads its device.

    ``reads`` has what the device says to what the item hears, ``{contact: occupancy}``: a closed
    contact is somebody on the mat. ``inverted`` turns every two-way value the item hears round.
    """

    reads: Mapping[Quantity, Quantity] = field(default_factory=dict)
    inverted: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be read as one another.

        Raises:
            ValueError: one sentence.
        """
        for said, heard in self.reads.items():
            if said not in TWO_WAY or heard not in TWO_WAY:
                raise ValueError(
                    f"{said} cannot be read as {heard}; occupancy and contact can, as each other"
                )
        if len(set(self.reads.values())) != len(self.reads):
            raise ValueError("two quantities cannot be read as the same one; leave one out")

    def __str__(self) -> str:
        """``contact as occupancy, inverted``."""
        said = [f"{said} as {heard}" for said, heard in self.reads.items()]
        return ", ".join([*said, phrase("inverted")] if self.inverted else said) or phrase(
            "as it speaks"
        )

    @property
    def plain(self) -> bool:
        """Whether it changes nothing."""
        return not self.inverted and all(said is heard for said, heard in self.reads.items())

    def apply(self, reading: Reading) -> Reading | None:
        """What the item hears; None for what another quantity stands in for.

        A device that has an occupancy of its own beside the contact that the item reads as
        occupancy would else be heard twice, in two voices.
        """
        said = reading.quantity
        if said not in TWO_WAY:
            return reading
        heard = self.reads.get(said, said)
        if said not in self.reads and said in self.reads.values():
            return None
        value = (not reading.value) if self.inverted else reading.value
        return reading._replace(quantity=heard, value=value)


PLAIN = ChannelMap()
