"""``nightwarden hazards``: prints the hazard log."""

import click


@click.command()
def hazards() -> None:
    """Print the hazard log (docs/hazard-log.md): each known hazard, what is done, what remains.

    It is made from the catalogue of hazards, the scenarios and what they showed when they were last
    proved. No clinical safety officer has signed it.
    """
    from nightwarden.hazards.page import page

    click.echo(page(), nl=False)
