"""What tests of deposits share: a synthetic product, a synthetic manuscript, a client that may call loopback."""

from __future__ import annotations

from datetime import date
from typing import Any

from evigraph.deposit.metadata import Choice
from evigraph.deposit.terms import VERSIONS
from evigraph.deposit.told import begin
from evigraph.net.client import Client, Policy
from evigraph.store.content import ContentFolder
from evigraph.store.ledger import Ledger

PDF = b"%PDF-1.7\n" + b"synthetic manuscript " * 5_000 + b"\n%%EOF\n"

PRODUCT: dict[str, Any] = {
    "product_id": "doi_________::0",
    "type": "publication",
    "title": "Synthetic work on <peer> support",
    "subtitle": "with a subtitle",
    "authors": [
        {
            "full_name": "Ana Quimérico",
            "given_name": "Ana",
            "family_name": "Quimérico",
            "orcid": "0000-0002-1825-0097",
            "is_group": False,
            "affiliations": [{"name": "Synthetic University", "ror_id": None}, {"name": None, "ror_id": None}],
        },
        {
            "full_name": "Synthetic Study Group",
            "given_name": None,
            "family_name": None,
            "orcid": None,
            "is_group": True,
        },
        {"full_name": "Plato", "given_name": None, "family_name": None, "orcid": None, "is_group": False},
    ],
    "descriptions": ["First <line>.\nSecond line & more.", "another abstract"],
    "published_on": "2023-05",
    "year": 2023,
    "language": "eng",
    "subjects": [{"scheme": "mesh", "value": "Humans", "term_id": None}, {"scheme": "k", "value": "Humans"}],
    "container": {"name": "Synthetic Journal", "volume": "7", "issn_linking": "2049-3630"},
    "pids": [{"scheme": "doi", "value": "10.5555/synthetic.1"}, {"scheme": "pmid", "value": "1"}],
    "instances": [],
    "funding": [{"funder_name": "Synthetic Fund", "funder_id": None, "award": "S-1"}],
}


def quick_client() -> Client:
    """A client that may call loopback, as fast as it likes, and gives up soon."""
    return Client(Policy(allowed_hosts=frozenset({"127.0.0.1"}), default_rate=10_000, timeout=0.4, attempts=2))


def begun(ledger: Ledger, files: ContentFolder, address: str, once: str = "") -> str:
    """The id of a deposit of the synthetic product."""
    choice = Choice(VERSIONS["accepted"], "cc-by-4.0")
    today, where = date(2026, 1, 1), (address, "Stand-in")
    return begin(ledger, "ana", "doi:10.5555/synthetic.1", PRODUCT, "Article", choice, PDF, files, where, today, once)
