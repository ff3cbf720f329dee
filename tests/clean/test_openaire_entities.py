from __future__ import annotations

from pathlib import Path
from typing import Any

from evigraph.clean.openaire.crosswalk import crosswalk
from evigraph.clean.told import TOLD

CORPUS = Path(__file__).parents[1] / "corpus" / "openaire"
Rows = dict[str, list[dict[str, Any]]]


def read(path: Path) -> Rows:
    found: Rows = {}
    for name, batch in crosswalk(str(path)):
        assert batch.schema.equals(TOLD[name].schema)
        batch.validate(full=True)
        found.setdefault(name.removesuffix("_told"), []).extend(batch.to_pylist())
    return found


def key(prefix: str, digit: str) -> str:
    return f"openaire:{prefix}::{digit.rjust(32, '0')}"


def test_every_field_of_version_10() -> None:
    rows = read(CORPUS / "entities-of-version-10.jsonl")
    assert set(rows) == {"organization", "project", "data_source", "community"}
    (organization,) = rows["organization"]
    assert organization["organization_id"] == key("openorgs____", "a")
    assert (organization["legal_name"], organization["short_name"]) == ("Example University", "EXU")
    assert (organization["country_code"], organization["country_name"]) == ("SI", "Slovenia")
    assert organization["pids"] == [
        {"scheme": "ror", "value": "https://ror.org/0abcdef12"},
        {"scheme": "grid", "value": "grid.1.1"},
    ]
    assert organization["extras"] == [{"name": "eoscOnboarded", "value": "true"}]
    assert organization["is_mention"] is False
    (project,) = rows["project"]
    assert (project["title"], project["summary"]) == ("Synthetic studies", "What we do.")
    assert (project["started_on"], project["ended_on"]) == ("2022-01-01", "2024-12-31")
    assert (project["publications_must_be_open"], project["datasets_must_be_open"]) == (True, False)
    assert (project["currency"], project["funded_amount"], project["total_cost"]) == ("EUR", 1000.0, 0.0)
    assert project["fundings"][0]["stream_id"] == "EC::HE" and project["programmes"][0]["code"] == "H2020-EU.1."
    assert project["original_ids"] == ["corda_____he::999"] and project["extras"] == []
    (source,) = rows["data_source"]
    assert (source["type"], source["type_scheme"]) == ("Institutional Repository", "pubsrepository::institutional")
    assert (source["validated_on"], source["versioning"]) == ("2020-02-03", False)
    assert (source["journal"]["issn_print"], source["journal"]["issn_online"]) == ("0317-8471", None)
    (community,) = rows["community"]
    assert (community["community_id"], community["acronym"]) == (key("context_____", "d"), "syn-sci")
    assert community["subjects"] == ["synthesis"] and community["zenodo_community"].endswith("/syn")


def test_older_dumps_say_the_same_in_other_names() -> None:
    rows = read(CORPUS / "entities-of-older-dumps.jsonl")
    (organization,), (project,), (source,) = rows["organization"], rows["project"], rows["data_source"]
    assert (organization["organization_id"], organization["legal_name"]) == (
        key("openorgs____", "a"),
        "Older University",
    )
    assert (project["funded_amount"], project["total_cost"], project["started_on"]) == (4.0, 5.0, "2015")
    assert project["fundings"][0]["stream_id"] == "EC::H2020" and project["subjects"] == ["s"]
    assert (source["official_name"], source["type"]) == ("Older Repository", "Repository")
    assert not any(row["extras"] for row in (organization, project, source))


def test_a_link_told_from_both_ends_is_told_in_one_direction() -> None:
    rows = read(CORPUS / "entity-relations-from-both-ends.jsonl")
    product = key("synthetic___", "1")
    assert [(row["left_id"], row["relation"], row["right_id"]) for row in rows["entity_link"]] == [
        (product, "isProducedBy", key("corda_____he", "b")),
        (product, "isProducedBy", key("corda_____he", "b")),
        (key("openorgs____", "e"), "IsChildOf", key("openorgs____", "a")),
        (key("openorgs____", "a"), "invents", key("synthetic___", "2")),
        (product, "IsRelatedTo", key("context_____", "d")),
    ]
    assert [row["provenance"] for row in rows["entity_link"]][:2] == ["Harvested", "Inferred by OpenAIRE"]
    assert {row["teller_id"] for row in rows["entity_link"]} == {None}
    (defect,) = rows["defect"]
    assert defect["code"] == "relation_not_used" and "hasAuthor" in defect["message"]


def test_what_a_product_says_in_passing() -> None:
    rows = read(CORPUS / "product-with-embedded-entities.jsonl")
    first, second = (row["record_id"] for row in rows["record"])
    assert [(row["left_id"], row["relation"], row["right_id"]) for row in rows["entity_link"]] == [
        (first, "isProducedBy", key("corda_____he", "b")),
        (first, "hasAuthorInstitution", key("openorgs____", "a")),
        (first, "IsRelatedTo", "openaire:syn-sci"),
        (first, "isProvidedBy", key("openaire____", "c")),
        (first, "isHostedBy", key("issn___print", "c")),
        (second, "hasAuthorInstitution", key("openorgs____", "a")),
    ]
    assert all(row["teller_id"] == row["left_id"] for row in rows["entity_link"])
    (organization,) = rows["organization"]
    assert (organization["legal_name"], organization["short_name"]) == ("Example University", "EXU")
    assert organization["is_mention"] and organization["pids"][0]["scheme"] == "ror"
    assert [row["official_name"] for row in rows["data_source"]] == ["Crossref", "Synthetic Journal"]
    assert rows["project"][0]["code"] == "999" and rows["community"][0]["name"] == "Synthetic Science"


def test_wrong_forms_cost_themselves(tmp_path: Path) -> None:
    lines = [
        '{"legalName": "Nameless, without id"}',
        '{"id": "openorgs____::0000000000000000000000000000000a", "legalName": {"deep": [1]}, "country": 3}',
        '{"id": "openorgs____::0000000000000000000000000000000a", "legalName": "Told twice"}',
        '{"id": "x::1", "code": "1", "fundings": [{"name": 7}, 3, null], "granted": "much", "startDate": [2020]}',
    ]
    (tmp_path / "odd.jsonl").write_text("\n".join(lines))
    rows = read(tmp_path / "odd.jsonl")
    assert [defect["code"] for defect in rows["defect"]] == ["no_identifier", "repeated_record"]
    assert rows["organization"][0]["legal_name"] is None
    assert rows["project"][0]["fundings"] == [
        {"name": "7", "short_name": None, "jurisdiction": None, "stream_id": None, "stream_description": None}
    ]
