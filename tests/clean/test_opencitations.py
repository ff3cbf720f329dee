from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evigraph.clean.archive import batches_of
from evigraph.clean.opencitations.crosswalk import crosswalk, pages
from evigraph.model.tables import TABLES

CORPUS = Path(__file__).parents[1] / "corpus" / "opencitations"
Rows = dict[str, list[dict[str, Any]]]


def read(path: Path) -> Rows:
    found: Rows = {"record": [], "stated_citation": [], "defect": []}
    for name, batch in batches_of(crosswalk, "opencitations", str(path)):
        assert batch.schema.equals(TABLES[name].schema)
        batch.validate(full=True)
        found[name].extend(batch.to_pylist())
    return found


def codes(rows: Rows) -> list[tuple[int, str, bool]]:
    return [(defect["position"], defect["code"], defect["is_record_lost"]) for defect in rows["defect"]]


def test_every_field_of_meta() -> None:
    rows = read(CORPUS / "meta-every-field.csv")
    first, second, third = rows["record"]
    assert rows["defect"] == []
    assert (first["record_id"], first["title"]) == ("opencitations:br/0612", "A synthetic title & more")
    assert [f"{pid['scheme']}:{pid['value']}" for pid in first["pids"]] == [
        "doi:10.5555/oc.1",
        "pmid:77",
        "openalex:W99",
        "omid:br/0612",
    ]
    assert first["alternate_ids"] == [{"scheme": "isbn", "value": "9783161484100"}]
    assert [(a["full_name"], a["family_name"], a["orcid"], a["is_group"]) for a in first["authors"]] == [
        ("Ada Example", "Example", "0000-0002-1825-0097", False),
        ("The Example Group", None, None, True),
        ("Lonely", "Lonely", None, False),
    ]
    assert (first["published_on"], first["publisher"]) == ("2022-07", "Example Press")
    container = {name: value for name, value in first["container"].items() if value}
    assert container == {
        "name": "Journal of Examples",
        "volume": "7",
        "issue": "2",
        "first_page": "209-1",
        "last_page": "209-16",
    }
    assert [(extra["name"], extra["value"]) for extra in first["extras"]] == [
        ("venue.issn", "0317-8471"),
        ("venue.issn", "2434-561X"),
        ("venue.omid", "br/0699"),
        ("publisher.crossref", "78"),
        ("publisher.omid", "ra/063"),
        ("editor", "Eve Editor"),
        ("type", "journal article"),
    ]
    assert [r["instances"][0]["resource_type"] for r in rows["record"]] == [
        "Article",
        "Part of book or chapter of book",
        "Preprint",
    ]
    assert (second["source_key"], third["source_key"]) == ("10.5555/oc.2", "br/0613")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("303-307", ("303", "307")),
        ("209-1-209-16", ("209-1", "209-16")),
        ("1121-1133-1", ("1121", "1133-1")),
        ("e12", ("e12", None)),
        ("", (None, None)),
        ("-", (None, None)),
    ],
)
def test_pages(stated: str, expected: tuple[str | None, str | None]) -> None:
    assert pages(stated) == expected


def test_a_broken_row_costs_itself() -> None:
    rows = read(CORPUS / "meta-broken-rows.csv")
    assert [record["title"] for record in rows["record"]] == [
        "Good before",
        "Good between",
        "A title over two lines",
        "Good after",
    ]
    assert codes(rows) == [
        (1, "csv_columns", True),
        (3, "csv_columns", True),
        (4, "no_identifier", True),
        (5, "no_title", True),
        (7, "repeated_record", True),
    ]


def test_the_index_states_citations_between_all_identifiers_of_both_ends() -> None:
    rows = read(CORPUS / "index-of-omids.csv")
    first, second = rows["stated_citation"]
    assert first == {
        "source": "opencitations",
        "payload": "index-of-omids.csv",
        "position": 0,
        "citing": [{"scheme": "omid", "value": "br/0612"}],
        "cited": [{"scheme": "omid", "value": "br/0613"}],
        "statement_id": "0612-0613",
        "note": "creation=2022-07; timespan=P1Y; journal_sc=no; author_sc=yes",
    }
    assert [f"{pid['scheme']}:{pid['value']}" for pid in second["citing"]] == [
        "omid:br/0612",
        "doi:10.5555/oc.1",
        "pmid:77",
    ]
    assert codes(rows) == [(2, "citation_incomplete", True)]


def test_the_oldest_index_has_bare_dois() -> None:
    rows = read(CORPUS / "index-of-bare-dois.csv")
    (citation,) = rows["stated_citation"]
    assert citation["citing"] == [{"scheme": "doi", "value": "10.5555/old.1"}]
    assert citation["cited"] == [{"scheme": "doi", "value": "10.5555/old:2"}]
    # The other row cites the example of the DOI Handbook.
    assert codes(rows) == [(1, "citation_incomplete", True)]


def test_what_is_no_table_of_opencitations_says_so(tmp_path: Path) -> None:
    for name, content, code in (
        ("empty.csv", b"", "empty_file"),
        ("page.csv", b"<html><body>Log in</body></html>", "wrong_file_type"),
        ("other.csv", b"a,b\n1,2\n", "wrong_file_type"),
    ):
        (tmp_path / name).write_bytes(content)
        rows = read(tmp_path / name)
        assert codes(rows) == [(-1, code, True)]
        assert name in rows["defect"][0]["message"]


def test_plain_gzipped_and_zipped_give_the_same(tmp_path: Path) -> None:
    content = (CORPUS / "meta-every-field.csv").read_bytes()
    (tmp_path / "meta.csv").write_bytes(content)
    (tmp_path / "meta.csv.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "meta.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("csv/0.csv", content)
    plain, gzipped, zipped = (read(tmp_path / name)["record"] for name in ("meta.csv", "meta.csv.gz", "meta.zip"))
    for record in (*plain, *gzipped, *zipped):
        record.pop("payload")
    assert plain == gzipped == zipped


def test_every_real_row_is_a_record(shared_data: Path) -> None:
    for path in sorted((shared_data / "opencitations").iterdir()):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            n_rows = sum(1 for _ in csv.DictReader(io.StringIO(file.read())))
        rows = read(path)
        counts = dict(Counter(defect["code"] for defect in rows["defect"]))
        print(f"\n{path.name}: {n_rows} in, {len(rows['record'])} records, defects {counts}")
        assert n_rows and len(rows["record"]) == n_rows and not rows["defect"]
