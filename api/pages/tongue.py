"""The switch of language: a person's own, on whatever they sign in; else that of this device."""

from fastapi import APIRouter, Request, Response

from api.deps import Actor, Now, get_parts, require_same_origin, set_choice_cookie
from api.pages.asking import Filled, PageRoute
from api.pages.drawing import back_to
from api.pages.surroundings import Anybody
from api.reader import DEVICE_COOKIE, PERSON_COOKIE
from nightwarden.errors import Invalid
from nightwarden.languages import LANGUAGES
from nightwarden.store import people
from nightwarden.store.tables import User

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/language")
def choose_language(request: Request, form: Filled, viewer: Anybody, now: Now) -> Response:
    """Read in this language from now on."""
    require_same_origin(request)
    chosen = form.get("language", "")
    if chosen not in LANGUAGES:
        raise Invalid(f"Choose one of these languages: {', '.join(LANGUAGES.values())}.")
    answer = back_to(form.get("goes_to", "/"))
    if isinstance(viewer, Actor):
        with get_parts(request).store.transaction(now) as tx:
            people.choose_language(tx, viewer.name, chosen)
        set_choice_cookie(request, answer, PERSON_COOKIE, chosen)
    else:
        set_choice_cookie(request, answer, DEVICE_COOKIE, chosen)
    return answer


def speak_as_chosen(request: Request, answer: Response, user: User) -> None:
    """Whoever signs in reads in the language they chose; who chose none, in that of the device."""
    if user.language is None:
        forget_reader(answer)
    else:
        set_choice_cookie(request, answer, PERSON_COOKIE, user.language)


def forget_reader(answer: Response) -> None:
    """Whoever read here has gone: the device speaks its own language again."""
    answer.delete_cookie(PERSON_COOKIE)
