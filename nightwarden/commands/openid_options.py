"""Options for signing in through the provider that an organisation has: OpenID Connect."""

import click

from nightwarden.commands.options import Command, secret
from nightwarden.openid_settings import GROUPS, PREFIX, OpenIdSettings

_REST = ("client", "roles", "groups", "address")


def openid_options(command: Command) -> Command:
    """``--openid ISSUER`` and what it needs, passed on as ``openid: OpenIdSettings | None``."""

    def assembled(
        context: click.Context, _option: object, issuer: str | None
    ) -> OpenIdSettings | None:
        given = {PREFIX: issuer or "", f"{PREFIX}_SECRET": secret(f"{PREFIX}_SECRET") or ""}
        for name in _REST:
            given[f"{PREFIX}_{name.upper()}"] = context.params.pop(f"openid_{name}") or ""
        return OpenIdSettings.of(given)

    option = click.option(
        "--openid",
        envvar=PREFIX,
        metavar="ISSUER",
        callback=assembled,
        help=f"Sign in through this provider as well; its secret in {PREFIX}_SECRET[_FILE].",
    )
    command = option(command)
    for name, metavar, usual, text in (
        ("client", "ID", None, "The id by which the provider knows this monitor."),
        ("roles", "GROUP=ROLE;…", None, "Which group has which role; the first that fits counts."),
        ("groups", "CLAIM", GROUPS, "The claim that lists a person's groups."),
        ("address", "URL", None, "Where browsers find these pages, if a proxy hides it."),
    ):
        command = click.option(
            f"--openid-{name}",
            envvar=f"{PREFIX}_{name.upper()}",
            metavar=metavar,
            default=usual,
            is_eager=True,
            help=text,
        )(command)
    return command
