from __future__ import annotations

from pathlib import Path

import pytest

from clean.exported import CORPUS, extras, read, written
from evigraph.clean.exports.bibtex import looks_like
from evigraph.clean.exports.bibtex_blocks import value_of
from evigraph.clean.exports.bibtex_latex import decode


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"G{\"o}del", "Gödel"),
        (r"\'{\i}", "í"),
        (r"\v{S}kult\.{e}ty", "Škultėty"),
        (r"{\O}rsted \c c \aa", "Ørsted ç å"),
        (r"{NASA} and $\alpha$-synuclein", "NASA and α-synuclein"),
        (r"$p<0.05$, H$_2$O, 10$^6$", "p<0.05, H2O, 10^6"),
        (r"an $x^2$ of $\frac{1}{2}$", r"an $x^2$ of $\frac{1}{2}$"),
        ("50% of ~5 mg, J.~Smith 1--10", "50% of ~5 mg, J. Smith 1–10"),
        ("costs $5 and $10", "costs $5 and $10"),
        (r"\textit{in vivo} \unknown{thing}", r"in vivo \unknown{thing}"),
        (r"Taylor \& Francis \_x \textbackslash{}b", r"Taylor & Francis _x \b"),
        ("``quoted'' but 5''", "“quoted” but 5”"),
        ("never closed {\\'{", "never closed \\'"),
    ],
)
def test_latex_becomes_unicode(latex: str, text: str) -> None:
    assert decode(latex) == text


def test_identifiers_keep_their_dashes_and_tildes() -> None:
    sici = r"10.1002/(SICI)1097\textless1::AID\textgreater3.0.CO;2--\#"
    assert decode(sici, is_text=False) == "10.1002/(SICI)1097<1::AID>3.0.CO;2--#"
    assert decode("https://example.org/~a_b--c", is_text=False) == "https://example.org/~a_b--c"


@pytest.mark.parametrize("unit", ["\\'{", "\\'", "$a", "\\foo{", "''", "{", "\\textsuperscript{", "\\c", "$\\a", "~"])
def test_hostile_latex_takes_no_time(unit: str) -> None:
    assert len(decode(unit * 3000)) <= 2 * len(unit) * 3000


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("{a {b} c}", "a {b} c"),
        ('"K{"}o" # " x"', 'K{"}o x'),
        ('jx # " (B)"', "Journal (B)"),
        ("2001", "2001"),
        ("{a} # {b", "ab"),
    ],
)
def test_values_of_fields(expression: str, value: str) -> None:
    assert value_of(expression, {"jx": "Journal"}) == (value, [])


def test_macros_accents_groups() -> None:
    rows = read(CORPUS / "bibtex_macros_accents_groups.bib")
    first, second = rows["record"]
    assert first["title"] == "NASA and α-synuclein: 50% of $x^2$"
    assert [author["full_name"] for author in first["authors"]] == [
        "Kurt Gödel",
        "World Health Organization",
        "Jan van der Berg Jr",
    ]
    assert [author["is_group"] for author in first["authors"]] == [False, True, False]
    assert first["authors"][2]["family_name"] == "van der Berg"
    assert first["published_on"] == "1999-01-10"
    assert first["container"]["name"] == "Journal of Synthetic Records (B)"
    assert first["pids"] == [{"scheme": "doi", "value": "10.5555/a_1"}]
    assert extras(first) == [
        ("export_dialect", "BibTeX"),
        ("citation_key", "a"),
        ("entry_type", "article"),
        ("author", "others"),
        ("title_latex", r"{NASA} and $\alpha$-synuclein: 50% of $x^2$"),
        ("note", 'a " q'),
        ("crossref", "proc"),
    ]
    assert second["pids"] == [{"scheme": "arxiv", "value": "2101.00001"}]
    assert [(defect["code"], defect["is_record_lost"]) for defect in rows["defect"]] == [("undefined_macro", False)]


def test_same_key_and_same_field_twice() -> None:
    rows = read(CORPUS / "bibtex_same_key_twice.bib")
    assert [record["title"] for record in rows["record"]] == ["The first", "The second", "A title"]
    assert [value for name, value in extras(rows["record"][2]) if name == "note"] == ["one", "two"]
    assert rows["defect"] == []


def test_an_entry_never_closed_costs_itself() -> None:
    rows = read(CORPUS / "bibtex_entry_never_closed.bib")
    assert [record["title"] for record in rows["record"]] == ["Before the damage", "After the damage"]
    (defect,) = rows["defect"]
    assert (defect["code"], defect["position"], defect["is_record_lost"]) == ("bibtex_syntax", 1, True)
    assert "line 3" in defect["message"]


def test_orcids_of_web_of_science(tmp_path: Path) -> None:
    text = """@article{ WOS:000000000000001,
Author = {Doe, Jane and Roe, Richard},
Title = {A title},
ORCID-Numbers = {Doe, Jane/0000-0002-1825-0097
   },
Unique-ID = {WOS:000000000000001},
}"""
    (record,) = written(tmp_path, text)["record"]
    assert record["record_id"] == "exports:wos:WOS:000000000000001"
    assert [author["orcid"] for author in record["authors"]] == ["0000-0002-1825-0097", None]


def test_editors_that_are_groups_keep_their_braces(tmp_path: Path) -> None:
    text = "@book{b, title={T}, editor={{Barnes and Noble} and Doe, Jane}}"
    (record,) = written(tmp_path, text)["record"]
    assert ("editor", "{Barnes and Noble} and Doe, Jane") in extras(record)


def test_a_file_of_many_pieces_is_read_like_one(tmp_path: Path) -> None:
    macro = '@string{j = "Synthetic Journal"}\n'
    entry = "@article{{k{0}, title = {{Title number {0}}}, journal = j, abstract = {{{1}}}}}\n"
    text = macro + "".join(entry.format(number, "x " * 400) for number in range(1000))
    rows = written(tmp_path, text + "@article{broken, title = {x\n" + entry.format("last", "y"))
    assert len(rows["record"]) == 1001
    assert {record["container"]["name"] for record in rows["record"]} == {"Synthetic Journal"}
    assert [defect["code"] for defect in rows["defect"]] == ["bibtex_syntax"]
    assert "line 1002" in rows["defect"][0]["message"]


def test_what_is_no_bibtex() -> None:
    assert not looks_like("TY  - JOUR\nAU  - me@example.org\n")
    assert not looks_like("title,abstract\nan @article (of mine),x")
    assert not looks_like("<xml>\n@article{a,\n")
    assert looks_like("% a comment\n\n  @ARTICLE {a,")
