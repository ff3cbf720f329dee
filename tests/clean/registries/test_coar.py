from __future__ import annotations

from pathlib import Path

from clean.registries import codes, read
from evigraph.clean.registries.coar import missing_codes
from evigraph.clean.vocabularies import version_uris


def labels(source: str) -> set[tuple[str, str, str]]:
    return {(row["kind"], row["language"], row["label"]) for row in read("coar", source)["vocabulary_term"]}


def test_triples() -> None:
    rows = read("coar", "access-rights.nt")
    assert ("preferred", "fr", "accès libre") in labels("access-rights.nt")
    assert ("alternative", "", 'says "open"') in labels("access-rights.nt")
    assert rows["vocabulary_term"][0]["scheme"] == "http://purl.org/coar/access_right/scheme"
    assert codes(rows)[0] == (6, "triple_syntax", True)
    missing = [row["message"] for row in rows["defect"] if row["code"] == "code_not_in_vocabulary"]
    assert len(missing) == 1 and missing[0].startswith("http://purl.org/coar/access_right/c_f1cf")


def test_turtle() -> None:
    rows = read("coar", "access-rights.ttl")
    assert labels("access-rights.ttl") == {
        ("preferred", "en", "open access"),
        ("preferred", "fr", "accès libre"),
        ("alternative", "", 'says "open"'),
        ("definition", "en", "Open at once."),
        ("preferred", "en", "metadata only access"),
        ("preferred", "en", "restricted access"),
    }
    assert {row["scheme"] for row in rows["vocabulary_term"][:3]} == {"http://purl.org/coar/access_right/scheme"}
    damaged = [row["message"] for row in rows["defect"] if row["code"] == "triple_syntax"]
    assert [message.split(" is")[0] for message in damaged] == ["line 15", "line 17"]


def test_other_forms() -> None:
    assert labels("versions.jsonld") == {
        ("preferred", "en", "version of record"),
        ("preferred", "de", "Publizierte Version"),
    }
    assert ("definition", "en", "Closed until a date.") in labels("access-rights.rdf")


def test_only_vocabularies_that_are_there_are_looked_up() -> None:
    assert missing_codes(set()) == []
    assert missing_codes(set(version_uris())) == []
    one = min(version_uris())
    assert missing_codes({one}) == sorted(version_uris() - {one})


def test_what_is_no_vocabulary(tmp_path: Path) -> None:
    for name, content, code in (
        ("a.ttl", "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\nskos:a skos:b [", "triple_syntax"),
        ("a.txt", "no vocabulary at all\n", "wrong_file_type"),
        ("b.json", '{"@graph": [', "json_syntax"),
        ("c.nt", "", "empty_file"),
        ("d.rdf", "<rdf:RDF", "xml_syntax"),
    ):
        (tmp_path / name).write_text(content)
        assert [found for _, found, _ in codes(read("coar", tmp_path / name))] == [code], name
