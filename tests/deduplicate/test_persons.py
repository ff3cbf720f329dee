from __future__ import annotations

from typing import Any

from evigraph.deduplicate.persons import STEPS
from evigraph.engine.in_memory import run_in_memory
from evigraph.model.pid import Pid, id_of
from evigraph.model.tables import PRODUCT

ORCID = "0000-0002-1825-0097"


def author(name: str, orcid: str | None = None, **stated: Any) -> dict[str, Any]:
    given, _, family = name.rpartition(" ")
    return {"full_name": name, "given_name": given, "family_name": family, "orcid": orcid, **stated}


def made(*bylines: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    products = [{"product_id": f"p{number}", "authors": byline} for number, byline in enumerate(bylines)]
    tables, _ = run_in_memory(STEPS, {"product": PRODUCT.from_rows(products)}, {})
    authorship = sorted(tables["authorship"].to_pylist(), key=lambda row: (row["product_id"], row["position"]))
    return authorship, tables["person"].to_pylist()


def test_one_orcid_is_one_person_and_the_names_are_kept() -> None:
    at = [{"name": "Imaginary U", "ror_id": "https://ror.org/0abcdef12"}, {"name": "Clinic", "ror_id": None}]
    authorship, persons = made([author("Ada Nowak", ORCID, affiliations=at)], [author("A Nowak", ORCID)])
    assert {row["person_id"] for row in authorship} == {id_of(Pid("orcid", ORCID))}
    assert persons == [
        {
            "person_id": id_of(Pid("orcid", ORCID)),
            "orcid": ORCID,
            "names": ["A Nowak", "Ada Nowak"],
            "n_products": 2,
            "n_name_keys": 1,
            "ror_ids": ["https://ror.org/0abcdef12"],
        }
    ]
    assert authorship[0]["affiliations"] == ["Imaginary U", "Clinic"]


def test_without_one_authors_are_left_apart_with_what_is_known() -> None:
    authorship, persons = made([author("Wei Wang"), author("The Group", is_group=True)], [author("Wei Wang")])
    assert persons == []
    assert [(row["person_id"], row["name_key"]) for row in authorship] == [
        (None, "wang w"),
        (None, None),
        (None, "wang w"),
    ]


def test_an_orcid_on_two_names_is_told_and_a_wrong_one_is_none() -> None:
    _, persons = made(
        [author("Ada Nowak", ORCID)], [author("Ben Okoro", ORCID)], [author("C D", "0000-0002-1825-0098")]
    )
    assert [(row["n_products"], row["n_name_keys"]) for row in persons] == [(2, 2)]


def test_products_without_authors() -> None:
    assert made(None, []) == ([], [])  # type: ignore[arg-type]
