"""A product's fields beside what each of its records says, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evigraph.portal import wording
from evigraph.portal.product_page import Provenance, Said
from evigraph.store.analysis import words_of
from evigraph.store.keyed import Row
from evigraph.store.release import Release


@dataclass(frozen=True)
class FieldComparison:
    """A field of a product: what the product says, and what each record says, as text."""

    name: str
    label: str
    chosen: str
    told: list[tuple[Said, str]]

    def same_words(self, text: str) -> bool:
        """Whether `text` differs from what was chosen in signs, case or accents alone."""
        return words_of(text) == words_of(self.chosen)


def compare_fields(release: Release, product: Row) -> list[FieldComparison]:
    """The product's fields beside those of its records, fields that nobody states left out."""
    provenance = Provenance(release, product)
    records = {row["record_id"]: row for row in release.records(product["record_ids"] or [])}
    rows = []
    for name, label in wording.FIELD_NAMES.items():
        told = [(said, as_text(name, records[said.record_id][name])) for said in provenance.records]
        chosen = as_text(name, product[name])
        if chosen or any(text for _, text in told):
            rows.append(FieldComparison(name, label, chosen, told))
    return rows


def as_text(name: str, value: Any) -> str:
    """The value of a field in words; empty where there is none."""
    if value in (None, [], {}, ""):
        return ""
    if name == "type":
        return wording.TYPES.get(value, str(value))
    if name == "language":
        return wording.language(value)
    if name == "published_on":
        return wording.date(value)
    if name == "authors":
        return "; ".join(author["full_name"] or "" for author in value)
    if name == "subjects":
        return "; ".join(subject["value"] or "" for subject in value)
    if name in ("pids", "alternate_ids"):
        return "; ".join(f"{pid['scheme']}:{pid['value']}" for pid in value)
    if name == "container":
        return _container(value)
    if name == "instances":
        keys = ("resource_type", "hosted_by", "published_on", "license")
        return "\n".join(
            _present(
                [
                    *(wording.date(instance[key]) if key == "published_on" else instance[key] for key in keys),
                    wording.REVIEWS.get(instance["refereed"] or ""),
                    wording.access(instance["access_right"]),
                ],
                " · ",
            )
            for instance in value
        )
    if name == "funding":
        return "; ".join(_present([grant["funder_name"], grant["award"]]) for grant in value)
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        return "\n".join(str(entry) for entry in value)
    return str(value)


def _container(container: Mapping[str, Any]) -> str:
    pages = "–".join(str(page) for page in (container["first_page"], container["last_page"]) if page)  # noqa: RUF001
    issns = dict.fromkeys(container[f"issn_{kind}"] for kind in ("print", "online", "linking"))
    return _present(
        [
            container["name"],
            container["volume"] and f"volume {container['volume']}",
            container["issue"] and f"issue {container['issue']}",
            pages and f"pages {pages}",
            *(f"ISSN {issn}" for issn in issns if issn),
            container["edition"],
            container["conference_place"],
            container["conference_on"] and wording.date(container["conference_on"]),
        ]
    )


def _present(values: Iterable[Any], between: str = ", ") -> str:
    return between.join(str(value) for value in values if value)
