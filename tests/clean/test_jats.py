from __future__ import annotations

import gzip
import resource
import time
from collections import Counter
from pathlib import Path
from typing import Any

from lxml import etree

from evigraph.clean.jats import stream as jats_stream
from evigraph.clean.jats.crosswalk import crosswalk, europepmc_crosswalk
from evigraph.model.tables import TABLES

CORPUS = Path(__file__).parents[1] / "corpus" / "jats"
Rows = dict[str, list[dict[str, Any]]]


def read(path: Path) -> Rows:
    found: Rows = {"record": [], "reference": [], "link": [], "defect": []}
    for name, batch in crosswalk(str(path)):
        assert batch.schema.equals(TABLES[name].schema)
        batch.validate(full=True)
        found[name].extend(batch.to_pylist())
    return found


def codes(rows: Rows) -> list[tuple[int, str, bool]]:
    return [(defect["position"], defect["code"], defect["is_record_lost"]) for defect in rows["defect"]]


def article(doi: str, title: str = "Synthetic", rest: str = "") -> str:
    return (
        f'<article><front><article-meta><article-id pub-id-type="doi">{doi}</article-id><title-group>'
        f"<article-title>{title}</article-title></title-group>{rest}</article-meta></front></article>"
    )


def test_the_front_matter_is_the_record() -> None:
    rows = read(CORPUS / "every-field.xml")
    (record,) = rows["record"]
    assert rows["defect"] == []
    assert record["record_id"] == "jats:PMC1234567"
    assert [f"{pid['scheme']}:{pid['value']}" for pid in record["pids"]] == [
        "pmc:PMC1234567",
        "pmid:7654321",
        "doi:10.5555/jats.1",
    ]
    assert [pid["scheme"] for pid in record["alternate_ids"]] == ["publisher", "pmcaid"]
    assert (record["title"], record["subtitle"]) == ("Synthetic H2O at p<0.05", "a full article")
    assert record["alternative_titles"] == ["Künstliches Wasser"]
    assert record["descriptions"] == ["Background: Why.\nResults: What, p<0.05.", "In short."]
    assert (record["published_on"], record["language"], record["is_retracted"]) == ("2020-03-09", "eng", True)
    assert [(s["scheme"], s["value"]) for s in record["subjects"]] == [
        ("keyword", "water"),
        ("keyword", "E. coli"),
        ("discipline", "Cells"),
    ]
    container = {name: value for name, value in record["container"].items() if value}
    assert container == {
        "name": "Journal of Examples",
        "abbreviated_name": "J Ex",
        "issn_print": "0317-8471",
        "issn_online": "2434-561X",
        "volume": "7",
        "issue": "2",
        "first_page": "e12",
    }
    assert [(f["funder_name"], f["funder_id"], f["award"]) for f in record["funding"]] == [
        ("Example Fund", "https://doi.org/10.13039/100010663", "A-1"),
        ("Example Fund", "https://doi.org/10.13039/100010663", "A-2"),
    ]
    (instance,) = record["instances"]
    assert (instance["access_right"], instance["license"]) == ("c_abf2", "CC BY 4.0")
    assert instance["urls"] == [
        "https://doi.org/10.5555/jats.1",
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC1234567/",
    ]
    kept = {extra["name"]: extra["value"] for extra in record["extras"]}
    assert kept["contrib.editor"] == "Eve Editor" and kept["history.received"] == "2019-02-01"
    assert kept["kwd-group.abbreviations"] == "H2O: water" and kept["alt-title.running-head"] == "WATER"
    assert kept["article-type"] == "research-article" and kept["counts.page-count"] == "5"


def test_people_with_the_affiliations_that_they_name_or_point_to() -> None:
    (record,) = read(CORPUS / "every-field.xml")["record"]
    found = [(a["full_name"], a["orcid"], a["is_group"], a["affiliations"]) for a in record["authors"]]
    assert found == [
        (
            "Ada Example Jr",
            "0000-0002-1825-0097",
            False,
            [
                {"name": "University of Examples, Ljubljana", "ror_id": "https://ror.org/05etxs293"},
                {"name": "Second Place, Nowhere", "ror_id": None},
            ],
        ),
        ("Bob Second", None, False, [{"name": "Own Institute", "ror_id": None}]),
        ("The Example Group", None, True, []),
    ]


def test_the_reference_list_and_not_the_body_gives_the_references() -> None:
    references = read(CORPUS / "every-field.xml")["reference"]
    found = [([f"{p['scheme']}:{p['value']}" for p in r["pids"]], r["text"]) for r in references]
    assert found == [
        (["doi:10.5555/ref.1", "pmid:111"], "Old A. Words. J. 1999;1. doi:10.5555/REF.1 111"),
        (["pmc:PMC222"], "Data D (2001) No punctuation, J Data, 3, 4"),
        ([], "First part."),
        (["doi:10.5555/ref.3"], "Second part, here."),
        ([], "(2005), Once"),
        ([], "A note without citation."),
    ]


def test_related_articles_are_links() -> None:
    links = read(CORPUS / "every-field.xml")["link"]
    assert [(link["relation"], link["value"], link["note"]) for link in links] == [
        ("IsObsoletedBy", "10.5555/notice", "retraction-forward"),
        ("IsRelatedTo", "10.5555/companion", "companion"),
    ]


def test_of_a_set_each_broken_article_costs_itself() -> None:
    rows = read(CORPUS / "set-with-broken-ones.xml")
    assert [(record["position"], record["title"]) for record in rows["record"]] == [
        (0, "Prefix declared outside s1"),
        (2, "Named \u2014 dash & sign s3"),
        (7, "Synthetic article s8"),
    ]
    assert codes(rows) == [
        (1, "xml_syntax", True),
        (3, "xml_entities", True),
        (4, "no_identifier", True),
        (5, "no_front_matter", True),
        (6, "no_title", True),
    ]


def test_dates_and_licences() -> None:
    records = read(CORPUS / "dates-and-licences.xml")["record"]
    found = [(r["published_on"], r["instances"][0]["license"], r["instances"][0]["access_right"]) for r in records]
    assert found == [("2001", "CC BY", "c_abf2"), ("2019-04", None, "c_abf2"), (None, None, None)]
    assert {extra["name"] for extra in records[2]["extras"]} >= {"pub-date.pmc-release", "copyright-statement"}


def test_a_file_that_is_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    rows = read(CORPUS / "cut-off.xml")
    assert len(rows["record"]) == 1 and codes(rows) == [(1, "xml_truncated", True)]
    packed = gzip.compress((CORPUS / "every-field.xml").read_bytes() * 40)
    (tmp_path / "cut.xml.gz").write_bytes(packed[: len(packed) // 2])
    rows = read(tmp_path / "cut.xml.gz")
    assert {code for _, code, _ in codes(rows)} >= {"gzip_truncated"}


def test_entities_are_never_expanded_and_nothing_is_opened() -> None:
    started = time.monotonic()
    rows = read(CORPUS / "entity-bomb.xml")
    assert codes(rows) == [(0, "xml_entities", True)] and not rows["record"]
    assert time.monotonic() - started < 2


def test_bytes_that_are_no_characters_are_replaced() -> None:
    rows = read(CORPUS / "invalid-characters.xml")
    assert codes(rows) == [(0, "invalid_characters", False)]
    assert rows["record"][0]["title"].startswith("A b\ufffdll and")


def test_what_is_no_jats_says_so(tmp_path: Path) -> None:
    for name, content, code in (
        ("empty.xml", b"", "empty_file"),
        ("page.html", b"<html><body>no</body></html>", "wrong_file_type"),
        ("other.xml", b"<records><record/></records>", "wrong_file_type"),
        ("data.json", b'{"a": 1}', "wrong_file_type"),
    ):
        (tmp_path / name).write_bytes(content)
        assert codes(read(tmp_path / name)) == [(-1, code, True)]


def test_utf_16_is_read(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?>' + article("10.5555/wide", "Škrat in smreka")
    (tmp_path / "wide.xml").write_bytes(text.encode("utf-16"))
    rows = read(tmp_path / "wide.xml")
    assert [record["title"] for record in rows["record"]] == ["Škrat in smreka"]


def test_hostile_nesting_and_size_cost_their_article(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(jats_stream, "MAX_ARTICLE_BYTES", 2_000_000)
    deep = article("10.5555/deep", rest="<a>" * 100_000 + "</a>" * 100_000)
    long = article("10.5555/long", rest=f"<abstract><p>{'x' * 5_000_000}</p></abstract>")
    path = tmp_path / "hostile.xml"
    path.write_text(f"<articles>{article('10.5555/1')}{deep}{long}{article('10.5555/2')}</articles>")
    started = time.monotonic()
    rows = read(path)
    assert [record["source_key"] for record in rows["record"]] == ["10.5555/1", "10.5555/2"]
    assert codes(rows) == [(1, "xml_syntax", True), (2, "record_too_large", True)]
    assert time.monotonic() - started < 5


def test_memory_is_that_of_an_article_not_of_the_file(tmp_path: Path) -> None:
    one = (CORPUS / "every-field.xml").read_text("utf-8").split("\n", 2)[2]
    with gzip.open(tmp_path / "many.xml.gz", "wt", compresslevel=1) as file:
        file.write("<articles>")
        for number in range(1_500):
            file.write(one.replace("PMC1234567", f"PMC{number + 1}"))
        file.write("</articles>")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    n_records = sum(batch.num_rows for name, batch in crosswalk(str(tmp_path / "many.xml.gz")) if name == "record")
    assert n_records == 1_500
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_articles_of_europe_pmc_are_its_records() -> None:
    records = [
        record
        for name, batch in europepmc_crosswalk(str(CORPUS / "every-field.xml"))
        if name == "record"
        for record in batch.to_pylist()
    ]
    assert records[0]["record_id"] == "europepmc:PMC1234567"
    assert records[0]["instances"][0]["collected_from"] == "Europe PMC"


def test_every_real_article_is_read_with_all_its_references(shared_data: Path) -> None:
    paths = sorted((shared_data / "jats").iterdir())
    assert len(paths) == 12
    for path in paths:
        with gzip.open(path) as file:
            tree = etree.parse(file, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        n_references = len(tree.findall(".//ref-list//ref"))
        n_authors = len(tree.findall(".//article-meta/contrib-group/contrib[@contrib-type='author']"))
        rows = read(path)
        with_pid = sum(bool(reference["pids"]) for reference in rows["reference"])
        print(
            f"\n{path.name}: {len(rows['record'])} record, {len(rows['reference'])} of {n_references} references "
            f"({with_pid} with an identifier), {len(rows['link'])} links, "
            f"defects {dict(Counter(d['code'] for d in rows['defect']))}"
        )
        (record,) = rows["record"]
        assert rows["defect"] == [] and len(rows["reference"]) == n_references
        assert len(record["authors"]) == n_authors
        assert record["descriptions"] and record["published_on"] and record["container"]["issn_online"]
        shown = [record["title"], *record["descriptions"], *(r["text"] or "" for r in rows["reference"])]
        assert not [text for text in shown if "</" in text]
