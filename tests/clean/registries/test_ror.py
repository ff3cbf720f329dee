from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

from clean.registries import CORPUS, codes, read


def test_every_field_of_schema_2() -> None:
    rows = read("ror", "schema-2.json")
    university, hospital = rows["organization"]
    assert university["organization_id"] == "ror:01abcde23"
    assert (university["legal_name"], university["short_name"]) == ("Example University", "EXU")
    assert university["alternative_names"] == ["Univerza primerov", "Examples' Uni", "EXU"]
    assert (university["country_code"], university["country_name"], university["city"]) == (
        *("SI", "Slovenia"),
        "Ljubljana",
    )
    assert (university["website_url"], university["established"]) == ("https://example.org/", 1850)
    assert (university["types"], university["status"]) == (["education", "funder"], "active")
    assert university["datestamp"] == "2024-05-13" and university["is_mention"] is False
    assert [(pid["scheme"], pid["value"]) for pid in university["pids"]] == [
        ("ror", "https://ror.org/01abcde23"),
        ("isni", "0000000123456789"),
        ("fundref", "501100000002"),
        ("fundref", "501100000001"),
    ]
    assert {extra["name"] for extra in university["extras"]} == {"admin", "domains"}
    assert (hospital["status"], hospital["city"], hospital["established"]) == ("withdrawn", None, None)
    assert [(link["left_id"], link["relation"], link["right_id"]) for link in rows["entity_link"]] == [
        ("ror:02abcde23", "IsChildOf", "ror:01abcde23"),
        ("ror:02abcde23", "IsChildOf", "ror:01abcde23"),
    ]
    assert [link["teller_id"] for link in rows["entity_link"]] == ["ror:01abcde23", "ror:02abcde23"]
    assert sorted(codes(rows)) == [
        (2, "no_identifier", True),
        (3, "no_name", True),
        (4, "not_an_object", True),
    ]


def test_schema_1_says_the_same() -> None:
    (old,) = read("ror", "schema-1.json")["organization"]
    new = read("ror", "schema-2.json")["organization"][0]
    for name in ("legal_name", "short_name", "country_code", "country_name", "city", "website_url", "established"):
        assert old[name] == new[name], name
    assert set(old["alternative_names"]) == {"EXU", "Examples' Uni", "Univerza primerov"}
    assert {"scheme": "grid", "value": "grid.1.1"} in old["pids"] and old["types"] == ["education"]


def test_of_a_dump_the_newest_schema_is_read(tmp_path: Path) -> None:
    dump = tmp_path / "v1.99-ror-data.zip"
    with zipfile.ZipFile(dump, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(CORPUS / "ror" / "schema-1.json", "v1.99-ror-data.json")
        archive.write(CORPUS / "ror" / "schema-2.json", "v1.99-ror-data_schema_v2.json")
        archive.writestr("v1.99-ror-data.csv", "id,name\n1,2\n")
    rows = read("ror", dump)
    assert len(rows["organization"]) == 2
    assert {row["payload"] for row in rows["organization"]} == {dump.name}


def test_damaged_and_strange_archives_cost_themselves(tmp_path: Path) -> None:
    empty = tmp_path / "other.zip"
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("readme.txt", "no registry here")
    assert codes(read("ror", empty)) == [(-1, "archive_without_records", True)]
    cut = tmp_path / "cut.zip"
    cut.write_bytes(empty.read_bytes()[:60])
    assert codes(read("ror", cut))[0][1].startswith("archive_")
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ror.json", b" " * (80 << 20))
    assert "archive_member_refused" in {code for _, code, _ in codes(read("ror", bomb))}
    packed = tmp_path / "ror.json.gz"
    packed.write_bytes(gzip.compress((CORPUS / "ror" / "schema-1.json").read_bytes()))
    assert len(read("ror", packed)["organization"]) == 1


def test_any_wrong_form_costs_its_record(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_text(
        '[{"id": "https://ror.org/01abcde23", "name": "X", "names": 7, "external_ids": {"ISNI": 1}, "links": {},'
        ' "relationships": [1, {"type": null, "id": null}], "established": 1e300, "addresses": "a"},'
        ' {"id": "https://ror.org/01abcde23", "name": "Twice"},'
        ' {"id": "https://ror.org/02abcde23", "name": "Y", "established": 99999999999}]'
    )
    rows = read("ror", path)
    assert [row["legal_name"] for row in rows["organization"]] == ["X"]
    assert codes(rows) == [(1, "repeated_record", True), (2, "contract", True)]
