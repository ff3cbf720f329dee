"""Bad input costs itself: one clear line that names the file and the remedy, and every other record is there."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from graphs import synthetic_works, write_lines

GOOD = [work for work in synthetic_works(30, seed=3) if work.pop("reference") is not None]

PUBMED = """<?xml version="1.0" encoding="utf-8"?>
{doctype}
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article>
<ArticleTitle>Synthetic article {pmid}{more}</ArticleTitle></Article></MedlineCitation></PubmedArticle>
</PubmedArticleSet>
"""

BOMB = """<!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>"""


def evigraph(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "evigraph", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def truncated_gzip(folder: Path) -> tuple[str, Path, int]:
    path = write_lines(folder / "truncated.jsonl.gz", synthetic_other(2000, "truncated"))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 3 // 4])
    # How many lines lie before the damage, found by another reader.
    done = subprocess.run(["gzip", "-dc", str(path)], capture_output=True, check=False)
    return "crossref", path, done.stdout.count(b"\n")


def broken_line(folder: Path) -> tuple[str, Path, int]:
    path = write_lines(folder / "broken.jsonl", synthetic_other(5, "broken"))
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2][:40] + b"\n"
    path.write_bytes(b"".join(lines))
    return "crossref", path, 4


def doctype_bomb(folder: Path) -> tuple[str, Path, int]:
    path = folder / "bomb.xml"
    path.write_text(PUBMED.format(doctype=BOMB, pmid="99999991", more=" &d;"), encoding="utf-8")
    return "pubmed", path, 0


def empty_file(folder: Path) -> tuple[str, Path, int]:
    path = folder / "nothing.jsonl"
    path.touch()
    return "crossref", path, 0


def huge_record(folder: Path) -> tuple[str, Path, int]:
    huge = {**synthetic_other(1)[0], "DOI": "10.5555/too.large", "abstract": "synthetic " * 5_000_000}
    return "crossref", write_lines(folder / "huge.jsonl", [huge, *synthetic_other(3, "huge")]), 3


def wrong_type(folder: Path) -> tuple[str, Path, int]:
    path = folder / "article.pdf"
    path.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 40)
    return "crossref", path, 0


def synthetic_other(n: int, name: str = "other") -> list[dict[str, object]]:
    works = synthetic_works(n, seed=4)
    for number, work in enumerate(works):
        work["DOI"] = f"10.5555/{name}.{number}"
    return works


MAKERS = (truncated_gzip, broken_line, doctype_bomb, empty_file, huge_record, wrong_type)

#: Words that tell a person what to do next.
REMEDIES = ("again", "save", "export", "remove", "give", "split", "mend", "repair", "convert", "use")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[str]], dict[str, int], int]:
    """For each bad file the lines that name it; the counts of the run; how many records it should hold."""
    folder = tmp_path_factory.mktemp("bad")
    home = folder / "home"
    home.mkdir()
    said: list[str] = []
    n_usable = len(GOOD)
    assert (
        evigraph(
            "harvest", "crossref", str(write_lines(folder / "good.jsonl.gz", GOOD)), "--home", str(home)
        ).returncode
        == 0
    )
    names = {}
    for make in MAKERS:
        source, bad, n = make(folder)
        n_usable += n
        names[make.__name__] = bad.name
        said += evigraph("harvest", source, str(bad), "--home", str(home)).stderr.splitlines()
    done = evigraph("run", "--home", str(home), "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    said += [row["example"] for row in report["defects"]]
    return {name: [line for line in said if bad in line] for name, bad in names.items()}, report["counts"], n_usable


Told = tuple[dict[str, list[str]], dict[str, int], int]


def test_every_other_record_is_there(told: Told) -> None:
    _, counts, n_usable = told
    assert counts["records"] == n_usable


@pytest.mark.parametrize("kind", [make.__name__ for make in MAKERS])
def test_one_clear_line_names_the_file_and_the_remedy(kind: str, told: Told) -> None:
    lines = told[0][kind]
    assert len(lines) == 1, lines
    assert "\n" not in lines[0]
    assert any(word in lines[0].lower() for word in REMEDIES), f"no remedy in: {lines[0]}"


def test_unpacked_size_is_bounded(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    bomb = tmp_path / "bomb.jsonl.gz"
    with gzip.open(bomb, "wb", 9) as file:
        for _ in range(400):
            file.write(b" " * 1_000_000)
    assert evigraph("harvest", "crossref", str(bomb), "--home", str(home)).returncode == 0
    done = evigraph("run", "--home", str(home), "--json")
    assert done.returncode == 0, done.stderr
    assert any(bomb.name in row["example"] for row in json.loads(done.stdout)["defects"])
