"""The crosswalk from PubMed's XML, on synthetic payloads each named after the oddity it shows."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
from pathlib import Path
from typing import Any

import pytest

from evigraph.clean.pubmed import crosswalk as pubmed
from evigraph.clean.pubmed import stream as pubmed_stream
from evigraph.clean.pubmed.fields import pages_from_text
from evigraph.clean.pubmed.references import RELATIONS
from evigraph.clean.relations import RELATIONS as DATACITE
from evigraph.model.tables import TABLES

CORPUS = Path(__file__).parents[1] / "corpus" / "pubmed"
Told = dict[str, list[dict[str, Any]]]


def told_by(path: Path) -> Told:
    """All rows of a payload by table; every batch has its table's schema."""
    told: Told = {name: [] for name in ("record", "reference", "link", "defect")}
    for name, batch in pubmed.crosswalk(str(path)):
        assert batch.schema.equals(TABLES[name].schema)
        told[name] += batch.to_pylist()
    return told


def corpus(name: str) -> Told:
    return told_by(CORPUS / f"{name}.xml")


def extras(record: dict[str, Any], name: str) -> list[str]:
    return [extra["value"] for extra in record["extras"] if extra["name"] == name]


def defects(told: Told) -> list[tuple[int, str, bool]]:
    return [(row["position"], row["code"], row["is_record_lost"]) for row in told["defect"]]


def article(pmid: int, title: str = "A synthetic record") -> str:
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><ArticleTitle>{title}</ArticleTitle>'
        "</Article></MedlineCitation></PubmedArticle>\n"
    )


def payload(*articles: str) -> bytes:
    return f"<PubmedArticleSet>\n{''.join(articles)}</PubmedArticleSet>\n".encode()


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    told = corpus("everything")
    assert not told["defect"]
    (record,) = told["record"]
    return record


class TestEverything:
    def test_identity(self, record: dict[str, Any]) -> None:
        assert record["record_id"] == "pubmed:90000001"
        assert (record["source"], record["payload"], record["position"]) == ("pubmed", "everything.xml", 0)
        assert record["datestamp"] == "2021-06-07"
        assert record["pids"] == [
            {"scheme": "pmid", "value": "90000001"},
            {"scheme": "doi", "value": "10.5555/synth.1"},
            {"scheme": "pmc", "value": "PMC9900001"},
        ]
        assert extras(record, "ArticleId.pii") == ["S0000-0000(20)00001-1"]
        assert extras(record, "ELocationID.pii") == []

    def test_text_keeps_its_meaning(self, record: dict[str, Any]) -> None:
        assert record["title"] == "Growth of Synthetica exempli at H2O activities < 0.9: 10^6 cells"
        assert record["descriptions"] == ["BACKGROUND: A synthetic background.\nRESULTS: It held that p<0.05 & n = 3."]

    def test_authors(self, record: dict[str, Any]) -> None:
        ana, sample, group = record["authors"]
        assert (ana["full_name"], ana["family_name"], ana["orcid"]) == (
            "Ana María Exempli",
            "Exempli",
            "0000-0002-1825-0097",
        )
        assert ana["affiliations"] == [
            {"name": "Institute of Examples, Nowhere.", "ror_id": "https://ror.org/03yrm5c26"},
            {"name": "School of Samples, Elsewhere.", "ror_id": None},
        ]
        assert sample["full_name"] == "P van Sample Jr"
        assert (group["full_name"], group["is_group"], group["family_name"]) == ("Synthetic Study Group", True, None)
        assert [author["rank"] for author in record["authors"]] == [1, 2, 3]

    def test_journal_date_is_the_issues(self, record: dict[str, Any]) -> None:
        assert (record["published_on"], record["year"]) == ("2020-02-24", 2020)
        assert extras(record, "ArticleDate") == ["2019-12-30"]
        assert record["container"] == {
            "name": "Journal of synthetic records : JSR",
            "abbreviated_name": "J Synth Rec",
            "issn_print": None,
            "issn_online": "2049-3630",
            "issn_linking": "0317-8471",
            "volume": "12",
            "issue": "Suppl 3",
            "first_page": "512",
            "last_page": "518",
            "edition": None,
            "conference_place": None,
            "conference_on": None,
        }

    def test_subjects_are_plain_and_qualifiers_kept(self, record: dict[str, Any]) -> None:
        assert [(s["scheme"], s["value"], s["term_id"]) for s in record["subjects"]] == [
            ("mesh", "Humans", "D006801"),
            ("mesh", "Water", "D014867"),
            ("keyword", "peer support", None),
            ("keyword", "in silico growth", None),
        ]
        assert extras(record, "MeshHeadingList") == ["Humans; Water/*metabolism/physiology"]

    def test_instance_claims_nothing_that_pubmed_does_not_say(self, record: dict[str, Any]) -> None:
        (instance,) = record["instances"]
        assert instance["urls"] == ["https://pubmed.ncbi.nlm.nih.gov/90000001/"]
        assert (instance["hosted_by"], instance["collected_from"]) == ("PubMed", "PubMed")
        assert instance["pids"] == record["pids"]
        assert instance["access_right"] is instance["refereed"] is instance["license"] is None
        assert instance["resource_type"] == "Article"
        assert record["type"] == "publication"

    def test_the_rest(self, record: dict[str, Any]) -> None:
        assert record["language"] == "eng"
        assert extras(record, "Language") == ["fra"]
        assert record["funding"] == [
            {"funder_name": "Fund of Examples", "funder_id": None, "award": "X1"},
            {"funder_name": "Office of Samples", "funder_id": None, "award": None},
        ]
        assert extras(record, "PublicationType") == ["Journal Article", "Review"]
        assert extras(record, "Chemical") == ["Water (059QF0KO0R)", "Exemplin"]
        assert extras(record, "AccessionNumber") == ["ClinicalTrials.gov/NCT00000000"]
        assert extras(record, "Investigator") == ["Ida Probe"]
        assert extras(record, "CoiStatement") == ["None; synthetic."]
        assert record["is_retracted"] is False

    def test_reference(self) -> None:
        assert corpus("everything")["reference"] == [
            {
                "record_id": "pubmed:90000001",
                "payload": "everything.xml",
                "position": 0,
                "pids": [
                    {"scheme": "pmid", "value": "90000002"},
                    {"scheme": "doi", "value": "10.5555/synth.2"},
                    {"scheme": "pmc", "value": "PMC9900002"},
                ],
                "text": "Sample P. A synthetic reference. J Synth Rec. 2018;1(1):1-2.",
            }
        ]


def test_reference_lists_inside_reference_lists_are_read_in_order() -> None:
    rows = corpus("nested_reference_lists")["reference"]
    assert [row["position"] for row in rows] == [0, 1, 2, 3]
    assert [row["text"] for row in rows] == ["First, with H2O.", "Second.", None, "Fourth."]
    assert [row["pids"] for row in rows] == [[], [{"scheme": "pmid", "value": "90000011"}], [], []]


def test_translated_titles_lose_their_brackets_and_keep_the_original() -> None:
    told = corpus("translated_title")
    assert [(r["title"], r["alternative_titles"], r["language"]) for r in told["record"]] == [
        ("A synthetic title that was translated", ["Un titre synthétique, traduit"], "fra"),
        ("Ein synthetischer Titel ohne Übersetzung", [], "deu"),
        ("Título sintético", [], "spa"),
        ("[A] synthetic title that keeps its [brackets]", [], "und"),
    ]
    assert defects(told) == [(4, "no_title", True)]


def test_dates_are_as_precise_as_stated() -> None:
    told = corpus("dates")
    dates = [(record["published_on"], record["year"]) for record in told["record"]]
    assert dates == [
        ("1998-12", 1998),
        ("2001", 2001),
        ("2000", 2000),
        ("2020-02", 2020),
        ("2019-05-04", 2019),
        (None, None),
    ]
    assert defects(told) == [(4, "bad_date", False), (5, "bad_date", False)]
    assert '"no date at all" in PubDate' in told["defect"][0]["message"]


def test_corrections_are_links_read_from_the_record() -> None:
    told = corpus("corrections")
    links = [(row["record_id"], row["note"], row["relation"], row["scheme"], row["value"]) for row in told["link"]]
    assert links == [
        ("pubmed:90000040", "RetractionIn", "IsObsoletedBy", "pmid", "90000041"),
        ("pubmed:90000040", "UpdateOf", "IsNewVersionOf", "doi", "10.5555/preprint.1"),
        ("pubmed:90000040", "CommentIn", "IsReferencedBy", "pmid", "90000042"),
        ("pubmed:90000040", "OriginalReportIn", "IsDerivedFrom", "pmid", "90000043"),
        ("pubmed:90000040", "SomethingNew", "IsRelatedTo", "pmid", "90000045"),
        ("pubmed:90000041", "RetractionOf", "Obsoletes", "pmid", "90000040"),
        ("pubmed:90000041", "RepublishedFrom", "IsVariantFormOf", "pmid", "90000040"),
    ]
    retracted, notice = told["record"]
    assert (retracted["is_retracted"], notice["is_retracted"]) == (True, False)
    assert extras(retracted, "CommentsCorrections") == ["ErratumIn: J Synth Rec. 2020;1(2):7"]
    assert [row["pids"] for row in told["reference"]] == [[{"scheme": "pmid", "value": "90000044"}]]


def test_relations_are_datacites_and_each_pair_is_inverse() -> None:
    assert set(RELATIONS.values()) <= DATACITE
    inverse = {"IsSupplementTo": "IsSupplementedBy", "Obsoletes": "IsObsoletedBy", "References": "IsReferencedBy"}
    inverse |= {"IsNewVersionOf": "IsPreviousVersionOf", "IsVariantFormOf": "IsOriginalFormOf"}
    for name, other in (
        ("ErratumFor", "ErratumIn"),
        ("RetractionOf", "RetractionIn"),
        ("CommentOn", "CommentIn"),
        ("UpdateOf", "UpdateIn"),
        ("RepublishedFrom", "RepublishedIn"),
    ):
        assert inverse[RELATIONS[name]] == RELATIONS[other]


def test_abstracts() -> None:
    first, second = corpus("abstracts")["record"]
    assert first["descriptions"] == ["One paragraph with x^2 and weight.", "Objetivo: Un resumen sintético."]
    assert second["descriptions"] == ["Unlabelled text.\nAIM: Labelled."]


def test_versions_are_records_of_their_own_with_one_pmid() -> None:
    first, second = corpus("versions")["record"]
    assert (first["record_id"], second["record_id"]) == ("pubmed:90000060", "pubmed:90000060.2")
    assert first["pids"] == second["pids"] == [{"scheme": "pmid", "value": "90000060"}]


def test_the_last_statement_of_a_file_counts_and_deletions_are_records() -> None:
    told = corpus("repeated_and_deleted")
    assert [(r["record_id"], r["position"], r["title"], r["is_deleted"]) for r in told["record"]] == [
        ("pubmed:90000070", 2, "Second statement", False),
        ("pubmed:90000071", 3, None, True),
        ("pubmed:90000072", 4, None, True),
        ("pubmed:90000072.2", 5, None, True),
    ]
    assert defects(told) == [(0, "repeated_record", True), (1, "repeated_record", True)]


def test_books_and_their_chapters() -> None:
    told = corpus("books")
    assert not told["defect"]
    chapter, book = told["record"]
    assert (chapter["title"], chapter["container"]["name"]) == ("A synthetic chapter", "SyntheticPearls")
    assert chapter["instances"][0]["resource_type"] == "Part of book or chapter of book"
    assert chapter["publisher"] == "Synthetic Press"
    assert [author["full_name"] for author in chapter["authors"]] == ["Cy Chapman"]
    assert extras(chapter, "Editor") == ["Eva Editrix"]
    assert extras(chapter, "Isbn") == ["9780000000000"]
    assert (chapter["published_on"], chapter["datestamp"]) == ("2022-01", "2022-08-09")
    assert {"scheme": "doi", "value": "10.5555/book.chapter"} in chapter["pids"]
    assert [row["text"] for row in told["reference"]] == ["A synthetic source."]
    assert (book["title"], book["container"]["name"]) == ("A synthetic report", "Synthetic reports")
    assert book["instances"][0]["resource_type"] == "Book"
    assert [author["full_name"] for author in book["authors"]] == ["Cy Chapman"]


def test_a_broken_record_costs_itself_only() -> None:
    told = corpus("broken_between_good")
    assert [record["position"] for record in told["record"]] == [0, 2, 4, 6, 8]
    assert defects(told) == [
        (1, "xml_syntax", True),
        (3, "xml_syntax", True),
        (5, "xml_entities", True),
        (7, "no_pmid", True),
    ]
    assert "Entity 'undeclared' not defined" in told["defect"][2]["message"]


def test_invalid_bytes_cost_themselves_only() -> None:
    told = corpus("invalid_bytes")
    assert [record["title"] for record in told["record"]] == [
        "Caf\ufffd synthetic",
        "A control character and half",
        "A synthetic record",
    ]
    assert defects(told) == [(0, "invalid_characters", False), (1, "invalid_characters", False)]


def test_entities_are_never_expanded() -> None:
    told = corpus("doctype_bomb")
    assert [record["source_key"] for record in told["record"]] == ["90000110", "90000113"]
    assert defects(told) == [(-1, "xml_entities", False), (1, "xml_entities", True), (2, "xml_entities", True)]
    assert told["defect"][0]["message"].startswith("doctype_bomb.xml declares entities")


def test_a_file_cut_off_says_so() -> None:
    assert defects(corpus("cut_off")) == [(1, "xml_truncated", True)]
    told = corpus("cut_off_between")
    assert len(told["record"]) == 1
    assert defects(told) == [(-1, "xml_truncated", False)]


def test_old_medline_files_are_read() -> None:
    told = corpus("old_medline_set")
    assert [record["source_key"] for record in told["record"]] == ["90000130", "90000131"]
    assert not told["defect"]


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("empty.xml", b"", "empty_file", "is empty"),
        ("empty.xml.gz", gzip.compress(b"", mtime=0), "empty_file", "is empty"),
        ("page.xml", b"<!DOCTYPE html><html><body>502</body></html>", "wrong_file_type", "a web page"),
        (
            "works.xml.gz",
            gzip.compress(b'{"DOI": "10.5555/1"}\n{"DOI": "10.5555/2"}\n', mtime=0),
            "wrong_file_type",
            "JSON lines",
        ),
        ("article.xml", b"%PDF-1.7 synthetic", "wrong_file_type", "a PDF"),
        ("other.xml", b"<?xml version='1.0'?><feed/>", "wrong_file_type", "XML"),
    ],
)
def test_a_file_that_is_no_pubmed_xml_gives_one_clear_line(
    tmp_path: Path, name: str, content: bytes, code: str, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    told = told_by(path)
    (defect,) = told["defect"]
    assert (defect["position"], defect["code"], defect["is_record_lost"]) == (-1, code, True)
    assert defect["message"].startswith(name) and words in defect["message"] and "etch it again" in defect["message"]
    assert not told["record"]


def test_truncated_gzip_keeps_what_is_before_the_damage(tmp_path: Path) -> None:
    whole = payload(*(article(pmid, hashlib.shake_128(b"%d" % pmid).hexdigest(300)) for pmid in range(1, 201)))
    path = tmp_path / "cut.xml.gz"
    path.write_bytes(gzip.compress(whole)[:-20_000])
    told = told_by(path)
    assert 100 < len(told["record"]) < 200
    assert [record["source_key"] for record in told["record"]] == [str(n + 1) for n in range(len(told["record"]))]
    assert defects(told) == [(-1, "gzip_truncated", True)]


def test_one_huge_record_is_skipped_and_the_stream_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "huge.xml"
    huge = article(2, "x" * 50_000_000)
    path.write_bytes(payload(article(1), huge, article(3), article(4)))
    told = told_by(path)
    assert [(record["source_key"], record["position"]) for record in told["record"]] == [("1", 0), ("3", 2), ("4", 3)]
    assert defects(told) == [(1, "record_too_large", True)]
    assert "more than 16 MiB" in told["defect"][0]["message"]


def test_a_huge_record_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pubmed_stream, "MAX_RECORD_BYTES", 2 << 20)
    path = tmp_path / "huge.xml"
    path.write_bytes(payload(article(1), article(2, "x" * (5 << 20))))
    told = told_by(path)
    assert [record["source_key"] for record in told["record"]] == ["1"]
    assert defects(told) == [(1, "record_too_large", True)]


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_borders_of_reads_may_fall_anywhere(size: int) -> None:
    whole = payload(article(1), article(2), article(3).replace("</PubmedArticle>", "</PubmedArticle >"))

    class Dripping:
        at = 0

        def read(self, _: int = -1, /) -> bytes:
            self.at += size
            return whole[self.at - size : self.at]

    fragments = list(pubmed_stream.cut(b"", Dripping()))
    assert [(fragment.name, fragment.code) for fragment in fragments] == [("PubmedArticle", "")] * 3


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_other_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "encoded.xml"
    text = f"<?xml version='1.0' encoding='{encoding}'?>\n" + payload(article(1, "Café synthétique")).decode()
    path.write_bytes(text.encode(encoding))
    told = told_by(path)
    assert [record["title"] for record in told["record"]] == ["Café synthétique"]
    assert not told["defect"]


def test_several_documents_in_one_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "joined.xml"
    path.write_bytes(b"\xef\xbb\xbf" + payload(article(1)) + b"\n<?xml version='1.0'?>\n" + payload(article(2)))
    told = told_by(path)
    assert [record["source_key"] for record in told["record"]] == ["1", "2"]
    assert not told["defect"]


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("512-8", ("512", "518")),
        ("187-94", ("187", "194")),
        ("1199-205", ("1199", "1205")),
        ("995-1002", ("995", "1002")),
        ("S12-5", ("S12", "S15")),
        ("e12-e15", ("e12", "e15")),
        ("29S-31S", ("29S", "31S")),
        ("123-5, 129", ("123", "125")),
        ("1-10; discussion 11", ("1", "10")),
        ("123.e1-123.e5", ("123.e1", "123.e5")),
        ("e0123456", ("e0123456", None)),
        ("Suppl 2:12-9", ("12", "19")),
        ("300-299", ("300", "299")),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_short_page_ranges_are_written_out(text: str | None, pages: tuple[str | None, str | None]) -> None:
    assert pages_from_text(text) == pages


def _real_files() -> list[Path]:
    folder = os.environ.get("EVIGRAPH_PUBMED")
    return sorted(Path(folder).glob("**/pubmed*.xml.gz")) if folder else []


@pytest.mark.skipif(not _real_files(), reason="EVIGRAPH_PUBMED names no folder with pubmed*.xml.gz files of NLM")
def test_real_files_lose_nothing() -> None:
    for path in _real_files():
        whole = gzip.decompress(path.read_bytes())
        n_articles = len(re.findall(rb"<PubmedArticle[ >]", whole))
        n_references = len(re.findall(rb"<Reference[ >]", whole))
        told = told_by(path)
        n_records = sum(not record["is_deleted"] for record in told["record"])
        n_lost = sum(defect["is_record_lost"] for defect in told["defect"])
        assert n_records + n_lost == n_articles
        if not n_lost:
            assert len(told["reference"]) == n_references
