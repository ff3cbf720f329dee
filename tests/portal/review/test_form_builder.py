"""The form of extraction built on its page: as a browser sends it, changed, ordered, refused, piloted and undone."""

from __future__ import annotations

from urllib.parse import quote

from lxml import html

from evigraph.review.extraction.forms import USUAL
from evigraph.review.extraction.kinds import Field, Section
from evigraph.review.extraction.standing import form_in_force
from portal.review.conftest import ANNA, LEAD, Served


def shown(served: Served) -> dict[str, str]:
    """The fields of the page as a browser would send them unchanged."""
    page = html.fromstring(served.get(LEAD, "extraction-form"))
    [form] = [one for one in page.forms if one.action.endswith("/extraction-form")]
    return dict(form.form_values())


def sections(served: Served) -> tuple[Section, ...]:
    form = form_in_force(served.state)
    assert form is not None
    return form.sections


def test_what_is_sent_unchanged_is_the_form_that_was_shown(served: Served) -> None:
    served.post(LEAD, "extraction-form", **shown(served))
    assert sections(served) == USUAL
    served.post(LEAD, "extraction-form", **shown(served))
    assert sections(served) == USUAL


def test_fields_are_added_moved_changed_and_taken_out(served: Served) -> None:
    [study] = served.include(1)
    [s] = [n for n, one in enumerate(USUAL) if one.name == "Remarks"]
    row, new = len(USUAL[s].fields), len(USUAL)
    sent = shown(served) | {
        # Year goes before authors, aim becomes optional with help, funding goes out, limitations go to the findings.
        "f-0-1-order": "5",
        "f-0-3-help": "as  told",
        "f-2-3-remove": "on",
        f"f-{s}-0-in": str(s - 1),
        f"f-{s}-0-order": "99",
        f"f-{s}-{row}-label": "Année du recueil",
        f"f-{s}-{row}-type": "choice",
        f"f-{s}-{row}-choices": "before; ; after; before",
        f"s-{new}-name": "Services",
        f"s-{new}-order": "1",
        f"s-{new}-repeated": "on",
        f"f-{new}-0-label": "Notes",
        f"f-{new}-0-required": "on",
        f"pilot-{study}": "on",
    }
    del sent["f-0-3-required"]
    done = served.post(LEAD, "extraction-form", **sent)
    services, first, _, conduct, findings, remarks = sections(served)
    assert services == Section("Services", (Field("notes_2", "Notes", is_required=True),), True)
    assert [one.key for one in first.fields[:2]] == ["year", "authors"]
    assert first.fields[3] == Field("aim", "Aim", "longtext", "as told")
    assert "funding" not in [one.key for one in conduct.fields]
    assert findings.is_repeated and findings.fields[-1].key == "limitations"
    assert remarks.fields[-1] == Field("annee_du_recueil", "Année du recueil", "choice", "", ("before", "after"))
    assert "in pilot" in served.get(LEAD, "extraction")
    assert "Notes" in served.get(ANNA, f"extraction/{quote(study)}")
    served.post(LEAD, "undo", event_id=done.rpartition("done=")[2])
    assert form_in_force(served.state) is None


def test_a_form_that_nobody_could_fill_in_is_refused(served: Served) -> None:
    for change, told in (
        ({"f-0-0-type": "picture"}, "no known type"),
        ({"f-0-0-type": "choice"}, "have choices"),
        ({"f-0-0-in": "77"}, "section that is not there"),
        ({"s-0-name": " "}, "has no name"),
        ({"f-0-0-key": "No Key!"}, "is odd"),
    ):
        assert told in served.post(LEAD, "extraction-form", 400, **shown(served) | change)
    assert "0 fields" in served.post(LEAD, "extraction-form", 400)
    assert "role" in served.post(ANNA, "extraction-form", 400, **shown(served))
    assert "The lead of the review builds the form" in served.get(ANNA, "extraction-form")
    [study] = served.include(1)
    served.post(LEAD, "extraction-form", **shown(served))
    served.post(ANNA, f"extraction/{quote(study)}", action="draft", **{"v-n-0": "12"})
    [s] = [n for n, one in enumerate(USUAL) if any(field.key == "n" for field in one.fields)]
    r = [field.key for field in USUAL[s].fields].index("n")
    assert "another key" in served.post(LEAD, "extraction-form", 400, **shown(served) | {f"f-{s}-{r}-type": "text"})
