"""What databases export as tables, RIS and tabbed text: one synthetic file each in its database's form."""

from __future__ import annotations

import pytest

from clean.exported import CORPUS, extras, read

#: File, dialect, key, database, place of publication, number of keywords.
FORMS = [
    ("cochrane.csv", "Cochrane CSV", "cochrane:CD990001", None, "Cochrane Database of Systematic Reviews", 2),
    ("cochrane.ris", "Cochrane RIS", "cochrane:CN-09900001", None, "Journal of synthetic examples", 1),
    ("dimensions.tsv", "Dimensions CSV", "dimensions:pub.1", "Dimensions", "Journal of Synthetic Examples", 0),
    ("ebsco-cinahl.ris", "EBSCO RIS", "cinahl:990000041", "CINAHL", "Journal of Synthetic Nursing", 2),
    ("ebsco.csv", "EBSCO CSV", "ebsco:990000041", None, "Journal of Synthetic Nursing", 2),
    ("ieee.csv", "IEEE CSV", None, "IEEE Xplore", "2019 Conference of Synthetic Examples", 3),
    ("lens.csv", "Lens CSV", "lens:000-000-000-000-019", "The Lens", "Journal of Synthetic Examples", 4),
]


@pytest.mark.parametrize(("name", "dialect", "key", "database", "container", "n_subjects"), FORMS)
def test_form_is_read(
    name: str, dialect: str, key: str | None, database: str | None, container: str, n_subjects: int
) -> None:
    rows = read(CORPUS / name)
    (record,) = rows["record"]
    assert rows["defect"] == []
    assert extras(record)[0] == ("export_dialect", dialect)
    assert record["source_key"] == key or key is None
    assert record["instances"][0]["collected_from"] == database
    assert record["container"]["name"] == container
    assert record["title"].startswith("A synthetic ")
    assert [author["family_name"] for author in record["authors"]] == ["Example", "Sample"]
    assert record["pids"][0]["value"].startswith("10.5555/synthetic.")
    assert record["descriptions"] == ["A synthetic abstract."]
    assert len(record["subjects"]) == n_subjects
    assert record["published_on"]
