"""First levels of topics that are somebody's own.

Some makers let the owner choose the first level of a topic, so that their dialects must listen
widely (``+/tele/#``, ``+/sensor/+/state``). Those claim nothing under a first level that another
dialect or a broker owns: so no two dialects own one topic, and what a Zigbee bridge says about a
device called ``tele`` stays the Zigbee bridge's.
"""

OWNED = frozenset(
    {
        "application",  # ChirpStack
        "homeassistant",
        "homie",
        "nightwarden",
        "rtl_433",
        "shellies",  # Shelly, first generation
        "spBv1.0",  # Sparkplug
        "v3",  # The Things Stack
        "zigbee2mqtt",
    }
)
"""No dialect with a wide filter owns a topic that begins with one of these."""


def is_free(root: str) -> bool:
    """Whether a dialect with a wide filter may own topics whose first level is ``root``.

    ``$SYS`` and the like are the broker's own, and no wildcard brings them in.
    """
    return bool(root) and root[0] != "$" and root not in OWNED
