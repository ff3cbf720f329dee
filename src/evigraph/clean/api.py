"""Cleaning by name: the crosswalk of each source, and what may be said of the source's metadata.

A third party adds a source by an entry point of the group `evigraph.crosswalks`: its name is the source's, its
object a function of the form of `evigraph.engine.api.FileFunction`, importable at module level, that gives batches
of the tables record, reference, link and defect (`evigraph.clean.batches.Rows` makes them). In `pyproject.toml`:

    [project.entry-points."evigraph.crosswalks"]
    scielo = "evigraph_scielo.crosswalk:crosswalk"
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import cast

import pyarrow as pa

from evigraph.clean.crossref import crosswalk as crossref
from evigraph.clean.datacite import crosswalk as datacite
from evigraph.clean.deposits import crosswalk as deposits
from evigraph.clean.exports import crosswalk as exports
from evigraph.clean.jats import crosswalk as jats
from evigraph.clean.oai_pmh import crosswalk as oai_pmh
from evigraph.clean.openaire import crosswalk as openaire
from evigraph.clean.openalex import crosswalk as openalex
from evigraph.clean.openalex import csv as openalex_csv
from evigraph.clean.opencitations import crosswalk as opencitations
from evigraph.clean.payload import sniff
from evigraph.clean.pubmed import crosswalk as pubmed
from evigraph.clean.registries import coar, doaj, funders, issn_l, retractions, ror
from evigraph.clean.reviews import crosswalk as reviews
from evigraph.engine.api import FileFunction
from evigraph.errors import InputError

#: The entry-point group by which another package adds a crosswalk.
ENTRY_POINTS = "evigraph.crosswalks"


@dataclass(frozen=True)
class SourceFacts:
    """What pages say of a source: its name for people, home page, licence of its metadata, whom to thank for it."""

    label: str
    home_page: str
    license: str
    license_url: str
    attribution: str


#: The facts of the sources that come with evigraph. The licence is that of the metadata; abstracts may belong to
#: their publishers whatever the source.
SOURCES: dict[str, SourceFacts] = {
    "pubmed": SourceFacts(
        "PubMed",
        "https://pubmed.ncbi.nlm.nih.gov/",
        "NLM terms and conditions",
        "https://www.nlm.nih.gov/databases/download/terms_and_conditions.html",
        "PubMed data: courtesy of the U.S. National Library of Medicine, which does not endorse this graph. The data "
        "here may be older than NLM's own.",
    ),
    "crossref": SourceFacts(
        "Crossref",
        "https://www.crossref.org/",
        "Facts, free to reuse",
        "https://www.crossref.org/documentation/retrieve-metadata/rest-api/",
        "Metadata registered by publishers with Crossref. They are facts and free to reuse; abstracts may be under "
        "their publishers' copyright.",
    ),
    "openalex": SourceFacts(
        "OpenAlex",
        "https://openalex.org/",
        "CC0 1.0",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "Data of OpenAlex, made by OurResearch and given to the public domain.",
    ),
    "openaire": SourceFacts(
        "OpenAIRE Graph",
        "https://graph.openaire.eu/",
        "CC BY 4.0",
        "https://creativecommons.org/licenses/by/4.0/",
        "Data of the OpenAIRE Graph, CC BY 4.0; cleaned and merged here with those of other sources.",
    ),
    "datacite": SourceFacts(
        "DataCite",
        "https://datacite.org/",
        "CC0 1.0",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "Metadata registered by repositories with DataCite and given to the public domain.",
    ),
    "opencitations": SourceFacts(
        "OpenCitations",
        "https://opencitations.net/",
        "CC0 1.0",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "Bibliographic data and citations of OpenCitations' Meta and Index, given to the public domain.",
    ),
    "jats": SourceFacts(
        "JATS full text",
        "https://jats.nlm.nih.gov/",
        "As stated by each article",
        "https://jats.nlm.nih.gov/publishing/tag-library/1.3/element/license.html",
        "Articles that the people of this graph brought in as full text; each is under the licence that it states.",
    ),
    "europepmc": SourceFacts(
        "Europe PMC",
        "https://europepmc.org/",
        "As stated by each article",
        "https://europepmc.org/Copyright",
        "Open-access full texts of Europe PMC; each article is under the licence that it states.",
    ),
    "exports": SourceFacts(
        "Exported references",
        "",
        "As the database grants it",
        "",
        "References exported from databases and reference managers by the people of this graph, each under the terms "
        "of the database it came from; abstracts belong to their publishers.",
    ),
    "oai_pmh": SourceFacts(
        "Repositories (OAI-PMH)",
        "https://www.openarchives.org/pmh/",
        "As stated by each repository",
        "https://www.openarchives.org/OAI/2.0/guidelines-rights.htm",
        "Metadata of repositories, harvested by OAI-PMH. Each record names its repository; its terms hold.",
    ),
    "reviews": SourceFacts(
        "Reviews of this graph",
        "",
        "As stated by each review",
        "",
        "Systematic reviews that teams made and published in this graph.",
    ),
    "deposits": SourceFacts(
        "Deposits",
        "",
        "As stated by each copy",
        "",
        "Open copies that people deposited in a repository from this graph; each is under the licence that it states.",
    ),
    "ror": SourceFacts(
        "ROR",
        "https://ror.org/",
        "CC0 1.0",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "Organizations of the Research Organization Registry, given to the public domain.",
    ),
    "funders": SourceFacts(
        "Crossref Funder Registry",
        "https://www.crossref.org/services/funder-registry/",
        "CC0 1.0",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "Funders of the Open Funder Registry, kept by Crossref.",
    ),
    "doaj": SourceFacts(
        "DOAJ",
        "https://doaj.org/",
        "",
        "",
        "Journals of the Directory of Open Access Journals.",
    ),
    "retractions": SourceFacts(
        "Retraction Watch",
        "https://retractionwatch.com/",
        "",
        "",
        "Reports of the Retraction Watch database, published by Crossref.",
    ),
    "issn_l": SourceFacts(
        "ISSN-L table",
        "https://www.issn.org/",
        "",
        "",
        "Linking ISSNs of the ISSN International Centre.",
    ),
    "coar": SourceFacts(
        "COAR vocabularies",
        "https://vocabularies.coar-repositories.org/",
        "",
        "",
        "Controlled vocabularies of the Confederation of Open Access Repositories.",
    ),
}


def _openalex(path: str) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The batches of an OpenAlex payload: of its CSV export where the file looks like a table, else of JSON."""
    return openalex_csv.crosswalk(path) if sniff(path) == "csv" else openalex.crosswalk(path)


#: The crosswalks that come with evigraph, by source.
CROSSWALKS: dict[str, FileFunction] = {
    "pubmed": pubmed.crosswalk,
    "crossref": crossref.crosswalk,
    "openalex": _openalex,
    "openaire": openaire.crosswalk,
    "datacite": datacite.crosswalk,
    "opencitations": opencitations.crosswalk,
    "jats": jats.crosswalk,
    "europepmc": jats.europepmc_crosswalk,
    "exports": exports.crosswalk,
    "oai_pmh": oai_pmh.crosswalk,
    "reviews": reviews.crosswalk,
    "deposits": deposits.crosswalk,
    "ror": ror.crosswalk,
    "funders": funders.crosswalk,
    "doaj": doaj.crosswalk,
    "retractions": retractions.crosswalk,
    "issn_l": issn_l.crosswalk,
    "coar": coar.crosswalk,
}


#: Sources whose crosswalk opens an archive itself, for only some of the files in it are meant.
OPENS_ARCHIVES: frozenset[str] = frozenset({"ror", "doaj", "issn_l"})


def source_names() -> tuple[str, ...]:
    """The names of all sources that have a crosswalk, evigraph's own first."""
    return (*CROSSWALKS, *sorted(set(_additions()) - set(CROSSWALKS)))


def crosswalk_of(source: str) -> FileFunction:
    """The crosswalk of a source: from the path of a payload file to batches of named tables.

    Raises:
        InputError: there is no such source, or the package that adds it cannot be loaded.
    """
    if own := CROSSWALKS.get(source):
        return own
    addition = _additions().get(source)
    if addition is None:
        raise InputError(f"{source!r} has no crosswalk: use one of {', '.join(source_names())}")
    try:
        return cast(FileFunction, addition.load())
    except Exception as error:
        message = (
            f"the crosswalk of {source} cannot be loaded ({error}): reinstall the package that has {addition.value}"
        )
        raise InputError(message) from error


@cache
def _additions() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}
