"""What happens in a scenario, in words."""

from nightwarden.practice.scenario import (
    BrokerRestart,
    Call,
    Deed,
    GatewayPower,
    Listening,
    Publish,
    Say,
    What,
    Wire,
)
from nightwarden.rulesfile.durations import duration_text


def in_words(what: What) -> str:
    """A step as it is told."""
    match what:
        case Say():
            values = ", ".join(f"{q.value} {str(v).lower()}" for q, v in what.values.items())
            often = f", {what.times} times" if what.times > 1 else ""
            again = f", every {duration_text(what.every)}" if what.every else ""
            return f"{what.device.address} says {values}{often}{again}"
        case Publish():
            return f"{what.topic}: {what.payload}"
        case Wire():
            return f"{what.device.address}: {what.deed.replace('_', ' ')}"
        case Listening():
            return f"screens and phones that can sound an alert: {what.count}"
        case BrokerRestart():
            return "the broker falls, and is started again"
        case GatewayPower():
            return f"the gateway is {'started' if what.on else 'stopped'}"
        case Call():
            return f"the {what.by}: {what.method} {what.path}"
        case Deed():
            place = f" at {what.place}" if what.place else ""
            return f"the {what.by}: {what.act} {what.subject}{place}"
