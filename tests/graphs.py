"""Graphs for tests, made of synthetic works that say so."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

from evigraph.rank.synthetic import synthetic_literature

_ONSETS = ["b", "br", "d", "f", "g", "gr", "k", "kl", "l", "m", "n", "p", "pl", "r", "s", "st", "t", "tr", "v", "z"]
_NUCLEI = ["a", "e", "i", "o", "u", "ai", "ou"]
_CODAS = ["l", "m", "n", "r", "s", "t", "nd", "rk"]


def _word(source: random.Random, syllables: int) -> str:
    return "".join(source.choice(_ONSETS) + source.choice(_NUCLEI) for _ in range(syllables)) + source.choice(_CODAS)


def synthetic_works(n_works: int, seed: int, last_year: int = 2024) -> list[dict[str, Any]]:
    """Crossref works of a synthetic literature: titles that say synthetic, DOIs under 10.5555, references by DOI."""
    literature = synthetic_literature(n_works, seed, last_year=last_year)
    source = random.Random(seed)
    people = [(_word(source, 1).title(), _word(source, 2).title()) for _ in range(max(4, n_works // 3))]
    works: list[dict[str, Any]] = []
    for number, year in enumerate(literature.years.tolist()):
        subject = " ".join(_word(source, source.randint(2, 3)) for _ in range(5))
        byline = source.sample(people, source.randint(1, 4))
        works.append(
            {
                "DOI": f"10.5555/synthetic.{number}",
                "type": "journal-article",
                "title": [f"Synthetic work on {subject}"],
                "author": [{"given": given, "family": family} for given, family in byline],
                "container-title": [f"Synthetic Journal of {subject.split()[0].title()}"],
                "publisher": "Synthetic Press",
                "issued": {"date-parts": [[year]]},
                "reference": [],
            }
        )
    for citing, cited in zip(literature.citing.tolist(), literature.cited.tolist(), strict=True):
        works[citing]["reference"].append({"key": str(cited), "DOI": f"10.5555/synthetic.{cited}"})
    return works


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    """`rows` as JSON lines, gzipped where the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    return path
