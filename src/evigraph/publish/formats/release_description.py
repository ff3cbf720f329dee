"""A release described for others: what its tables and columns mean, as Croissant 1.0 and as RO-Crate 1.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from evigraph.model.table import Table
from evigraph.model.tables import RELEASE_TABLES

_CROISSANT = "http://mlcommons.org/croissant/1.0"

#: The context that Croissant 1.0 asks every description to carry.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

_TABLES: dict[str, Table] = {table.name: table for table in RELEASE_TABLES}


def data_dictionary(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What each table and column of a release means, with the number of rows, as plain values."""
    return {
        "release_id": manifest.get("release_id"),
        "tables": [
            {
                "name": name,
                "meaning": _TABLES[name].meaning,
                "key": list(_TABLES[name].key),
                "rows": told.get("rows"),
                "columns": [
                    {"name": one.name, "type": str(one.type), "meaning": one.meaning} for one in _TABLES[name].columns
                ],
            }
            for name, told in (manifest.get("tables") or {}).items()
            if name in _TABLES
        ],
    }


def _about(manifest: Mapping[str, Any], address: str) -> dict[str, Any]:
    graph = manifest.get("graph") or {}
    name = graph.get("name") or "evigraph"
    made = str(manifest.get("created_at") or "")[:10]
    licences = sorted(
        {one.get("license_url") or one.get("license") for one in manifest.get("sources") or ()} - {None, ""}
    )
    return {
        "name": f"{name}, release {manifest.get('release_id')}",
        "description": f"Research products of {name}, merged from their sources, with citations and indicators.",
        "url": address,
        "version": str(manifest.get("release_id")),
        "datePublished": made,
        **({"license": licences} if licences else {}),
    }


def _files(manifest: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    tables = manifest.get("tables") or {}
    return [(name, file) for name, told in tables.items() if name in _TABLES for file in told.get("files") or ()]


def croissant(manifest: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The release as Croissant JSON-LD; `address` is where its files lie, by table and name."""
    objects = [
        {
            "@type": "cr:FileObject",
            "@id": f"{table}/{file['name']}",
            "name": f"{table}/{file['name']}",
            "contentUrl": f"{address}/{table}/{file['name']}",
            "encodingFormat": "application/x-parquet",
            "contentSize": f"{file.get('bytes', 0)} B",
            **({"sha256": file["sha256"]} if file.get("sha256") else {}),
        }
        for table, file in _files(manifest)
    ]
    tables = list(dict.fromkeys(table for table, _ in _files(manifest)))
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": _CROISSANT,
        **_about(manifest, address),
        "citeAs": _about(manifest, address)["name"],
        "distribution": [
            *objects,
            *(
                {
                    "@type": "cr:FileSet",
                    "@id": f"{table}-files",
                    "name": f"{table}-files",
                    "containedIn": [{"@id": one["@id"]} for one in objects if one["@id"].startswith(f"{table}/")],
                    "encodingFormat": "application/x-parquet",
                    "includes": "*.parquet",
                }
                for table in tables
            ),
        ],
        "recordSet": [_record_set(_TABLES[table]) for table in tables],
    }


def _record_set(table: Table) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.meaning,
        "key": [{"@id": f"{table.name}/{name}"} for name in table.key],
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table.name}/{one.name}",
                "name": one.name,
                "description": one.meaning,
                "dataType": _data_type(one.type),
                **({"repeated": True} if pa.types.is_list(one.type) else {}),
                "source": {"fileSet": {"@id": f"{table.name}-files"}, "extract": {"column": one.name}},
            }
            for one in table.columns
        ],
    }


def _data_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        kind = kind.value_type
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    return "sc:Float" if pa.types.is_floating(kind) else "sc:Text"


def ro_crate(manifest: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The release as an RO-Crate whose files lie at `address`."""
    files = _files(manifest)
    about = _about(manifest, address)
    licences = about.pop("license", [])
    sources = [one for one in manifest.get("sources") or () if one.get("home_page")]
    graph: list[dict[str, Any]] = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            **about,
            "license": [{"@id": one} if one.startswith("http") else one for one in licences],
            "hasPart": [{"@id": f"{table}/{file['name']}"} for table, file in files],
            "isBasedOn": [{"@id": one["home_page"]} for one in sources],
            "mentions": {"@id": "#run"},
        },
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": "evigraph run",
            "endTime": manifest.get("created_at"),
            "instrument": {"@id": "#evigraph"},
            "result": {"@id": "./"},
        },
        {
            "@id": "#evigraph",
            "@type": "SoftwareApplication",
            "name": "evigraph",
            "version": manifest.get("evigraph_version"),
        },
    ]
    graph += [
        {
            "@id": f"{table}/{file['name']}",
            "@type": "File",
            "name": f"{table}/{file['name']}",
            "description": _TABLES[table].meaning,
            "encodingFormat": "application/vnd.apache.parquet",
            "contentSize": str(file.get("bytes", 0)),
            **({"sha256": file["sha256"]} if file.get("sha256") else {}),
        }
        for table, file in files
    ]
    seen: set[str] = set()
    for one in sources:
        if one["home_page"] not in seen:
            seen.add(one["home_page"])
            graph.append({"@id": one["home_page"], "@type": "Dataset", "name": one.get("label") or one.get("name")})
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
