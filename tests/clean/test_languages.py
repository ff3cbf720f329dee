"""Languages as ISO 639-3."""

from __future__ import annotations

import pytest

from evigraph.clean.languages import _TABLE, language_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("en", "eng"),
        ("eng", "eng"),
        ("English", "eng"),
        ("en-GB", "eng"),
        ("pt_BR", "por"),
        ("zh-Hant-TW", "zho"),
        ("chi", "zho"),
        ("ger", "deu"),
        ("fre", "fra"),
        ("cze", "ces"),
        ("dut", "nld"),
        ("gre", "ell"),
        ("per", "fas"),
        ("rum", "ron"),
        ("scr", "hrv"),
        ("scc", "srp"),
        ("iw", "heb"),
        ("Turkish", "tur"),
        ("Turkish, Ottoman (1500-1928)", "ota"),
        ("Greek", "ell"),
        ("Greek, Ancient (to 1453)", "grc"),
        ("Spanish; Castilian", "spa"),
        ("Norwegian Bokmål", "nob"),
        (" FRA ", "fra"),
        ("mul", "mul"),
        ("und", "und"),
        ("Undetermined", "und"),
        ("xyz", "und"),
        ("en/fr", "und"),
        ("", "und"),
        (None, "und"),
    ],
)
def test_language_code(text: str | None, code: str) -> None:
    assert language_code(text) == code


def test_no_form_stands_for_two_languages() -> None:
    lines = [line.split("|") for line in _TABLE.split("\n") if line]
    forms: dict[str, str] = {}
    for code, others, names in lines:
        for form in (code, *others.split(), *names.split("/")):
            owner = forms.setdefault(form.lower(), code)
            assert owner == code, f"{form} stands for {owner} and {code}"
    codes = [line[0] for line in lines]
    assert codes == sorted(codes) and len(set(codes)) == len(codes)
    assert all(len(code) == 3 for code in codes)
