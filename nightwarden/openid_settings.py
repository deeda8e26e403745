"""What the home says of its OpenID Connect provider; nothing is asked of one that is not named."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from nightwarden.errors import Invalid
from nightwarden.model.roles import Role
from nightwarden.web_address import checked

PREFIX = "NIGHTWARDEN_OPENID"
GROUPS = "groups"


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """One provider. ``roles``: group to role, the first that fits counts.

    ``address`` is where browsers find our pages, when that is not what they ask us by (behind a
    proxy that does not say so).
    """

    issuer: str
    client: str
    secret: str
    roles: tuple[tuple[str, Role], ...]
    groups_claim: str = GROUPS
    address: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "OpenIdSettings | None":
        """The settings in ``given``, by the names of the environment; None: no provider.

        Raises:
            Invalid: something is missing or is not as it should be, in one sentence.
        """
        issuer = given.get(PREFIX)
        if not issuer:
            return None
        if urlsplit(checked(issuer, "--openid")).scheme != "https" and not _here(issuer):
            raise Invalid("--openid has to be https; over http anybody could say who somebody is.")
        client, secret = given.get(f"{PREFIX}_CLIENT", ""), given.get(f"{PREFIX}_SECRET", "")
        if not client or not secret:
            raise Invalid(
                "--openid needs --openid-client and the client's secret in "
                f"{PREFIX}_SECRET or {PREFIX}_SECRET_FILE."
            )
        address = given.get(f"{PREFIX}_ADDRESS") or None
        return cls(
            issuer.rstrip("/") if issuer.count("/") == 3 else issuer,
            client,
            secret,
            read_roles(given.get(f"{PREFIX}_ROLES", "")),
            given.get(f"{PREFIX}_GROUPS") or GROUPS,
            None if address is None else checked(address, "--openid-address").rstrip("/"),
        )

    def environment(self) -> dict[str, str]:
        """For the api's process: the secret must not stand among its arguments."""
        return {
            PREFIX: self.issuer,
            f"{PREFIX}_CLIENT": self.client,
            f"{PREFIX}_SECRET": self.secret,
            f"{PREFIX}_ROLES": ";".join(f"{group}={role}" for group, role in self.roles),
            f"{PREFIX}_GROUPS": self.groups_claim,
            f"{PREFIX}_ADDRESS": self.address or "",
        }

    def role_of(self, groups: object) -> Role | None:
        """The role that the provider's groups give; None: none, and so no way in."""
        theirs = groups if isinstance(groups, list) else [groups]
        return next((role for group, role in self.roles if group in theirs), None)


def read_roles(text: str) -> tuple[tuple[str, Role], ...]:
    """Read ``GROUP=ROLE;GROUP=ROLE``. A group may hold = and commas, as a directory's names do.

    Raises:
        Invalid: there is none, or a role that people do not have.
    """
    known = [role.value for role in Role if role is not Role.INTEGRATOR]
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        group, _, role = part.rpartition("=")
        if not group.strip() or role.strip() not in known:
            raise Invalid(
                f'--openid-roles "{part}" is not GROUP=ROLE; the roles are {", ".join(known)}.'
            )
        found.append((group.strip(), Role(role.strip())))
    if not found:
        raise Invalid("--openid needs --openid-roles GROUP=ROLE;GROUP=ROLE: who may what.")
    return tuple(found)


def _here(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
