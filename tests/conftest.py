"""What all tests share: the profile of property tests, and the folder of real records."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from browsers import browser
from databases import address, postgresql
from evigraph.cli.demonstration import EXAMPLES
from graphs import synthetic_works, write_lines
from registry_files import ISSN, write_registries

# A first example pays for imports and compiled code; on a busy machine any may be slow. Slowness is no failure.
# The same examples in every run, so that a change is what makes a test fail; EVIGRAPH_EXPLORE=1 looks for new ones.
settings.register_profile("evigraph", deadline=None, derandomize=not os.environ.get("EVIGRAPH_EXPLORE"))
settings.load_profile("evigraph")

__all__ = ["address", "browser", "postgresql"]

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real records beside the checkout; the test is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no real records: {SHARED_DATA.name} is not beside the checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def small_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph's folder with payloads of every source, harvested and not yet run: some hundred synthetic works."""
    from evigraph.harvest.payloads import add

    folder = tmp_path_factory.mktemp("small")
    home = folder / "home"
    home.mkdir()
    works = synthetic_works(400, seed=7)
    for work in works[:20]:
        work["issn-type"] = [{"type": "electronic", "value": ISSN}]
    # A field, an author and an organization that have works enough to be compared and summed up.
    for work in works[:30]:
        work["subject"] = ["Synthetic field", f"Synthetic part {works.index(work) % 3}"]
        work["author"][0] |= {
            "ORCID": "https://orcid.org/0000-0002-1825-0097",
            "affiliation": [
                {"name": "Synthetic University", "id": [{"id": "https://ror.org/027bh9e22", "id-type": "ROR"}]}
            ],
        }
    # Told twice: once more by a source without identifiers in common, so that title and authors have to join them.
    openalex = [
        {
            "id": f"https://openalex.org/W{9_000_000 + number}",
            "title": work["title"][0],
            "display_name": work["title"][0],
            "type": "article",
            "publication_year": work["issued"]["date-parts"][0][0],
            "authorships": [
                {"author": {"display_name": f"{author['given']} {author['family']}"}} for author in work["author"]
            ],
            "referenced_works": [f"https://openalex.org/W{9_000_000 + number + 1}"],
        }
        for number, work in enumerate(works[:40])
    ]
    openaire = [
        {
            "id": f"synthetic___::{number:032x}",
            "type": "publication",
            "mainTitle": f"{work['title'][0]} told by a repository",
            "authors": [{"fullName": "Synthetic Author", "rank": 1}],
            "publicationDate": "2019-05-01",
            "pids": [{"scheme": "doi", "value": work["DOI"]}] if number % 2 else [],
            "instances": [{"type": "Article", "urls": ["https://example.org/1"]}],
        }
        for number, work in enumerate(works[40:60])
    ]
    relations = [
        {
            "source": openaire[number]["id"],
            "sourceType": "product",
            "target": openaire[number + 1]["id"],
            "targetType": "product",
            "relType": {"name": "Cites", "type": "citation"},
        }
        for number in range(10)
    ]
    # Citations between identifiers, one of which the graph does not hold.
    index = ["oci,citing,cited,creation,timespan,journal_sc,author_sc"]
    index += [
        f"oci:{number},doi:{work['DOI']} omid:br/0699{number},doi:{works[number + 100]['DOI']},2020-01-01,P1Y,no,no"
        for number, work in enumerate(works[:60])
    ]
    index.append(f"oci:60,doi:10.5555/synthetic.not-held,doi:{works[0]['DOI']},2020-01-01,P1Y,no,no")
    (folder / "index.csv").write_text("\n".join(index) + "\n", encoding="utf-8")
    files = {
        "opencitations": folder / "index.csv",
        "crossref": write_lines(folder / "works.jsonl.gz", works),
        "openalex": write_lines(folder / "openalex.jsonl", openalex),
        "openaire": write_lines(folder / "openaire.jsonl", openaire),
    }
    for source, path in files.items():
        add(home, source, path)
    add(home, "openaire", write_lines(folder / "relations.jsonl", relations))
    for source, path in write_registries(folder / "registries", works):
        add(home, source, path)
    for source, name in EXAMPLES:
        add(home, source, Path(__file__).parents[1] / "examples" / name)
    return home
