"""Who may sign in, and where each is signed in: the pages `/people` and `/you`, for programs."""

from typing import Annotated, Any

from anyio import from_thread
from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Actor, ReadTx, WriteTx, get_parts, requires
from api.nouns import noun_router
from api.paging import listed
from nightwarden.errors import Conflict, Invalid
from nightwarden.model.roles import Right, Role
from nightwarden.store import locks, passkeys, people, second_steps, sessions
from nightwarden.store.sessions import SignedIn, handle_of
from nightwarden.store.tables import User
from nightwarden.wire import rfc3339

router = noun_router("people")

Manager = Annotated[Actor, Depends(requires(Right.MANAGE))]
Seer = Annotated[Actor, Depends(requires(Right.SEE))]
Secret = Annotated[str, Field(min_length=1, max_length=200)]


class NewPerson(BaseModel):
    """Somebody who works here, with a first PIN or password, which they change themselves."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60)]
    role: Role
    secret: Secret


class NewSecret(BaseModel):
    """A new PIN or password."""

    model_config = ConfigDict(extra="forbid")

    secret: Secret


@router.get("/people")
def list_people(_manager: Manager, tx: ReadTx) -> dict[str, Any]:
    """Everybody who may sign in now, guests among them; never a secret."""
    keys = passkeys.counted(tx)
    return listed([_person(row, keys[row.name]) for row in people.everybody(tx)], None)


@router.post("/people", status_code=201)
def add(new: NewPerson, manager: Manager, tx: WriteTx) -> dict[str, Any]:
    """Let somebody sign in."""
    if new.role is Role.INTEGRATOR:
        raise Invalid("role: a program has a token and is no person; use another role.")
    return _person(people.add_user(tx, new.name, new.role, new.secret, manager.name))


@router.post("/people/{name}/unlock", status_code=204)
def unlock(name: str, manager: Manager, tx: WriteTx) -> None:
    """End a lock after wrong PINs; the PIN stays."""
    locks.unlock(tx, name, manager.name)


@router.post("/people/{name}/reset", status_code=204)
def reset(name: str, new: NewSecret, manager: Manager, tx: WriteTx, request: Request) -> None:
    """A new PIN or password; every session of the person ends."""
    people.reset_secret(tx, name, new.secret, manager.name)
    _streams_end(request)


@router.post("/people/{name}/second-step-off", status_code=204)
def second_step_off(name: str, manager: Manager, tx: WriteTx, request: Request) -> None:
    """For somebody whose phone is gone: no code, and none of their passkeys opens any more."""
    second_steps.phone_lost(tx, name, manager.name)
    _streams_end(request)


@router.post("/people/{name}/remove", status_code=204)
def remove(name: str, manager: Manager, tx: WriteTx, request: Request) -> None:
    """The person may no longer act; the record goes on naming them."""
    if name == manager.name:
        raise Conflict("Nobody removes themselves; another manager does.")
    people.remove_user(tx, name, manager.name)
    _streams_end(request)


@router.get("/sessions")
def list_sessions(actor: Seer, tx: ReadTx) -> dict[str, Any]:
    """The sessions in force: a manager is given everybody's, anybody else their own."""
    running = sessions.running(tx, _whose(actor))
    return listed([_session(one, actor) for one in running], None)


@router.post("/sessions/{session_id}/end", status_code=204)
def end_session(session_id: str, actor: Seer, tx: WriteTx, request: Request) -> None:
    """End a session of one's own; a manager ends anybody's."""
    sessions.end_one(tx, session_id, actor.name, _whose(actor))
    _streams_end(request)


def _whose(actor: Actor) -> str | None:
    return None if actor.may(Right.MANAGE) else actor.name


def _person(row: User, keys: int = 0) -> dict[str, Any]:
    return {
        "name": row.name,
        "role": row.role,
        "since": rfc3339(row.created_at),
        "guest_until": rfc3339(row.guest_until),
        "second_step": row.totp_secret is not None,
        "passkeys": keys,
        "locked_until": rfc3339(row.locked_until),
    }


def _session(one: SignedIn, actor: Actor) -> dict[str, Any]:
    session = one.session
    return {
        "id": handle_of(session),
        "person": one.user.name,
        "since": rfc3339(session.created_at),
        "seen_at": rfc3339(session.seen_at),
        "until": rfc3339(min(session.expires_at, one.idle_ends)),
        "device": session.place,
        "via": session.via,
        "browser": session.browser,
        "here": session.digest == actor.session,
    }


def _streams_end(request: Request) -> None:
    from_thread.run_sync(get_parts(request).hub.ask_again)
