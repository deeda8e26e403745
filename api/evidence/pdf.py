"""The pack as a PDF, set by Typst from its wheel: nothing is fetched and nothing else installed."""

import json
from pathlib import Path
from typing import Any

import typst

from api.evidence.sections import Pack, Section, text

TEMPLATE = Path(__file__).with_name("evidence.typ")
LONGEST_TABLE = 800
"""Lines of one list in print. A longer one says how many more its CSV has; gaps are never cut."""
TAGGED = 1000
"""Up to so many lines the PDF is tagged, for screen readers; a large one would be twenty times its
size, too much for a letter, and its CSV says the same."""


def as_pdf(pack: Pack) -> bytes:
    """Set the pack; the same pack gives the same bytes."""
    content = _as_json(pack)
    lines = sum(len(section["rows"]) for section in content["sections"])
    return typst.compile(
        TEMPLATE.read_bytes(),
        sys_inputs={"pack": json.dumps(content, ensure_ascii=False)},
        ignore_system_fonts=True,
        timestamp=0,
        pdf_tags=lines <= TAGGED,
    )


def _as_json(pack: Pack) -> dict[str, Any]:
    return {
        "home": pack.home,
        "subject": pack.subject,
        "since": pack.since.isoformat(),
        "until": pack.until.isoformat(),
        "made_at": pack.made_at,
        "made_by": pack.made_by,
        "zone": pack.zone,
        "entries": pack.entries,
        "head": pack.head,
        "intact": pack.intact,
        "broken": pack.broken or "",
        "sections": [_section(section) for section in pack.sections],
    }


def _section(section: Section) -> dict[str, Any]:
    most = len(section.rows) if section.name == "gaps" else LONGEST_TABLE
    shown = section.rows[:most]
    is_red = section.red or (lambda _row: False)
    return {
        "name": section.name,
        "title": section.title,
        "says": section.says,
        "columns": section.columns,
        "weights": section.weights,
        "rows": [
            {"red": bool(is_red(row)), "cells": [text(value) for value in row]} for row in shown
        ],
        "more": len(section.rows) - len(shown),
        "charts": [
            {
                "title": chart.title,
                "bars": [
                    {"label": bar.label, "share": bar.share, "figure": bar.figure}
                    for bar in chart.bars
                ],
            }
            for chart in section.charts
        ],
    }
