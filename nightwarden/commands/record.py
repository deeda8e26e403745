"""``nightwarden record FILE``: what a broker hands over, as a file that can be played again."""

from contextlib import closing
from pathlib import Path

import click

from nightwarden.broker_url import BrokerUrl
from nightwarden.clock import utc_now
from nightwarden.commands.options import broker_options, store_file
from nightwarden.commands.simulate import parse_duration, stop_on_signals
from nightwarden.errors import Invalid
from nightwarden.recording.names import Pseudonyms, pseudonyms

EVERYTHING = ("#",)


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@broker_options()
@click.option(
    "--topic",
    "topics",
    multiple=True,
    metavar="FILTER",
    envvar="NIGHTWARDEN_TOPIC",
    help="An MQTT topic filter, such as zigbee2mqtt/#; may be given again. Default: all.",
)
@click.option(
    "--for",
    "duration",
    metavar="DURATION",
    help="How long: 90s, 10m, 8h. Default: until Ctrl-C.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="NIGHTWARDEN_DATA",
    metavar="DIR",
    help="Where the store is: residents' names in its register are replaced in the recording.",
)
def record(
    file: Path,
    broker: str,
    broker_ca: Path | None,
    topics: tuple[str, ...],
    duration: str | None,
    data: Path | None,
) -> None:
    """Record the MQTT traffic of a home into FILE (packed when it ends in .gz); Ctrl-C ends it.

    The home does not notice. An existing recording is gone on with. Alerts are kept without names;
    with --data, residents' names are replaced in everything else that is said.
    """
    from nightwarden.recording.lines import RecordingFile
    from nightwarden.recording.recorder import Recorder, Wanted, without_covered

    for one in topics:
        check_filter(one)
    names = None if data is None else _names(data)
    length = None if duration is None else parse_duration(duration)
    filters = without_covered(topics or EVERYTHING)
    wanted = Wanted(BrokerUrl.parse(broker, broker_ca), filters, length)
    recorder = Recorder(wanted, names, utc_now, lambda line: click.echo(line, err=True))
    stop = stop_on_signals()
    recorder.connect()
    with RecordingFile(file) as sink:
        click.echo(f"Recording {', '.join(filters)} into {file}; Ctrl-C ends it.", err=True)
        recorder.run(sink, stop)
    for line in recorder.tally.lines(recorder.names):
        click.echo(line)


def check_filter(text: str) -> None:
    """See that this is an MQTT topic filter.

    Raises:
        Invalid: it is not.
    """
    levels = text.split("/")
    wild = [level for level in levels if set(level) & {"+", "#"}]
    misplaced = any(level not in ("+", "#") for level in wild) or "#" in levels[:-1]
    if not text or "\0" in text or misplaced:
        raise Invalid(
            f'"{text}" is not a topic filter; write one such as zigbee2mqtt/# or shellies/+/info.'
        )


def _names(data: Path) -> Pseudonyms:
    """Pseudonyms for everybody who is or was in the register of this store."""
    from nightwarden.store import register
    from nightwarden.store.engine import open_store

    path = store_file(data)
    if not path.exists():
        raise Invalid(f"--data {data} holds no store; name the directory that `up` was given.")
    with closing(open_store(path)) as store, store.reading(utc_now()) as tx:
        return pseudonyms(register.every_name_shown(tx))
