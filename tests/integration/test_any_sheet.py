"""Whatever bytes come as a sheet, it is read or refused in a sentence; a preview never fails."""

from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightwarden.errors import Invalid
from nightwarden.homefile import plan
from nightwarden.homefile.reader import read_home_file
from nightwarden.importing import preview
from nightwarden.importing.columns import KINDS
from nightwarden.importing.preview import RowState
from nightwarden.importing.sheets import Sheet, packed, read_sheet, unpacked
from nightwarden.store.engine import Store, open_store
from tests.api_server import HOME, NIGHT

WORDS = st.sampled_from(
    [
        "",
        "-",
        "12",
        "13",
        "bed",
        "chair",
        "bed mat",
        "radiator",
        "MAT-0012",
        "M-2",
        "res-12",
        "Joan",
        "2026-01-31",
        "31/02/2026",
        "nightwarden",
        "mat-12",
        "in place",
        "quarantined",
        "=1+1",
        "12/",
    ]
)


@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_sheet_or_a_sentence(raw: bytes) -> None:
    for content in (raw, b"PK\x03\x04" + raw):
        with suppress(Invalid):
            sheet = read_sheet(content, "x.csv")
            assert unpacked(packed(sheet)) == sheet


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(open_store(tmp_path_factory.mktemp("any") / "nightwarden.db")) as store:
        with store.transaction(NIGHT) as tx:
            plan.apply(tx, read_home_file(HOME.encode(), "test home", NIGHT), "test")
        yield store


@pytest.mark.parametrize("of", list(KINDS))
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_any_rows_have_a_preview_that_is_what_is_done(
    store: Store, of: str, data: st.DataObject
) -> None:
    kind = KINDS[of]
    names = [column.name for column in kind.columns]
    header = data.draw(st.permutations(names).map(lambda all_of: tuple(all_of[:6])))
    header = tuple(dict.fromkeys((kind.key, *kind.inner_key, *header)))
    cells = st.tuples(*(WORDS | st.text(max_size=8) for _ in header))
    rows = tuple(enumerate(data.draw(st.lists(cells, min_size=1, max_size=5)), 2))
    sheet = Sheet("any.csv", header, rows)
    with store.transaction(NIGHT) as tx:
        seen = preview.preview(tx, kind, sheet)
        done = preview.apply(tx, kind, sheet, "Mia", mark=seen.mark, skip_unreadable=True)
        assert done.rows == seen.rows
        again = preview.preview(tx, kind, sheet)
        readable = {row.number for row in seen.rows if row.state is not RowState.UNREADABLE}
        assert not again.lines, "what was applied is so"
        assert readable <= {row.number for row in again.rows if not row.problems}
        tx.rollback()
