"""``nightwarden backup FILE`` and ``restore FILE``: a copy of a running home, and the way back."""

import shutil
import sys
import tempfile
from pathlib import Path

import click

from nightwarden.clock import utc_now
from nightwarden.commands.apply import actor
from nightwarden.commands.options import data_option


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@data_option
def backup(file: Path, data: Path) -> None:
    """Copy the home into FILE (- is standard output), while its monitor runs.

    The store as it is at this instant, photos and certificates, with the digest of each. FILE
    must not be there yet. It holds names and keys: keep it as you keep the home's paper records.
    """
    from nightwarden.backups.making import make_backup

    now = utc_now()
    if str(file) == "-":
        with tempfile.TemporaryDirectory(prefix="nightwarden-backup-") as folder:
            made = Path(folder) / "backup.tar.gz"
            make_backup(data, made, now, actor())
            with made.open("rb") as opened:
                shutil.copyfileobj(opened, sys.stdout.buffer)
        return
    contents = make_backup(data, file, now, actor())
    size = file.stat().st_size
    click.echo(
        f"{contents.home or 'No home yet'}: {len(contents.files)} files in {file}, "
        f"{size / 1e6:.1f} MB, as of {now:%Y-%m-%d %H:%M:%S} UTC"
    )
    click.echo(f"Audit    {contents.audit_entries} entries, the head is {contents.audit_head}")


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@data_option
def restore(file: Path, data: Path) -> None:
    """Put the backup FILE (- is standard input) back; the monitor of --data must not run.

    All of it is checked first. What was in the data folder is kept in it, put aside.
    """
    from nightwarden.alone import alone
    from nightwarden.backups.restoring import restore_backup
    from nightwarden.commands.up import LOCK

    with alone(data, LOCK), tempfile.TemporaryDirectory(prefix="nightwarden-restore-") as folder:
        if str(file) == "-":
            file = Path(folder) / "standard input"
            with file.open("wb") as opened:
                shutil.copyfileobj(sys.stdin.buffer, opened)
        contents, put_aside = restore_backup(file, data, utc_now(), actor())
    made = f"{contents.made_at:%Y-%m-%d %H:%M:%S} UTC"
    click.echo(f"{contents.home or 'No home yet'}: {data} is as it was at {made}")
    if put_aside is not None:
        click.echo(f"What was there before is in {put_aside}")
    click.echo("Next     nightwarden check, then nightwarden up")
