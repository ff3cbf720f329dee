"""Where the harvest of a repository stands, as it is kept on disk after each page."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from evigraph.errors import HarvestError
from evigraph.harvest.live import Harvest
from evigraph.store.durable import write_durably

#: How many of the latest pages are remembered over restarts, so that a circle of pages is seen.
PAGES_REMEMBERED = 50


@dataclass(frozen=True)
class OaiHarvest(Harvest):
    """What the harvest of a repository brought; `watermark` is the repository's own time at its beginning.

    Attributes:
        repository: the repository's name, as it says itself.
        prefix: the metadata format that was harvested.
        changed_since: the datestamp from which records were asked for; null: all of them.
        n_deleted: how many of the records are deleted ones.
        notes: lines that are worth knowing and no cause for concern.
    """

    repository: str | None = None
    prefix: str | None = None
    changed_since: str | None = None
    n_deleted: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class OaiState:
    """The position of a harvest.

    A repository's list may have to be asked for again from a later datestamp when it forgets its token: `start` is
    where the harvest began, `list_from` where the current list does, and what is counted of a list begins anew with
    it. `n_owed` is what the list before it had still to bring; `first` and `newest` are datestamps.
    """

    base_url: str
    set: str | None
    until: str | None
    prefix: str
    repository: str | None
    has_seconds: bool
    deleted_record: str
    start: str | None
    list_from: str | None
    began_at: str | None = None
    token: str | None = None
    n_pages: int = 0
    n_retrieved: int = 0
    n_deleted: int = 0
    n_list: int = 0
    n_announced: int | None = None
    n_owed: int | None = None
    n_malformed: int = 0
    cursor: int | None = None
    first: str | None = None
    newest: str | None = None
    is_in_order: bool = True
    names_set: bool | None = None
    repeats_prefix: bool = False
    n_equal: int = 0
    latest_pages: list[str] = field(default_factory=list)
    restarts: list[str] = field(default_factory=list)
    resume_at: str | None = None
    is_finished: bool = False
    is_complete: bool = False
    watermark: str | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def state_key(base_url: str, set_spec: str | None, prefix: str | None, since: str | None, until: str | None) -> str:
    """Eight hex digits that stand for what was asked for: the same command finds its own state again."""
    text = json.dumps([base_url, set_spec, prefix, since, until], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def state_file(folder: Path, key: str) -> Path:
    """The file of a state in a source's folder."""
    return folder / "repositories" / f"{key}.json"


def load_state(file: Path) -> OaiState | None:
    """The state that was written last, or None where there is none.

    Raises:
        HarvestError: the file is damaged.
    """
    try:
        return OaiState(**json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise HarvestError(
            f"{file.name} in {file.parent.name} is damaged: delete it to begin that harvest anew"
        ) from error


def write_state(file: Path, state: OaiState) -> None:
    """Puts the state on disk, whole or not at all.

    Raises:
        HarvestError: it cannot be written.
    """
    try:
        file.parent.mkdir(exist_ok=True)
        write_durably(file, json.dumps(asdict(state), indent=1))
    except OSError as error:
        raise HarvestError(
            f"the position of the harvest cannot be written ({error.strerror}): check the graph's folder"
        ) from error
