"""The archive of a review: a zip that is an RO-Crate, with every decision that its reader may read, and the tables."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

from evigraph.review.appraisal.standing import appraisals, chosen
from evigraph.review.appraisal.tables import draw_lights, write_answers, write_robvis
from evigraph.review.extraction.forms import write_form
from evigraph.review.extraction.standing import extractions, form_in_force, write_values
from evigraph.review.flow import flow
from evigraph.review.flow_csv import write_flow
from evigraph.review.flow_svg import draw_flow
from evigraph.review.kinds import to_json
from evigraph.review.protocol_text import markdown
from evigraph.review.records import Row
from evigraph.review.report.entreq import entreq
from evigraph.review.reporting import export
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState
from evigraph.review.tables import write_table

#: What is quoted of a text leaves it up to here.
MAX_QUOTATION = 300

#: Fields and columns that hold, or may hold, words of a report.
_QUOTING = frozenset({"quote", "quotation", "exact", "value"})

_MEDIA = {
    "csv": "text/csv",
    "svg": "image/svg+xml",
    "md": "text/markdown",
    "ris": "application/x-research-info-systems",
}


def write_archive(state: ReviewState, rows: Iterable[Row], may_read: Callable[[Said], bool]) -> bytes:
    """The zip: an RO-Crate 1.1 of decisions (JSON lines), protocol, flow, appraisal, extraction, ENTREQ and RIS.

    Full texts and abstracts are left out, and quotations end after `MAX_QUOTATION` characters: what leaves the review
    is its team's own. The same state gives the same bytes.

    Args:
        state: of the review.
        rows: its records in full (`Workspace.rows`).
        may_read: whether the archive's reader may read an event; what is blinded to them is left out.
    """
    bare = [{name: value for name, value in row.items() if not name.startswith("abstract")} for row in rows]
    made = flow(state)
    files = {
        "decisions.jsonl": _decisions(state, may_read),
        "protocol.md": markdown(state.protocol),
        "prisma.csv": write_flow(made),
        "prisma.svg": draw_flow(made, None, state.protocol.title),
        "included.ris": "".join(export(state, bare, "ris", state.included())),
        "entreq.csv": _entreq(state),
    }
    if (tool := chosen(state)) is not None:
        studies = appraisals(state)
        files["appraisal.csv"] = _quoting_little(write_answers(studies, tool.tool))
        files["appraisal-robvis.csv"] = write_robvis(studies, tool.tool)
        files["appraisal.svg"] = draw_lights(studies, tool.tool)
    if (form := form_in_force(state)) is not None:
        files["extraction-form.txt"] = write_form(form.sections)
        files["extraction.csv"] = _quoting_little(write_values(extractions(state)))
    files["ro-crate-metadata.json"] = _metadata(state, sorted(files))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name].encode("utf-8", "replace"), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _decisions(state: ReviewState, may_read: Callable[[Said], bool]) -> str:
    lines = []
    for said, is_undone in state.slots.everything():
        if may_read(said):
            told = {
                "event": said.event_id,
                "kind": said.kind,
                "subject": said.subject,
                "by": said.actor,
                "at": said.said_at.isoformat(),
                "reason": said.reason,
                "is_undone": is_undone,
                "says": _shortened(to_json(said.payload)),
            }
            lines.append(json.dumps(told, ensure_ascii=False, sort_keys=True))
    return "".join(f"{line}\n" for line in lines)


def _shortened(value: Any, name: str = "") -> Any:
    """The value with its quotations cut short."""
    if isinstance(value, dict):
        # A field of the type quote holds words of the report as its value.
        return {key: _shortened(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_shortened(one, name) for one in value]
    is_long = isinstance(value, str) and name in _QUOTING and len(value) > MAX_QUOTATION
    return f"{value[:MAX_QUOTATION]}…" if is_long else value


def _quoting_little(table: str) -> str:
    """A table with its quotations cut short."""
    text = io.StringIO()
    rows = csv.DictReader(io.StringIO(table, newline=""))
    writer = csv.DictWriter(text, rows.fieldnames or [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(_shortened(row) for row in rows)
    return text.getvalue()


def _entreq(state: ReviewState) -> str:
    rows = ([item.number, item.asks, "\n".join(item.told), item.source, item.words] for item in entreq(state))
    return write_table(["item", "asks", "told", "source", "words"], rows)


def _metadata(state: ReviewState, names: list[str]) -> str:
    last = max((said.said_at.isoformat() for said, _ in state.slots.everything()), default="")
    entities: list[dict[str, Any]] = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": state.protocol.title,
            "description": f"Decisions and tables of the review “{state.protocol.title}”; no full text is in it.",
            "datePublished": last,
            "license": "as the team of the review states it",
            "hasPart": [{"@id": name} for name in names],
        },
    ]
    for name in names:
        media_type = _MEDIA.get(name.rpartition(".")[2], "text/plain")
        entities.append({"@id": name, "@type": "File", "name": name, "encodingFormat": media_type})
    crate = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": entities}
    return json.dumps(crate, ensure_ascii=False, indent=1)
