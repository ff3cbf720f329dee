"""What publishers let authors deposit, by the journal's ISSN, from a file that the operator gives.

Two forms are read:

- CSV with the columns `issn` (several parted by `;`), `version` (accepted, published, submitted), and if known
  `licence` (as cc-by-nc-nd-4.0), `embargo_months`, `where`, `conditions` and `address` (where the policy stands);
- JSON as Sherpa Romeo's API (version 2) answers about publications: `{"items": […]}`, or a list of such answers.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from evigraph.deposit.terms import VERSIONS, licence_label
from evigraph.errors import SettingsError
from evigraph.model.pid import normalise_issn

_LARGEST = 256 * 1024 * 1024
_COLUMNS = frozenset({"issn", "version", "licence", "embargo_months", "where", "conditions", "address"})


@dataclass(frozen=True)
class Allowance:
    """A version that a journal lets its authors deposit.

    Attributes:
        version: a name of `evigraph.deposit.terms.VERSIONS`.
        embargo_months: how long after publication it stays closed; 0: not at all; null: not said.
        licences: under which of these it may be shared, by SPDX id; none: not said.
        where: kinds of places, in words.
        conditions: what is asked besides, in words.
        address: where the policy stands.
    """

    version: str
    embargo_months: int | None = None
    licences: tuple[str, ...] = ()
    where: str = ""
    conditions: tuple[str, ...] = ()
    address: str = ""

    def closed_until(self, published_on: str | None) -> str | None:
        """The day on which an embargo ends, in ISO 8601; None where there is none, or its beginning is not known.

        A publication of which only year or month is known counts from its last day: closed too long does no harm.
        """
        if not self.embargo_months or not published_on:
            return None
        parts = [int(part) for part in published_on.split("-") if part.isdecimal()]
        year, month, day = (parts + [12, 31][len(parts) - 1 :])[:3]
        months = year * 12 + month - 1 + self.embargo_months
        return _day(months // 12, months % 12 + 1, day).isoformat()


@dataclass(frozen=True)
class Policies:
    """The policies of journals, by ISSN."""

    by_issn: Mapping[str, tuple[Allowance, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Policies:
        """The policies in a file.

        Raises:
            SettingsError: it cannot be read, or a line of it cannot be used; the message names it.
        """
        try:
            if path.stat().st_size > _LARGEST:
                raise SettingsError(f"{path.name} is larger than {_LARGEST // 1024**2} MB: keep the journals you need")
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8"
            raise SettingsError(f"the policies in {path.name} cannot be read: {why}") from error
        rows = _sherpa(text, path.name) if text.lstrip()[:1] in ("{", "[") else _csv(text, path.name)
        found: dict[str, list[Allowance]] = {}
        for issn, allowance in rows:
            if allowance not in found.setdefault(issn, []):
                found[issn].append(allowance)
        return cls({issn: tuple(allowances) for issn, allowances in found.items()})

    def of(self, container: Mapping[str, Any] | None) -> tuple[Allowance, ...] | None:
        """What the journal of a work allows; None where no policy of it is known."""
        for name in ("issn_linking", "issn_print", "issn_online"):
            issn = normalise_issn((container or {}).get(name))
            if issn and issn in self.by_issn:
                return self.by_issn[issn]
        return None


def _csv(text: str, name: str) -> Iterator[tuple[str, Allowance]]:
    reader = csv.DictReader(io.StringIO(text))
    columns = set(reader.fieldnames or ())
    if not {"issn", "version"} <= columns or columns - _COLUMNS:
        raise SettingsError(f"{name} needs the columns issn and version, and may have {', '.join(sorted(_COLUMNS))}")
    for row in reader:
        place = f"{name}, line {reader.line_num}"
        issns = [normalise_issn(part) for part in (row["issn"] or "").split(";")]
        if None in issns:
            raise SettingsError(f"{place}: {row['issn']!r} is no ISSN")
        if row["version"] not in VERSIONS:
            raise SettingsError(f"{place}: a version is one of {', '.join(VERSIONS)}, not {row['version']!r}")
        months, licence = (row.get("embargo_months") or "").strip(), (row.get("licence") or "").strip().lower()
        if months and not (months.isascii() and months.isdecimal()):
            raise SettingsError(f"{place}: embargo_months is a number of months, not {months!r}")
        if licence and licence_label(licence) is None:
            raise SettingsError(f"{place}: a licence is written as cc-by-nc-nd-4.0, not {licence!r}")
        told = (row.get("conditions") or "").strip()
        allowance = Allowance(
            row["version"],
            int(months) if months else None,
            (licence,) if licence else (),
            (row.get("where") or "").strip(),
            (told,) if told else (),
            (row.get("address") or "").strip(),
        )
        for issn in issns:
            assert issn is not None
            yield issn, allowance


def _sherpa(text: str, name: str) -> Iterator[tuple[str, Allowance]]:
    try:
        told = json.loads(text)
        answers: list[Any] = told if isinstance(told, list) else [told]
        for answer in answers:
            for item in answer.get("items", [answer]):
                issns = [issn for one in item.get("issns") or () if (issn := normalise_issn(one.get("issn")))]
                for issn in issns:
                    for policy in item.get("publisher_policy") or ():
                        for permitted in policy.get("permitted_oa") or ():
                            for allowance in _permitted(permitted, str(policy.get("uri") or "")):
                                yield issn, allowance
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise SettingsError(
            f"{name} is not what Sherpa Romeo's API answers about publications ({error}): fetch it again"
        ) from error


def _permitted(permitted: Mapping[str, Any], address: str) -> Iterator[Allowance]:
    """What one of Sherpa's permissions allows; those for a fee are about publishing, not about depositing."""
    if permitted.get("additional_oa_fee") == "yes":
        return
    embargo = permitted.get("embargo") or {}
    days = {"days": 1, "weeks": 7, "months": 30, "years": 365}.get(str(embargo.get("units")), 0)
    amount = int(embargo.get("amount") or 0)
    months = {"months": amount, "years": 12 * amount}.get(str(embargo.get("units")), -(-amount * days // 30))
    places = (permitted.get("location") or {}).get("location") or ()
    licences = [_sherpa_licence(one) for one in permitted.get("license") or ()]
    for version in permitted.get("article_version") or ():
        if version in VERSIONS:
            yield Allowance(
                version,
                months,
                tuple(licence for licence in licences if licence),
                ", ".join(str(place).replace("_", " ") for place in places),
                tuple(_texts(permitted.get("conditions"))),
                address,
            )


def _sherpa_licence(stated: Mapping[str, Any]) -> str | None:
    """SPDX's id of a licence as Sherpa names it (`cc_by_nc_nd`, with a version or without)."""
    name = str(stated.get("license") or "").lower().replace("_", "-")
    if name == "cc0":
        return "cc0-1.0"
    licence = f"{name}-{stated.get('version') or '4.0'}"
    return licence if licence_label(licence) else None


def _texts(value: Any) -> Iterable[str]:
    return [str(one) for one in value or ()]


def _day(year: int, month: int, day: int) -> date:
    """A day of a month, or its last one."""
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1
