"""A small release written with the table contracts: synthetic works, and the article that the product page shows.

The indicators are made up for the fixture (a plain count, and classes by its order), not computed by the ranker.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import ibis
import pyarrow.parquet as pq

from evigraph.engine.contract import ibis_type
from evigraph.model.entities import COMMUNITY, ORGANIZATION, PRODUCT_ENTITY, PROJECT
from evigraph.model.pid import Pid, id_of
from evigraph.model.table import Table
from evigraph.model.tables import ENTITY_PRODUCT, INDICATOR, PRODUCT, RANKING, RELEASE_TABLES
from evigraph.rank.groups import group_members, indicator_groups, indicator_views
from evigraph.rank.rollups import entity_indicators, entity_products
from evigraph.store.search import build_index

ARTICLE_DOI = "10.1111/inm.13415"
ARTICLE_ID = id_of(Pid("doi", ARTICLE_DOI))
ARTICLE_TITLE = (
    "Experiences of Certified Peer Support Specialist Providing Formal Peer Support in Mental Health Services: "
    "A Systematic Review and Meta‐Synthesis"
)
HOSTILE_TITLE = """Synthetic: <script>alert(1)</script> & "quotes" 'single' {{ 7*7 }} </title><img src=x onerror=y>"""
_WORDS = (
    "community recovery support peer nursing trial cohort outcome model graph citation network memory stress therapy "
    "children adults hospital screening protocol interview synthesis review analysis random effect sleep pain heart "
    "protein receptor signal cell tissue image learning language parsing translation corpus treebank evaluation"
)
WORDS = _WORDS.split()
JOURNALS = ("Synthetic Journal of Examples", "Annals of Made-Up Results", "Letters in Invented Science")
SOURCES = ("openalex", "pubmed", "crossref")

Rows = dict[str, list[dict[str, Any]]]


def pid(scheme: str, value: str) -> dict[str, str]:
    return {"scheme": scheme, "value": value}


def author(rank: int, given: str | None, family: str, orcid: str | None = None) -> dict[str, Any]:
    return {
        "rank": rank,
        "full_name": f"{given} {family}" if given else family,
        "given_name": given,
        "family_name": family if given else None,
        "orcid": orcid,
        "is_group": given is None,
        "affiliations": [],
    }


def instance(**values: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"resource_type": "Article", "urls": [], "pids": [], "alternate_ids": []}
    return {**usual, **values}


def _bibliography(**values: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "type": "publication",
        "alternative_titles": [],
        "authors": [],
        "descriptions": [],
        "language": "eng",
        "subjects": [],
        "pids": [],
        "alternate_ids": [],
        "instances": [],
        "funding": [],
        "is_retracted": False,
    }
    return {**usual, **values}


def article() -> Rows:
    """The article as Crossref and PubMed give it, merged: facts only, no abstract."""
    names = (("Hui Xian Eileen", "Ser"), ("Xin Yi Vera", "Pua"), ("Ziqiang", "Li"), ("Yong Shian", "Goh"))
    authors = [author(rank, given, family) for rank, (given, family) in enumerate(names, 1)]
    terms = ("Mental Health Services", "Mental Disorders", "Humans", "Social Support", "Peer Group")
    subjects = [{"scheme": "mesh", "value": term, "term_id": None} for term in terms]
    container = {"name": "International Journal of Mental Health Nursing"}
    crossref = instance(
        resource_type_id="http://purl.org/coar/resource_type/c_6501",
        urls=[f"https://doi.org/{ARTICLE_DOI}"],
        pids=[pid("doi", ARTICLE_DOI)],
        access_right="c_14cb",
        license="Wiley Online Library User Agreement",
        license_url="http://onlinelibrary.wiley.com/termsAndConditions#vor",
        refereed="peerReviewed",
        published_on="2024",
        hosted_by="International Journal of Mental Health Nursing",
        collected_from="Crossref",
    )
    pubmed = instance(
        urls=["https://pubmed.ncbi.nlm.nih.gov/39252191/"],
        pids=[pid("pmid", "39252191")],
        published_on="2024",
        refereed="peerReviewed",
        hosted_by="PubMed",
        collected_from="PubMed",
    )
    common = {"title": ARTICLE_TITLE, "published_on": "2024", "year": 2024, "container": container, "authors": authors}
    records = [
        {
            "record_id": f"crossref:{ARTICLE_DOI}",
            "source": "crossref",
            "source_key": ARTICLE_DOI,
            "payload": "article.json",
            "position": 0,
            "datestamp": "2024-09-11",
            "is_deleted": False,
            **_bibliography(**common, pids=[pid("doi", ARTICLE_DOI)], instances=[crossref]),
            "extras": [{"name": "subtype", "value": "journal-article"}],
        },
        {
            "record_id": "pubmed:39252191",
            "source": "pubmed",
            "source_key": "39252191",
            "payload": "article.xml",
            "position": 0,
            "datestamp": None,
            "is_deleted": False,
            **_bibliography(
                **common,
                pids=[pid("pmid", "39252191")],
                alternate_ids=[pid("doi", ARTICLE_DOI)],
                subjects=subjects,
                instances=[pubmed],
            ),
            "extras": [],
        },
    ]
    both = [f"crossref:{ARTICLE_DOI}", "pubmed:39252191"]
    provenance = [{"field": name, "position": None, "record_ids": both} for name in ("title", "published_on", "year")]
    provenance += [{"field": "pids", "position": at, "record_ids": [both[at]]} for at in (0, 1)]
    provenance += [{"field": "instances", "position": at, "record_ids": [both[at]]} for at in (0, 1)]
    provenance += [{"field": "subjects", "position": at, "record_ids": [both[1]]} for at in range(5)]
    provenance += [{"field": "authors", "position": at, "record_ids": both} for at in range(4)]
    product = {
        "product_id": ARTICLE_ID,
        **_bibliography(
            **common,
            pids=[pid("doi", ARTICLE_DOI), pid("pmid", "39252191")],
            subjects=subjects,
            instances=[crossref, pubmed],
        ),
        "access_right": "c_14cb",
        "is_peer_reviewed": True,
        "sources": ["crossref", "pubmed"],
        "record_ids": both,
        "provenance": provenance,
    }
    old_id = id_of(Pid("pmid", "39252191"))
    return {
        "product": [product],
        "record": records,
        "alias": [
            {"alias": alias, "product_id": ARTICLE_ID}
            for alias in (f"doi:{ARTICLE_DOI}", "pmid:39252191", old_id, *both)
        ],
        "member": [{"record_id": record_id, "product_id": ARTICLE_ID} for record_id in both],
        "evidence": [
            {
                "record_id_l": both[0],
                "record_id_r": both[1],
                "rule": "identifier",
                "is_match": True,
                "verdict": "match",
                "level": "duplicate",
                "score": 1.0,
                "title_similarity": None,
                "author_similarity": None,
                "explanation": f"both state the identifier doi:{ARTICLE_DOI}",
            },
            {
                "record_id_l": both[0],
                "record_id_r": both[1],
                "rule": "comparison",
                "is_match": True,
                "verdict": "match",
                "level": "duplicate",
                "score": 1.0,
                "title_similarity": 0.994,
                "author_similarity": 1.0,
                "explanation": "titles 99.4 % alike, the same four authors",
            },
        ],
    }


def synthetic(n: int, seed: int = 7) -> Rows:
    """`n` synthetic works, each from one record, that cite each other."""
    dice = random.Random(seed)
    rows: Rows = defaultdict(list)
    works: list[dict[str, Any]] = []
    for number in range(n):
        doi = f"10.5555/synthetic.{number}"
        source = dice.choice(SOURCES)
        record_id = f"{source}:{number}"
        year = dice.choice([None, *range(1995, 2025)]) if number % 50 == 0 else dice.randint(1995, 2024)
        title = f"Synthetic work {number}: {' '.join(dice.sample(WORDS, 5))}"
        access = dice.choice(["c_abf2", "c_abf2", "c_14cb", "c_16ec", None])
        kind = dice.choice(["publication"] * 8 + ["dataset", "software"])
        label = {"publication": dice.choice(["Article", "Preprint"]), "dataset": "Dataset", "software": "Software"}[
            kind
        ]
        work = _bibliography(
            type=kind,
            title=title,
            authors=[
                author(rank, dice.choice(["Ada", "Émile", "Jean-Paul", "Noor"]), f"Invented{dice.randint(1, 60)}")
                for rank in range(1, dice.randint(1, 6) + 1)
            ],
            descriptions=[" ".join(dice.choices(WORDS, k=120)).capitalize() + "."] if number % 3 else [],
            published_on=None if year is None else f"{year}-{dice.randint(1, 12):02}",
            year=year,
            language=dice.choice(["eng", "eng", "eng", "deu", "und"]),
            subjects=[{"scheme": "keyword", "value": word, "term_id": None} for word in dice.sample(WORDS, 3)],
            container={"name": dice.choice(JOURNALS), "volume": "7", "first_page": str(number)},
            pids=[pid("doi", doi)],
        )
        work["instances"] = [
            instance(
                resource_type=label,
                urls=[f"https://example.org/{number}"],
                pids=[pid("doi", doi)],
                access_right=access,
                refereed="peerReviewed" if label == "Article" else None,
                published_on=work["published_on"],
                hosted_by=work["container"]["name"],
                collected_from=source,
            )
        ]
        works.append(work)
        add(rows, work, record_id, access)
    ids = [product["product_id"] for product in rows["product"]]
    for number, product_id in enumerate(ids):
        for position in range(dice.randint(0, 12)):
            # Skewed towards few works, so that some are cited often.
            target = int(n * dice.random() ** 3)
            unresolved = target == number or dice.random() < 0.2
            rows["cited_reference"].append(
                {
                    "product_id": product_id,
                    "record_id": rows["product"][number]["record_ids"][0],
                    "payload": "synthetic.jsonl",
                    "position": position,
                    "pids": [
                        pid("doi", f"10.5555/elsewhere.{position}" if unresolved else f"10.5555/synthetic.{target}")
                    ],
                    "text": f"Synthetic reference {position}, not held" if unresolved else None,
                    "target_id": None if unresolved else ids[target],
                }
            )
            if not unresolved:
                cite(rows, product_id, ids[target])
    return rows


def add(rows: Rows, work: dict[str, Any], record_id: str, access: str | None = None) -> str:
    """Adds a work that one record describes. Returns its product id."""
    best = work["pids"][0]
    product_id = id_of(Pid(best["scheme"], best["value"]))
    source, _, key = record_id.partition(":")
    rows["product"].append(
        {
            "product_id": product_id,
            **work,
            "access_right": access,
            "is_peer_reviewed": True if work["instances"][0].get("refereed") else None,
            "sources": [source],
            "record_ids": [record_id],
            "provenance": [],
        }
    )
    rows["record"].append(
        {
            "record_id": record_id,
            "source": source,
            "source_key": key,
            "payload": "synthetic.jsonl",
            "position": len(rows["record"]),
            "datestamp": "2024-01-02",
            "is_deleted": False,
            **work,
            "extras": [],
        }
    )
    rows["alias"] += [{"alias": f"{p['scheme']}:{p['value']}", "product_id": product_id} for p in work["pids"]]
    rows["alias"].append({"alias": record_id, "product_id": product_id})
    rows["member"].append({"record_id": record_id, "product_id": product_id})
    return product_id


def cite(rows: Rows, citing: str, cited: str) -> None:
    """Adds a citation in both directions."""
    relate(rows, citing, "Cites", "IsCitedBy", cited)


def relate(rows: Rows, left: str, relation: str, inverse: str, right: str) -> None:
    """Adds a relation in both directions."""
    rows["relation"] += [
        {"source_id": left, "relation": relation, "target_id": right, "sources": ["openalex"]},
        {"source_id": right, "relation": inverse, "target_id": left, "sources": ["openalex"]},
    ]


def odd_works(rows: Rows) -> dict[str, str]:
    """Adds works with what breaks pages. Returns their product ids by name."""
    dice = random.Random(3)

    def work(name: str, **values: Any) -> str:
        usual: dict[str, Any] = {
            "title": f"Synthetic oddity: {name}",
            "published_on": "2019",
            "year": 2019,
            "pids": [pid("doi", f"10.5555/odd.{name}")],
            "instances": [instance(hosted_by="Synthetic host", access_right="c_abf2", collected_from="openalex")],
        }
        return add(rows, _bibliography(**{**usual, **values}), f"openalex:odd-{name}", "c_abf2")

    ids = {
        "hostile": work(
            "hostile",
            title=HOSTILE_TITLE,
            authors=[author(1, '"><b>', "<i>Mallory</i>")],
            descriptions=["<p>Synthetic & <b>bold</b> p<0.05</p>\nMETHODS: none"],
            subjects=[{"scheme": "keyword", "value": '"><svg onload=x>', "term_id": None}],
            instances=[instance(hosted_by="<b>host</b>", urls=["javascript:alert(1)", "https://example.org/ok"])],
        ),
        "bare": work("bare", instances=[instance()], published_on=None, year=None),
        "crowd": work("crowd", authors=[author(i, "Ada", f"Invented{i}", None) for i in range(1, 301)]),
        "japanese": work("japanese", title="合成の研究 Synthetic 日本語", language="jpn"),
        "accents": work("accents", title="Synthetic étude of Ångström naïveté and Ελληνικά"),
        "orcid": work("orcid", authors=[author(1, "Josiah", "Invented", "0000-0002-1825-0097")]),
        "retracted": work("retracted", is_retracted=True),
        "notice": work("notice"),
        "long": work("long", title="Synthetic " + " ".join(dice.choices(WORDS, k=120))),
    }
    relate(rows, ids["retracted"], "IsObsoletedBy", "Obsoletes", ids["notice"])
    return ids


def indicators(rows: Rows) -> None:
    """Adds indicator rows: citation counts from the relations, the rest made up in their order."""
    counts: dict[str, int] = defaultdict(int)
    publications = {p["product_id"] for p in rows["product"] if p["type"] == "publication" and p["year"] is not None}
    for relation in rows["relation"]:
        if relation["relation"] == "IsCitedBy" and relation["target_id"] in publications:
            counts[relation["source_id"]] += 1
    ranked = [product["product_id"] for product in rows["product"] if product["year"] is not None]
    ranked.sort(key=lambda product_id: (-counts[product_id], product_id))
    for place, product_id in enumerate(ranked):
        share = (place + 1) / len(ranked)
        grade = next((f"C{i}" for i, top in enumerate((0.0001, 0.001, 0.01, 0.1), 1) if share <= top), "C5")
        is_article = product_id == ARTICLE_ID
        rows["indicator"].append(
            {
                "product_id": product_id,
                "citation_count": counts[product_id],
                "impulse": counts[product_id] // 2,
                "influence": (1 + counts[product_id]) / (3.0 * len(ranked)),
                "popularity": (1 + counts[product_id] % 7) / (9.0 * len(ranked)),
                "ram": counts[product_id] / 3.0,
                "citation_count_class": grade,
                "impulse_class": "C5" if is_article else grade,
                "influence_class": "C5" if is_article else grade,
                "popularity_class": "C4" if is_article else grade,
                "ram_class": "C4" if is_article else grade,
            }
        )


def behind_the_indicators(rows: Rows) -> None:
    """Adds what the steps of a ranking make of products and indicators, and citations whose parts fit the scores."""
    held = {table.name: _expression(table, rows[table.name]) for table in (PRODUCT, INDICATOR, PRODUCT_ENTITY)}
    product, indicator = held["product"], held["indicator"]
    member = group_members(product, indicator)
    rows["indicator_view"] = indicator_views(member, product, indicator).to_pyarrow().to_pylist()
    rows["indicator_group"] = indicator_groups(member, product, indicator).to_pyarrow().to_pylist()
    rows["entity_product"] = entity_products(product, held["product_entity"], indicator).to_pyarrow().to_pylist()
    empty = [_expression(table, []) for table in (ORGANIZATION, PROJECT, COMMUNITY)]
    ranking = {
        "current_year": 2024,
        "start_year": 2022,
        "impulse_years": 3,
        "influence_alpha": 0.5,
        "popularity_alpha": 0.2,
        "attention_weight": 0.0,
    }
    rows["entity_indicator"] = (
        entity_indicators(
            _expression(ENTITY_PRODUCT, rows["entity_product"]),
            indicator,
            product,
            _expression(RANKING, [ranking]),
            *empty,
        )
        .to_pyarrow()
        .to_pylist()
    )
    n_ranked = len(rows["indicator"])
    counts = {row["product_id"]: row["citation_count"] for row in rows["indicator"]}
    publications = {p["product_id"]: p["year"] for p in rows["product"] if p["type"] == "publication" and p["year"]}
    for relation in rows["relation"]:
        cited, citing = relation["source_id"], relation["target_id"]
        if relation["relation"] == "IsCitedBy" and citing in publications and cited in counts:
            rows["citation"].append(
                {
                    "product_id": cited,
                    "citing_id": citing,
                    "year": publications[citing],
                    "influence": 1 / (3.0 * n_ranked),
                    "popularity": (counts[cited] % 7) / (9.0 * n_ranked) / counts[cited],
                    "is_early": False,
                    "is_recent": False,
                }
            )


def _expression(table: Table, rows: list[dict[str, Any]]) -> Any:
    schema = ibis.schema({column.name: ibis_type(column.type) for column in table.columns})
    return ibis.memtable(table.from_rows(rows), schema=schema)


def small_rows(n: int = 300) -> tuple[Rows, dict[str, str]]:
    """The rows of every table of a release, and the ids of the odd works by name."""
    rows = synthetic(n)
    for table, more in article().items():
        rows[table] += more
    odd = odd_works(rows)
    recent = [
        p
        for p in rows["product"]
        if p["type"] == "publication" and (p["year"] or 0) >= 2020 and p["product_id"] != ARTICLE_ID
    ]
    for product in recent[:3]:
        cite(rows, product["product_id"], ARTICLE_ID)
    unique: dict[tuple[str, ...], dict[str, Any]] = {}
    for relation in rows["relation"]:
        unique[relation["source_id"], relation["relation"], relation["target_id"]] = relation
    rows["relation"] = list(unique.values())
    indicators(rows)
    behind_the_indicators(rows)
    rows["defect"] = [
        {
            "source": "openalex",
            "payload": "synthetic.jsonl",
            "position": 3,
            "code": "json_syntax",
            "ordinal": 0,
            "message": "not JSON: the line was left out",
            "is_record_lost": True,
        }
    ]
    return rows, odd


def write_release(home: Path, rows: Rows, release_id: str = "2026-01-01-0000aaaa", row_group: int = 64) -> Path:
    """Writes a release in the layout that `publish` makes, and serves it. Returns its folder."""
    folder = home / "releases" / release_id
    described: dict[str, Any] = {}
    for table in RELEASE_TABLES:
        place = folder / "tables" / table.name
        place.mkdir(parents=True)
        data = sorted(rows.get(table.name, []), key=lambda row: tuple(row[name] for name in table.key))
        half = len(data) // 2
        for number, part in enumerate((data[:half], data[half:])):
            path = place / f"part-{number:05}.parquet"
            pq.write_table(table.from_rows(part), path, compression="zstd", row_group_size=row_group)
        described[table.name] = {
            "rows": len(data),
            "hash": hashlib.sha256(table.name.encode()).hexdigest(),
            "files": [{"name": path.name, "bytes": path.stat().st_size} for path in sorted(place.iterdir())],
        }
    build_index(folder / "tables", folder / "index")
    resolved = sum(row["target_id"] is not None for row in rows.get("cited_reference", []))
    manifest = {
        "format": 1,
        "release_id": release_id,
        "graph": {"name": "Synthetic graph", "community": "tests", "contact": "graph@example.org"},
        "created_at": "2026-01-01T09:30:00.000+00:00",
        "evigraph_version": "0.0.0",
        "engine": "duckdb",
        "release_hash": hashlib.sha256(release_id.encode()).hexdigest(),
        "ranking": {
            "current_year": 2024,
            "parameters": {
                "name": "BIP!",
                "current_year": 2024,
                "influence_alpha": 0.5,
                "popularity_alpha": 0.2,
                "popularity_beta": 0.5,
                "popularity_gamma": 0.3,
                "popularity_rho": -0.16,
                "attention_years": 3,
                "impulse_years": 3,
                "start_year": 2022,
            },
            "n_nodes": (n_ranked := len(rows.get("indicator", []))),
            "constants": {
                "influence_teleport": 1 / (3.0 * max(1, n_ranked)),
                "influence_dangling": 0.0,
                "popularity_dangling": 1 / (9.0 * max(1, n_ranked)),
                "attention_weight": 0.0,
                "recency_youngest": 1,
                "recency_sum": 1e12,
            },
            "class_entries": {
                "citation_count": {"C1": 60.0, "C2": 50.0, "C3": 40.0, "C4": 9.0},
                "impulse": {"C1": 30.0, "C2": 25.0, "C3": 20.0, "C4": 4.0},
                "influence": {"C1": 0.5, "C2": 0.4, "C3": 0.3, "C4": 0.2},
                "popularity": {"C1": 0.07, "C2": 0.06, "C3": 0.05, "C4": 0.01},
            },
            "n_edges": sum(row["relation"] == "Cites" for row in rows.get("relation", [])),
        },
        "counts": {
            "records": len(rows.get("record", [])),
            "products": len(rows.get("product", [])),
            "merged_products": 1,
            "citations": sum(row["relation"] == "Cites" for row in rows.get("relation", [])),
            "references": len(rows.get("cited_reference", [])),
            "references_resolved": resolved,
            "ranked_products": len(rows.get("indicator", [])),
        },
        "sources": [
            {
                "name": name,
                "label": label,
                "home_page": f"https://{name}.example.org/",
                "license": "CC0 1.0",
                "attribution": f"Synthetic records in the manner of {label}.",
                "cut_off": "2025-12-31",
                "n_records": sum(row["source"] == name for row in rows.get("record", [])),
                "payloads": [
                    {
                        "name": "synthetic.jsonl",
                        "sha256": hashlib.sha256(name.encode()).hexdigest(),
                        "bytes": 123_456,
                        "origin": "https://example.org/synthetic.jsonl",
                        "harvested_at": "2026-01-01T08:00:00+00:00",
                    }
                ],
            }
            for name, label in (("openalex", "OpenAlex"), ("pubmed", "PubMed"), ("crossref", "Crossref"))
        ],
        "defects": [{"source": "openalex", "code": "json_syntax", "n": 1, "n_records_lost": 1}],
        "tables": described,
        "steps": [{"name": "merge", "seconds": 1.5, "rows": len(rows.get("product", []))}],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    current = home / "current.partial"
    current.write_text(release_id, encoding="utf-8")
    current.replace(home / "current")
    return folder
