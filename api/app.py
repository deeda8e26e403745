"""The app: every route, and what they share. One straight line, nothing at import."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute

import nightwarden
from api import errors
from api.bell import Bell, BrokerAddress
from api.bench import Bench
from api.csv_lists import CsvLists
from api.deps import READERS, Parts
from api.headers import BodyLimit, SecurityHeaders
from api.nouns import PREFIX
from api.openid import OpenId
from api.packing import LEAST_BYTES, PACKED_BY
from api.pages import board_now
from api.pages.router import pages_router
from api.passkeys import Passkeys
from api.reader import ReaderLanguage
from api.receivers import Receivers
from api.routes import (
    alerts,
    audit,
    calls,
    channels,
    check_rounds,
    checks,
    coverage,
    devices,
    drills,
    emitters,
    equipment,
    evidence,
    faults,
    figures,
    gaps,
    guests,
    health,
    imports,
    item_life,
    labels,
    metrics,
    models,
    notices,
    outage,
    people,
    personal,
    phones,
    photos,
    places,
    readings,
    receivers,
    removals,
    residents,
    reviews,
    rounds,
    rules,
    schema,
    search,
    shifts,
    stock,
    stream,
    training,
    trials,
    watches,
    why,
)
from api.scenario_runs import ScenarioRuns
from api.shared import Shared
from api.stream import PATIENCE_S, StreamHub
from api.trials import Trials
from api.turnstile import GUESSES, GUESSES_TOGETHER, GUESSING, Turnstile
from nightwarden.clock import Clock
from nightwarden.openid_settings import OpenIdSettings
from nightwarden.store.engine import Store

_NOUNS = (
    health,
    alerts,
    stream,
    receivers,
    gaps,
    watches,
    coverage,
    rounds,
    places,
    calls,
    equipment,
    checks,
    check_rounds,
    labels,
    photos,
    faults,
    notices,
    item_life,
    models,
    imports,
    personal,
    residents,
    emitters,
    training,
    removals,
    outage,
    stock,
    devices,
    readings,
    shifts,
    channels,
    phones,
    people,
    guests,
    audit,
    evidence,
    reviews,
    rules,
    why,
    trials,
    drills,
    figures,
    search,
    schema,
)


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """What an app is made of. ``stream_patience_s``: see :data:`api.stream.PATIENCE_S`."""

    store: Store
    clock: Clock
    bell: Bell | None = None
    openid: OpenIdSettings | None = None
    stream_patience_s: float = PATIENCE_S
    broker: BrokerAddress | None = None
    """For the bench of a practice home."""


def create_app(options: ApiOptions) -> FastAPI:
    """The whole web application of one home. It starts and stops the bell, not the store."""
    hub = StreamHub(options.store, options.clock, options.stream_patience_s)
    app = FastAPI(
        title="Nightwarden",
        version=nightwarden.__version__,
        summary="The safety monitor of a care home: alerts, gaps, the register and the record.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # its pages load scripts from elsewhere, and a home may have no internet
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.parts = Parts(
        store=options.store,
        clock=options.clock,
        hub=hub,
        bell=options.bell,
        writing=asyncio.Lock(),
        readers=asyncio.Semaphore(READERS),
        looking_back=asyncio.Lock(),
        drawing=asyncio.Lock(),
        painting=asyncio.Lock(),
        receivers=Receivers(),
        trials=Trials(options.store.folder),
        strangers=Turnstile(),
        guesses=Turnstile(GUESSES, GUESSES_TOGETHER, GUESSING),
        openid=None if options.openid is None else OpenId(options.openid),
        passkeys=Passkeys(),
        bench=Bench(options.broker, options.clock),
        scenarios=ScenarioRuns(),
        board=Shared(options.store),
        raised=Shared(options.store),
        sound_tests=Shared(options.store),
    )
    errors.install(app)
    app.add_middleware(CsvLists)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(BodyLimit)
    app.add_middleware(GZipMiddleware, minimum_size=LEAST_BYTES, compresslevel=PACKED_BY)
    app.add_middleware(ReaderLanguage)
    app.router.routes += _routes()
    return app


def _routes() -> list[BaseRoute]:
    """Every route as it was declared; none is worked out again.

    They hold nothing of one app: what requests share is in ``app.state``.
    """
    nouns = [route for noun in _NOUNS for route in noun.router.routes]
    # Looked through from the front for each request: what thirty boards ask all the time is first.
    return [*board_now.router.routes, *nouns, *metrics.router.routes, *pages_router().routes]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    reading = asyncio.create_task(parts.hub.run())
    loop = asyncio.get_running_loop()
    if parts.bell is not None:
        parts.bell.start(lambda: loop.call_soon_threadsafe(parts.hub.ring))
    yield
    await parts.scenarios.stop()
    await asyncio.to_thread(parts.bench.stop)
    if parts.bell is not None:
        await asyncio.to_thread(parts.bell.stop)
    parts.hub.close()
    await reading
