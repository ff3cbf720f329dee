"""Pages of organizations, projects, communities and data sources, and the product's links to them."""

from __future__ import annotations

import pytest

from evigraph.portal.rendering import entity_path
from portal.doors.conftest import CENTRE, PROJECT, REPOSITORY, UNIVERSITY, Doors


@pytest.mark.parametrize(
    ("kind", "entity_id", "facts"),
    [
        ("organization", UNIVERSITY, ["Synthetic University", "1 product"]),
        ("organization", CENTRE, ["Invented Centre for Owls", "Netherlands", "10 products"]),
        ("project", PROJECT, ["Synthetic owls and peers", "Synthetic Commission", "OWLS", "1 product"]),
        ("community", "openaire:owls", ["Owl Studies", "1 product"]),
        ("data_source", REPOSITORY, ["Synthetic Repository", "Institutional Repository", "No product of this graph"]),
    ],
)
def test_an_entity_has_a_page_with_its_facts_and_products(
    doors: Doors, kind: str, entity_id: str, facts: list[str]
) -> None:
    answer = doors.client.get(entity_path(kind, entity_id))
    assert answer.status_code == 200
    for fact in facts:
        assert fact in answer.text


def test_a_product_names_what_it_belongs_to(doors: Doors) -> None:
    page = doors.client.get(f"/product/{doors.article_id}").text
    for kind, entity_id in (("organization", UNIVERSITY), ("project", PROJECT), ("community", "openaire:owls")):
        assert f'href="{entity_path(kind, entity_id)}"' in page
