"""The archive of a review: a zip that is an RO-Crate, with every decision that its reader may read, and the tables."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from evigraph.review.appraisal.standing import appraisals, chosen
from evigraph.review.appraisal.tables import draw_lights, write_answers, write_robvis
from evigraph.review.coding.book import book_of
from evigraph.review.exchange.quotations import CUT, MAX_QUOTATION, Quotations
from evigraph.review.exchange.refi_qda import codebook, project
from evigraph.review.extraction.forms import write_form
from evigraph.review.extraction.standing import extractions, form_in_force, write_values
from evigraph.review.flow import flow
from evigraph.review.flow_csv import write_flow
from evigraph.review.flow_svg import draw_flow
from evigraph.review.kinds import to_json
from evigraph.review.protocol_text import markdown
from evigraph.review.records import Row
from evigraph.review.report.guideline import Reported
from evigraph.review.report.guidelines import GUIDELINES
from evigraph.review.reporting import export
from evigraph.review.slots import Said
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.kinds import Finding
from evigraph.review.synthesis.tables import write_confidence, write_themes
from evigraph.review.synthesis.theme_map import draw_themes
from evigraph.review.synthesis.web import web_of
from evigraph.review.tables import write_table
from evigraph.review.texts.canonical import CanonicalText

#: Fields and columns that hold words of a report; those of `_LONG` may.
_QUOTING, _LONG = frozenset({"quote", "quotation", "exact", "illustration"}), frozenset({"value", "answer", "finding"})

_MEDIA = {
    "qdc": "application/xml",
    "qdpx": "application/zip",
    "csv": "text/csv",
    "svg": "image/svg+xml",
    "md": "text/markdown",
    "ris": "application/x-research-info-systems",
}


def write_archive(
    state: ReviewState,
    rows: Iterable[Row],
    may_read: Callable[[Said], bool],
    texts: Mapping[str, CanonicalText] = MappingProxyType({}),
) -> bytes:
    """The zip: an RO-Crate 1.1 of decisions (JSON lines), protocol, flow, included reports (RIS), tables, REFI-QDA.

    Tables and pictures are those of appraisal, extraction, synthesis, confidence and the reporting guidelines; codebook
    and project of the coding are in REFI-QDA 1.5.

    Full texts and abstracts are left out. What is quoted of texts that are not openly licensed is as little as
    `Quotations` lets leave; answers and values in words, which may hold quotations, end after as many characters as
    one. The same state gives the same bytes.

    Args:
        state: of the review.
        rows: its records in full (`Workspace.rows`).
        may_read: whether the archive's reader may read an event; what is blinded to them is left out.
        texts: the canonical texts in which something is coded, by record.
    """
    quotations = Quotations(state, {head: len(text.text) for head, text in texts.items()})
    bare = [{name: value for name, value in row.items() if not name.startswith("abstract")} for row in rows]
    made = flow(state)
    files: dict[str, str | bytes] = {
        "decisions.jsonl": _decisions(state, may_read, quotations),
        "protocol.md": markdown(state.protocol),
        "prisma.csv": write_flow(made),
        "prisma.svg": draw_flow(made, None, state.protocol.title),
        "included.ris": "".join(export(state, bare, "ris", state.included())),
    }
    files |= {f"checklist-{name}.csv": _checklist(one.items(state)) for name, one in GUIDELINES.items()}
    if (tool := chosen(state)) is not None:
        studies = appraisals(state)
        files["appraisal.csv"] = _quoting_little(write_answers(studies, tool.tool), quotations)
        files["appraisal-robvis.csv"] = write_robvis(studies, tool.tool)
        files["appraisal.svg"] = draw_lights(studies, tool.tool, most=MAX_QUOTATION)
    if (form := form_in_force(state)) is not None:
        files["extraction-form.txt"] = write_form(form.sections)
        files["extraction.csv"] = _quoting_little(write_values(extractions(state)), quotations)
    files |= _synthesis(state, quotations)
    files |= _coding(state, may_read, texts, quotations)
    files["ro-crate-metadata.json"] = _metadata(state, sorted(files), quotations.n_cut)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            held = files[name]
            bytes_ = held if isinstance(held, bytes) else held.encode("utf-8", "replace")
            archive.writestr(zipfile.ZipInfo(name), bytes_, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _decisions(state: ReviewState, may_read: Callable[[Said], bool], quotations: Quotations) -> str:
    lines = []
    for said, is_undone in state.slots.everything():
        if may_read(said):
            payload = said.payload
            study = payload.study if isinstance(payload, Finding) else said.subject
            told = {
                "event": said.event_id,
                "kind": said.kind,
                "subject": said.subject,
                "by": said.actor,
                "at": said.said_at.isoformat(),
                "reason": said.reason,
                "is_undone": is_undone,
                "says": _shortened(to_json(payload), quotations, study),
            }
            lines.append(json.dumps(told, ensure_ascii=False, sort_keys=True))
    return "".join(f"{line}\n" for line in lines)


def _shortened(value: Any, quotations: Quotations, about: str, name: str = "") -> Any:
    """The value with its quotations cut to what may leave; `about` is the study or record that it is of."""
    if isinstance(value, dict):
        about = str(value.get("record_id") or about)
        if {"record_id", "start", "exact"} <= value.keys():
            exact = quotations.passage(about, value["start"], value["exact"])
            around = {} if quotations.is_free(about) else {"prefix": "", "suffix": ""}
            return {**value, "exact": exact, **around}
        # A field of the type quote holds words of the report as its value.
        return {key: _shortened(one, quotations, about, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_shortened(one, quotations, about, name) for one in value]
    if isinstance(value, str) and name in _QUOTING:
        return quotations.of_study(about, value)
    return _short(value) if isinstance(value, str) and name in _LONG else value


def _short(words: str) -> str:
    return words if len(words) <= MAX_QUOTATION else f"{words[:MAX_QUOTATION]}{CUT}"


def _quoting_little(table: str, quotations: Quotations) -> str:
    """A table, one of whose columns is the study, with its quotations cut to what may leave."""
    text = io.StringIO()
    rows = csv.DictReader(io.StringIO(table, newline=""))
    writer = csv.DictWriter(text, rows.fieldnames or [], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _shortened(one, quotations, row["study"], name) for name, one in row.items()})
    return text.getvalue()


def _checklist(items: list[Reported]) -> str:
    rows = ([item.number, item.asks, "\n".join(map(_short, item.told)), item.source, item.words] for item in items)
    return write_table(["item", "asks", "told", "source", "words"], rows)


def _synthesis(state: ReviewState, quotations: Quotations) -> dict[str, str | bytes]:
    """Themes down to quotations, confidence, and the theme map; nothing where there is no theme."""
    web = web_of(state)
    if not web.themes:
        return {}
    labels = state.study_labels()
    # Studies by id, so that what is quoted of each is counted for it.
    themes = _quoting_little(write_themes(web, {}), quotations)
    return {"themes.csv": themes, "confidence.csv": write_confidence(web, labels), "themes.svg": draw_themes(web)}


def _coding(
    state: ReviewState,
    may_read: Callable[[Said], bool],
    texts: Mapping[str, CanonicalText],
    quotations: Quotations,
) -> dict[str, str | bytes]:
    """Codebook and project in REFI-QDA, of the codings and memos that the reader may read; nothing without a code."""
    book = book_of(state)
    if not book.codes:
        return {}
    codings = [one for one in book.codings() if may_read(one.said)]
    titled = {head: (state.library.records[head].title, text) for head, text in texts.items()}
    names = {account: member.name for account, member in state.members.items()}
    studies = {study: (state.study_label(study), held) for study, held in state.studies().items()}
    title = state.protocol.title
    made = project(book, state.review_id, title, codings, names, titled, quotations, studies=studies)
    return {"codebook.qdc": codebook(book, state.review_id), "coding.qdpx": made}


def _metadata(state: ReviewState, names: list[str], n_cut: int) -> str:
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
            "description": f"Decisions and tables of the review “{state.protocol.title}”; no full text is in it, and "
            f"{n_cut} quotations of texts that are not openly licensed were cut or left out.",
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
