"""The flow as a table in the column scheme of the PRISMA2020 package, and such a table read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from evigraph.errors import InputError
from evigraph.review.flow import LABELS, Flow, Part

#: The columns of the scheme, in their order (Haddaway et al. 2022, doi:10.1002/cl2.1230).
COLUMNS = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")

#: Each line of the scheme: its key (NA: a title), node, box, and for titles what is written.
_LINES: tuple[tuple[str, str, str, str], ...] = (
    ("NA", "node4", "prevstud", "Previous studies"),
    ("previous_studies", "node5", "box1", ""),
    ("previous_reports", "NA", "box1", ""),
    ("NA", "node6", "newstud", "Identification of new studies via databases and registers"),
    ("database_results", "node7", "box2", ""),
    ("database_specific_results", "NA", "box2", ""),
    ("register_results", "NA", "box2", ""),
    ("register_specific_results", "NA", "box2", ""),
    ("NA", "node16", "othstud", "Identification of new studies via other methods"),
    ("website_results", "node17", "box11", ""),
    ("organisation_results", "NA", "box11", ""),
    ("citations_results", "NA", "box11", ""),
    ("duplicates", "node8", "box3", ""),
    ("excluded_automatic", "NA", "box3", ""),
    ("excluded_other", "NA", "box3", ""),
    ("records_screened", "node9", "box4", ""),
    ("records_excluded", "node10", "box5", ""),
    ("dbr_sought_reports", "node11", "box6", ""),
    ("dbr_notretrieved_reports", "node12", "box7", ""),
    ("other_sought_reports", "node18", "box12", ""),
    ("other_notretrieved_reports", "node19", "box13", ""),
    ("dbr_assessed", "node13", "box8", ""),
    ("dbr_excluded", "node14", "box9", ""),
    ("other_assessed", "node20", "box14", ""),
    ("other_excluded", "node21", "box15", ""),
    ("new_studies", "node15", "box10", ""),
    ("new_reports", "NA", "box10", ""),
    ("total_studies", "node22", "box16", ""),
    ("total_reports", "NA", "box16", ""),
    ("identification", "node1", "identification", "Identification"),
    ("screening", "node2", "screening", "Screening"),
    ("included", "node3", "included", "Included"),
)

_LISTS = {
    "database_specific_results": "Specific databases",
    "register_specific_results": "Specific registers",
    "dbr_excluded": LABELS["dbr_excluded"],
    "other_excluded": LABELS["other_excluded"],
}


def write_flow(flow: Flow) -> str:
    """The flow as CSV: a line for each box, in the order of the scheme.

    Boxes that list several hold `label, n` separated by semicolons; a semicolon or comma in a label becomes a blank,
    since the scheme has no way to quote one.
    """
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(COLUMNS)
    for key, node, box, title in _LINES:
        if title:
            writer.writerow((key, node, box, title, title, title, "NA", 0))
            continue
        text = _LISTS.get(key) or LABELS[key]
        value = _list(flow.parts.get(key, ())) if key in _LISTS else str(flow.n(key))
        writer.writerow((key, node, box, text, text, text, f"{key}.html", value))
    return sink.getvalue()


def read_flow(text: str) -> dict[str, int | list[tuple[str, int]]]:
    """The numbers of a table in the scheme by key; where a box lists several, its labels with their numbers.

    Raises:
        InputError: it lacks the columns `data` and `n`, or a number is none.
    """
    rows = csv.DictReader(io.StringIO(text))
    if not {"data", "n"} <= set(rows.fieldnames or ()):
        raise InputError("this is no table of the PRISMA2020 scheme: it needs the columns data and n")
    found: dict[str, int | list[tuple[str, int]]] = {}
    for row in rows:
        key, value = row["data"], (row["n"] or "").strip()
        if key in _LISTS:
            found[key] = [_part(one) for one in value.split(";") if one.strip()]
        elif key in LABELS:
            found[key] = _number(key, value)
    return found


def _list(parts: Sequence[Part]) -> str:
    return "; ".join(f"{part.label.replace(';', ' ').replace(',', ' ')}, {part.n}" for part in parts)


def _part(text: str) -> tuple[str, int]:
    label, _, n = text.rpartition(",")
    return label.strip(), _number(label, n.strip())


def _number(key: str, value: str) -> int:
    if value in ("", "NA"):
        return 0
    if not value.isdecimal():
        raise InputError(f"{key} has {value!r} in place of a number: write digits, or NA")
    return int(value)
