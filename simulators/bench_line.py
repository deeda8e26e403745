"""The bench's own line at a play: orders in, answers and the state out.

It is opened only where :mod:`nightwarden.recording.live_homes` has let a play begin, and an order
that is old, kept by the broker or heard twice does nothing.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from threading import Event
from time import monotonic

import orjson

from nightwarden.bench.orders import POWER, BenchTopics, answer, read_object, read_order
from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.errors import Invalid
from simulators.bench import LivePlay
from simulators.lines import Line
from simulators.play import Stage, Tally
from simulators.simulation import Simulation
from simulators.wire import Will

TELLS_EVERY_S = 1.0
REMEMBERS = 200


class BenchLine:
    """Hears orders for one home. ``told`` is given lines for a person."""

    def __init__(self, home: str, broker: BrokerUrl, told: Callable[[str], None]) -> None:
        self._topics = BenchTopics(home)
        will = Will(self._topics.state, b"", retain=True)
        self.line = Line(broker, f"simulated-{home}-bench", will)
        self._told = told
        self._known: deque[str] = deque(maxlen=REMEMBERS)
        self._said, self._said_at = b"", 0.0

    def hear(self, play: LivePlay) -> None:
        """From now on, orders go to this play."""
        self.line.hear(self._topics.order, partial(self._ordered, play))

    def tell(self, play: LivePlay) -> None:
        """Say how it stands, once a second and when an order was obeyed; quickly otherwise."""
        if monotonic() - self._said_at < TELLS_EVERY_S:
            return
        state = orjson.dumps({"at": utc_now().isoformat(), **play.state()})
        self._said_at = monotonic()
        self.line.say(self._topics.state, state, qos=0, retain=True)

    def close(self) -> None:
        """Nobody plays any more: leave nothing behind."""
        self.line.say(self._topics.state, b"", qos=0, retain=True)

    def _ordered(self, play: LivePlay, payload: bytes) -> None:
        try:
            order = read_order(payload)
        except Invalid as problem:
            self._answer(str(read_object(payload).get("id", ""))[:120], str(problem), False)
            return
        if order.id in self._known or not order.fresh(utc_now()) or order.do in POWER:
            return
        self._known.append(order.id)
        play.order(order, lambda said, ok: self._obeyed(order.id, order.by, said, ok))

    def _obeyed(self, order_id: str, by: str, said: str, ok: bool) -> None:  # noqa: FBT001
        if ok:
            self._told(f"bench, {by}: {said}")
        self._said_at = 0.0
        self._answer(order_id, said, ok)

    def _answer(self, order_id: str, said: str, ok: bool) -> None:  # noqa: FBT001
        self.line.say(self._topics.done, answer(order_id, said, ok=ok), qos=0, retain=False)


def play_on_a_bench(
    simulation: Simulation,
    broker: BrokerUrl,
    *,
    speed: float,
    stop: Event,
    progress: Callable[[str], None],
) -> Tally:
    """Play until ``stop``, and do meanwhile what a bench orders; as :func:`simulators.play.play`.

    Raises:
        Invalid: the home has nothing to play, or the broker does not answer or refuses.
    """
    for sentence in simulation.left_out():
        progress(sentence)
    if not simulation.speakers():
        raise Invalid("this home has no device that can be simulated; give its equipment devices")
    bench = BenchLine(simulation.home.id, broker, progress)
    stage = Stage(simulation, broker, utc_now, progress, [bench.line])
    try:
        stage.exchange.open()
        play = LivePlay(simulation, stage, speed)
        bench.hear(play)
        play.perform(stop, lambda: bench.tell(play))
        bench.close()
    finally:
        stage.exchange.close()
    return stage.tally
