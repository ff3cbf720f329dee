"""The rules of the house that a linter of imports cannot hold."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "evigraph").rglob("*.py"))
STAGES = {"harvest", "clean", "deduplicate", "enrich", "rank", "publish"}
EMPTY_NAMES = {"utils", "util", "common", "helpers", "helper", "manager", "handler", "misc"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_has_one_subject(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    # Tables of the field's terms are data: their length says nothing about subjects.
    limit = 700 if path.stem in {"languages", "resource_types", "licences", "vocabularies", "tables"} else 400
    assert lines <= limit, f"{path.name} has {lines} lines: what is its second subject?"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_name_says_what_is_inside(path: Path) -> None:
    assert not EMPTY_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path.name} says nothing of itself"


@pytest.mark.parametrize("path", [p for p in SOURCES if p.parts[-2] in {"portal"}], ids=lambda path: path.name)
def test_the_portal_knows_a_stage_only_by_its_api(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = node.module.split(".")
            if len(parts) > 2 and parts[0] == "evigraph" and parts[1] in STAGES:
                assert parts[2] == "api", f"{path.name} imports {node.module}"


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p.parts[-2] in STAGES or p.parts[-2] == "model"], ids=lambda path: path.name
)
def test_no_stage_executes_an_expression(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"execute", "cache", "to_pandas", "to_pyarrow", "to_parquet"} or (
                node.attr == "cache" and isinstance(node.value, ast.Name) and node.value.id == "functools"
            ), f"{path.name}:{node.lineno} runs an expression: only the engine may"


def test_nothing_tracked_names_a_machine_or_an_index() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: there is no list of tracked files")
    # Put together here, so that this file does not name them.
    forbidden = [
        "files.pythonhosted" + ".org",
        "pypi" + ".org/simple",
        "registry.npmjs" + ".org",
        '"resolved": ' + '"http',
    ]
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".png", ".woff2", ".gz"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for address in forbidden:
            assert address not in text, f"{name} names {address}"
