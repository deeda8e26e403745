"""The pack as CSV files in one archive, whole lists, with a page that says what they are."""

import io
import zipfile

from api.evidence.sections import Pack
from nightwarden import spreadsheet


def as_zip(pack: Pack) -> bytes:
    """A ZIP archive with ``README.txt`` and one CSV a list."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_member("README.txt"), _guide(pack))
        for section in pack.sections:
            lines = spreadsheet.lines(section.columns, section.rows)
            archive.writestr(_member(f"{section.name}.csv"), "".join(lines).encode())
    return kept.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    """Without the time of day: the same pack gives the same bytes."""
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _guide(pack: Pack) -> bytes:
    lines = [
        f"{pack.home}: evidence, {pack.since} to {pack.until}",
        pack.subject,
        f"Made {pack.made_at} by {pack.made_by}; times are those of {pack.zone}.",
        f"Audit: {pack.entries} entries, the hash of the last is {pack.head}",
        "" if pack.intact else f"THE AUDIT IS BROKEN: {pack.broken}",
        "",
    ]
    for section in pack.sections:
        lines += [f"{section.name}.csv ({len(section.rows)} lines): {section.title}"]
        lines += [f"    {line}" for line in section.says]
    return "\r\n".join(lines).encode()
