"""Prometheus. Numbers of the store at the moment of asking; no names of people or rooms.

Who asks from this machine needs no token, as Prometheus beside the monitor has none. Everybody
else sends one: how often a home's alerts go unanswered is nobody else's business.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
from prometheus_client import generate_latest as written
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.deps import Now, ReadTx, current_actor, get_parts
from api.gaps import gaps_now
from api.health import health
from api.routes.devices import speaks
from api.stream import StreamHub
from nightwarden.model.places import GapState
from nightwarden.model.plan import Liveness
from nightwarden.store import listings
from nightwarden.store.engine import Transaction
from nightwarden.store.plan import load_liveness

router = APIRouter(tags=["metrics"])


@router.get("/metrics", response_class=Response)
def metrics(request: Request, now: Now, tx: ReadTx) -> Response:
    """Prometheus' text format. Needs a token, except from this machine itself."""
    if not _from_this_machine(request):
        current_actor(request, now)
    # A registry for each scrape: what is told is read from the store, nothing is kept between.
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Snapshot([*_of_the_home(tx), _streams(get_parts(request).hub)]))
    return Response(written(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Snapshot(Collector):
    """What was read, as the registry wants it."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _of_the_home(tx: Transaction) -> Iterator[Metric]:
    found = health(tx)
    yield _gauge("watching", "1 while the proof is fresh", float(found.status != "not_watching"))
    if found.proof.age_s is not None:
        yield _gauge("proof_age_seconds", "Age of the last loop test", found.proof.age_s)
    checks = _family("check_ok", "1 where the check of this name is fine", "check")
    for name, check in found.checks.items():
        checks.add_metric([name], float(check.ok))
    yield checks
    alerts = _family("open_alerts", "Alerts that are not closed", "kind", "priority")
    for labels, count in listings.open_alert_counts(tx).items():
        alerts.add_metric(labels, count)
    yield alerts
    gaps = _family("gaps", "Requirements that are not met", "state")
    states = Counter(gap.state for gap in gaps_now(tx))
    for state in GapState:
        gaps.add_metric([state.value], states[state])
    yield gaps
    yield _gauge("devices_silent", "Bound devices that do not speak", _silent(tx))
    yield _gauge("quarantine", "Messages in quarantine", listings.quarantined(tx))
    yield _gauge("outbox_waiting", "Deliveries without a receipt", listings.outbox_waiting(tx))
    readings = CounterMetricFamily("nightwarden_readings", "Readings ever recorded")
    readings.add_metric([], listings.readings_recorded(tx))
    yield readings


def _silent(tx: Transaction) -> int:
    liveness, never = load_liveness(tx), Liveness()
    bound = (line for line in listings.devices(tx) if line.equipment is not None)
    return sum(not speaks(line, liveness.get(line.device, never), tx.now) for line in bound)


def _streams(hub: StreamHub) -> Metric:
    return _gauge("streams", "Open live streams", hub.subscribers)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"nightwarden_{name}", words, value=value)


def _family(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"nightwarden_{name}", words, labels=labels)


def _from_this_machine(request: Request) -> bool:
    if request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
