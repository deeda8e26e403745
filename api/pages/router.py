"""Every page of the house and the files that they load."""

from fastapi import APIRouter
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.pages import (
    about,
    alert,
    app_shell,
    bench,
    board,
    channels,
    check_rounds,
    checks,
    coverage,
    devices,
    dwell,
    equipment,
    evidence,
    faults,
    finding,
    floors,
    guests,
    heat_survey,
    imports,
    item_life,
    label,
    labels,
    manager,
    models,
    notices,
    openid,
    outage,
    passkeys,
    people,
    personal,
    register,
    removals,
    residents,
    reviews,
    rooms,
    rounds,
    screens,
    shift,
    signin,
    silence,
    stock,
    tongue,
    tonight,
    you,
)
from api.pages.drawing import HERE


class HouseFiles(StaticFiles):
    """Static files that a browser asks about each time: a new release is on every screen at once.

    The answer is 304 and a few bytes; there is no name with a version in it to keep in step. The
    sheet of icons alone is kept for some minutes: a browser asks for it each time a part of a page
    with an icon is renewed, which on thirty boards was two more questions after every change.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 304."""
        response = await super().get_response(path, scope)
        kept = "max-age=300" if path == "icons.svg" else "no-cache"
        response.headers["Cache-Control"] = kept
        return response


def pages_router() -> APIRouter:
    """The pages, and ``/static``; routes as they are, since to include them works them out anew."""
    router = APIRouter(include_in_schema=False)
    for part in (
        board,
        alert,
        silence,
        rooms,
        register,
        coverage,
        residents,
        imports,
        personal,
        heat_survey,
        item_life,
        manager,
        models,
        rounds,
        tongue,
        tonight,
        shift,
        devices,
        dwell,
        checks,
        check_rounds,
        label,
        labels,
        equipment,
        faults,
        finding,
        floors,
        notices,
        outage,
        stock,
        evidence,
        removals,
        reviews,
        signin,
        openid,
        passkeys,
        you,
        people,
        guests,
        screens,
        app_shell,
        channels,
        bench,
        about,
    ):
        router.routes += part.router.routes
    router.routes.append(Mount("/static", HouseFiles(directory=HERE / "static")))
    return router
