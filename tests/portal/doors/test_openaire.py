"""The OpenAIRE Graph API: parameters, sorting, paging, cursors, header, errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

PRODUCTS = "/graph/v2/researchProducts"


def found(doors: Any, path: str = PRODUCTS, **parameters: Any) -> list[str]:
    """The ids that a search gives, walked to its end."""
    ids: list[str] = []
    cursor: str | None = "*"
    while cursor:
        answer = doors.client.get(path, params={**parameters, "cursor": cursor, "pageSize": 100})
        assert answer.status_code == 200, answer.text
        document = answer.json()
        ids += [one["id"] for one in document["results"]]
        assert document["header"].keys() <= {"numFound", "maxScore", "queryTime", "pageSize", "nextCursor"}
        cursor = document["header"].get("nextCursor")
    assert len(ids) == len(set(ids)) == document["header"]["numFound"]
    return ids


def test_a_walk_gives_every_product_once(doors: Any) -> None:
    assert sorted(found(doors)) == doors.ids
    assert found(doors) == found(doors)


@pytest.mark.parametrize("field", ["popularity", "influence", "citationCount", "impulse", "publicationDate"])
def test_sorting(doors: Any, field: str) -> None:
    falling = found(doors, sortBy=f"{field} DESC")
    assert sorted(falling) == doors.ids and found(doors, sortBy=f"{field} ASC") == falling[::-1]
    page = doors.client.get(PRODUCTS, params={"sortBy": f"{field} DESC", "pageSize": 30}).json()["results"]
    if field == "publicationDate":
        values = [one["publicationDate"] or "" for one in page]
    else:
        values = [one["indicators"]["citationImpact"][field] for one in page]
    assert values == sorted(values, reverse=True)


def expected(doors: Any, holds: Any) -> list[str]:
    return sorted(row["product_id"] for row in doors.rows["product"] if holds(row))


@pytest.mark.parametrize(
    ("parameters", "holds"),
    [
        ({"type": "dataset"}, lambda row: row["type"] == "dataset"),
        ({"type": ["dataset", "software"]}, lambda row: row["type"] in ("dataset", "software")),
        ({"type": '"dataset" OR "software"'}, lambda row: row["type"] in ("dataset", "software")),
        ({"type": "NOT publication"}, lambda row: row["type"] != "publication"),
        ({"fromPublicationDate": "2015"}, lambda row: (row["published_on"] or "") >= "2015"),
        (
            {"fromPublicationDate": "2010-01-01", "toPublicationDate": "2012"},
            lambda row: "2010-01-01" <= (row["published_on"] or "") < "2013",
        ),
        ({"publicationYear": "2019"}, lambda row: row["year"] == 2019),
        ({"isPeerReviewed": "true"}, lambda row: row["is_peer_reviewed"]),
        ({"bestOpenAccessRightLabel": "OPEN"}, lambda row: row["access_right"] == "c_abf2"),
        ({"authorOrcid": "0000-0002-1825-0097"}, lambda row: any(a["orcid"] for a in row["authors"])),
        ({"relCollectedFromDatasourceId": "pubmed"}, lambda row: "pubmed" in row["sources"]),
        ({"hasLicense": "true"}, lambda row: any(one.get("license") for one in row["instances"])),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_filters(doors: Any, parameters: dict[str, Any], holds: Any) -> None:
    ids = expected(doors, holds)
    assert ids and sorted(found(doors, **parameters)) == ids


def test_identifiers_and_what_a_product_belongs_to(doors: Any) -> None:
    ours = [doors.article_id]
    for parameters in (
        {"pid": "10.1111/inm.13415"},
        {"pid": "https://doi.org/10.1111/INM.13415"},
        {"id": doors.article_id},
        {"id": doors.article_id.replace("doi_________", "doi_dedup___")},
        {"originalId": "pubmed:39252191"},
        {"mainTitle": '"Certified Peer Support Specialist"'},
        {"authorFullName": "Ser AND NOT Invented", "search": "meta-synthesis"},
        {"relOrganizationId": "ror:https://ror.org/05gq02987"},
        {"rorId": "https://ror.org/05gq02987"},
        {"countryCode": "GR"},
        {"relProjectId": "corda_____he::00000000000000000000000000000001"},
        {"relProjectCode": "101"},
        {"relProjectFundingShortName": "SC"},
        {"relProjectFundingStreamId": "SC::OWL"},
        {"hasProjectRel": "true"},
        {"relCommunityId": "owls"},
        {"relProject": "owls peers"},
    ):
        assert found(doors, **parameters) == ours, parameters
    assert len(found(doors, countryCode="NL")) == 10
    assert len(found(doors, countryCode='"NL" OR "GR"')) in (10, 11)
    assert found(doors, pid="10.5555/absent") == [] and found(doors, relOrganizationId="none") == []


def test_logical_operator(doors: Any) -> None:
    both = {"type": "dataset", "publicationYear": "2019"}
    either = found(doors, **both, logicalOperator="OR")
    assert set(either) == set(found(doors, type="dataset")) | set(found(doors, publicationYear="2019"))
    assert set(found(doors, **both, logicalOperator="NOT")) == set(doors.ids) - set(either)


def test_pages(doors: Any) -> None:
    first = doors.client.get(PRODUCTS, params={"search": "graph", "pageSize": 4}).json()
    second = doors.client.get(PRODUCTS, params={"search": "graph", "pageSize": 4, "page": 2}).json()
    assert first["header"]["page"] == 1 and first["header"]["pageSize"] == 4 and first["header"]["maxScore"] > 0
    assert isinstance(first["header"]["numFound"], int)
    assert not {one["id"] for one in first["results"]} & {one["id"] for one in second["results"]}
    beyond = doors.client.get(PRODUCTS, params={"search": "graph", "pageSize": 100, "page": 99}).json()
    assert beyond["results"] == []


def test_a_product_has_the_fields_of_the_model(doors: Any) -> None:
    document = doors.client.get(f"{PRODUCTS}/{doors.article_id}").json()
    assert document == doors.client.get(PRODUCTS, params={"id": doors.article_id}).json()["results"][0]
    assert document["indicators"]["citationImpact"]["citationCount"] == 3
    assert document["bestAccessRight"]["label"] == "CLOSED" and document["publicationDate"] == "2024-01-01"
    assert document["projects"][0]["code"] == "101" and document["organizations"][0]["legalName"]
    assert document["countries"][0]["code"] == "GR" and document["communities"][0]["code"] == "owls"
    assert [one["value"] for one in document["collectedFrom"]] == ["Crossref", "PubMed"]
    assert len(document["instances"]) == 2
    assert doors.client.get(f"{PRODUCTS}/10.1111/inm.13415").json() == document
    bare = doors.client.get(f"{PRODUCTS}/{doors.odd['bare']}").json()
    assert bare["indicators"] is None and bare["instances"]


@pytest.mark.parametrize(
    "query",
    [
        "sortBy=beauty DESC",
        "sortBy=popularity UP",
        "page=101&pageSize=100",
        "pageSize=101",
        "page=0",
        "colour=red",
        "popularityClass=C9",
        "isGreen=perhaps",
        "fromPublicationDate=yesterday",
        "cursor=nonsense",
        "type=paper",
        "logicalOperator=XOR",
        "rorId=x",
    ],
)
def test_what_cannot_be_is_a_400(doors: Any, query: str) -> None:
    answer = doors.client.get(f"{PRODUCTS}?{query}")
    assert answer.status_code == 400 and answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_cursor_belongs_to_its_question(doors: Any) -> None:
    page = doors.client.get(PRODUCTS, params={"cursor": "*", "pageSize": 5}).json()
    other = doors.client.get(PRODUCTS, params={"cursor": page["header"]["nextCursor"], "type": "dataset"})
    assert other.status_code == 400


@pytest.mark.parametrize("version", ["v1/organizations", "v2/organizations", "v3/organizations"])
def test_organizations(doors: Any, version: str) -> None:
    path = f"/graph/{version}"
    assert len(found(doors, path)) == 2
    (centre,) = found(doors, path, legalName="centre owls")
    document = doors.client.get(f"{path}/{centre}").json()
    assert document["legalShortName"] == "ICO" and document["country"] == {"code": "NL", "label": "Netherlands"}
    assert found(doors, path, pid="https://ror.org/05gq02987") == ["ror:https://ror.org/05gq02987"]
    assert found(doors, path, countryCode="GR") == ["ror:https://ror.org/05gq02987"]
    assert found(doors, path, search="nothing here") == []
    assert doors.client.get(f"{path}/absent").status_code == 404


def test_projects_and_data_sources(doors: Any) -> None:
    path = "/graph/v2/projects"
    assert found(doors, path, sortBy="startDate DESC")[0] == "ukri________::2"
    assert found(doors, path, sortBy="startDate ASC")[0].startswith("corda")
    assert found(doors, path, fromStartDate="2021") == ["ukri________::2"]
    (owls,) = found(doors, path, fundingShortName="SC", toEndDate="2023-12-31")
    document = doors.client.get(f"{path}/{owls}").json()
    assert document["granted"] == {"currency": "EUR", "fundedAmount": 5.0, "totalCost": 6.0}
    assert document["fundings"][0]["fundingStream"]["id"] == "SC::OWL"
    path = "/graph/v2/dataSources"
    (repository,) = found(doors, path, search="synthetic", subjects="owls")
    assert doors.client.get(f"{path}/{repository}").json()["officialName"] == "Synthetic Repository"
    assert doors.client.get(f"{path}?sortBy=startDate").status_code == 400


def test_no_field_of_a_real_answer_is_missing(doors: Any, shared_data: Path) -> None:
    ours = doors.client.get(f"{PRODUCTS}/{doors.article_id}").json()
    seen = 0
    for path in (shared_data / "openaire" / "api_v1").glob("*.json"):
        for one in json.loads(path.read_text(encoding="utf-8"))["results"]:
            if "mainTitle" in one:
                assert set(one) <= set(ours)
                assert all(set(instance) <= set(ours["instances"][0]) for instance in one["instances"])
                assert set(one["indicators"]["citationImpact"]) <= set(ours["indicators"]["citationImpact"])
                seen += 1
    assert seen


def test_links(doors: Any) -> None:
    path = f"{PRODUCTS}/links"
    told = doors.client.get(path, params={"sourcePid": "10.1111/inm.13415", "relation": "IsCitedBy"}).json()
    assert told["header"]["numFound"] == 3 and told["header"]["totalPages"] == 1 and len(told["results"]) == 3
    assert {one["source"]["title"] for one in told["results"]} == {doors.made.ARTICLE_TITLE}
    turned = doors.client.get(path, params={"targetPid": doors.article_id, "relation": "Cites"}).json()
    assert [one["source"] for one in turned["results"]] == [one["target"] for one in told["results"]]
    citing = turned["results"][0]["source"]["identifiers"][0]["id"]
    both = doors.client.get(path, params={"sourcePid": citing, "targetPid": doors.article_id}).json()
    assert [one["relType"]["name"] for one in both["results"]] == ["Cites"]
    second = doors.client.get(path, params={"sourcePid": doors.article_id, "page": 1, "pageSize": 2}).json()
    assert second["header"]["page"] == 1 and second["results"][0] != told["results"][0]
    assert doors.client.get(path, params={"sourcePid": "10.5555/absent"}).json()["results"] == []
    assert doors.client.get(path, params={"sourcePid": doors.article_id, "targetPid": "none"}).json()["results"] == []
    assert doors.client.get(path).status_code == 400
    assert doors.client.get(path, params={"sourcePid": "x", "sourceType": "dataset"}).status_code == 400
    assert {"name": "Cites", "inverse": "IsCitedBy"} in doors.client.get(f"{path}/relations-info").json()
