"""Fixtures of the doors: the small release with what stands around its products, served over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from browsers import listening
from evigraph.model.tables import TABLES
from evigraph.portal.app import create_app

UNIVERSITY, CENTRE = "ror:https://ror.org/05gq02987", "openaire:openorgs____::0123456789abcdef0123456789abcdef"
PROJECT, OTHER_PROJECT = "openaire:corda_____he::00000000000000000000000000000001", "openaire:ukri________::2"
REPOSITORY = "openaire:opendoar____::00000000000000000000000000000009"


def blank(table: str, entity_id: str, **values: Any) -> dict[str, Any]:
    """A row of an entity's table with these values, the rest null."""
    source, _, key = entity_id.partition(":")
    told = {"source": source, "source_key": key, "payload": "synthetic.jsonl", "position": 0}
    contract = TABLES[table]
    return {**dict.fromkeys(contract.names), contract.key[0]: entity_id, **told, **values}


def add_entities(rows: dict[str, list[dict[str, Any]]], article_id: str) -> None:
    """Adds invented organizations, projects and a data source, and what the article and others belong to."""
    pids = [{"scheme": "ROR", "value": "https://ror.org/05gq02987"}]
    rows["organization"] = [
        blank("organization", UNIVERSITY, legal_name="Synthetic University", country_code="GR", pids=pids),
        blank(
            "organization",
            CENTRE,
            legal_name="Invented Centre for Owls",
            short_name="ICO",
            country_code="NL",
            country_name="Netherlands",
            pids=[],
            original_ids=["synthetic::centre"],
        ),
    ]
    funding = [
        {
            "name": "Synthetic Commission",
            "short_name": "SC",
            "jurisdiction": "EU",
            "stream_id": "SC::OWL",
            "stream_description": "Owls",
        }
    ]
    rows["project"] = [
        blank(
            "project",
            PROJECT,
            code="101",
            acronym="OWLS",
            title="Synthetic owls and peers",
            started_on="2020-01-01",
            ended_on="2023-12-31",
            fundings=funding,
            currency="EUR",
            funded_amount=5.0,
            total_cost=6.0,
        ),
        blank("project", OTHER_PROJECT, code="202", title="Synthetic mice", started_on="2022-05-01", fundings=[]),
    ]
    rows["data_source"] = [
        blank(
            "data_source",
            REPOSITORY,
            official_name="Synthetic Repository",
            type="Institutional Repository",
            subjects=["owls"],
            languages=["eng"],
            pids=[],
        )
    ]
    rows["community"] = [blank("community", "openaire:owls", acronym="owls", name="Owl Studies")]
    some = sorted(row["product_id"] for row in rows["product"])[:10]
    links = [(article_id, "organization", "hasAuthorInstitution", UNIVERSITY)]
    links += [
        (article_id, "project", "isProducedBy", PROJECT),
        (article_id, "community", "IsRelatedTo", "openaire:owls"),
    ]
    links += [(product_id, "organization", "hasAuthorInstitution", CENTRE) for product_id in some]
    rows["product_entity"] = [
        {"product_id": p, "kind": kind, "relation": relation, "entity_id": entity_id, "sources": ["openaire"]}
        for p, kind, relation, entity_id in dict.fromkeys(links)
    ]


@dataclass
class Doors:
    """The graph of these tests: its folder, its rows, the ids of its products, and a client of its portal."""

    home: Path
    rows: dict[str, list[dict[str, Any]]]
    odd: dict[str, str]
    article_id: str
    made: Any
    client: TestClient
    url: str = ""

    @property
    def ids(self) -> list[str]:
        return sorted(row["product_id"] for row in self.rows["product"])


@pytest.fixture(scope="session")
def doors(small: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """The small release with entities, served at a port of this machine."""
    home = tmp_path_factory.mktemp("doors")
    rows, odd = small.made.small_rows()
    add_entities(rows, small.article_id)
    small.made.write_release(home, rows)
    app = create_app(home)
    found = Doors(home, rows, odd, small.article_id, small.made, TestClient(app, follow_redirects=False))
    with listening(app) as found.url:
        yield found
