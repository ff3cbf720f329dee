"""Compiling: numba with a disk cache where there is a place for one."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Any:
    """`function` compiled at its first call, and kept on disk for the next process.

    Where neither the package's folder nor the user's cache can be written, each process compiles anew.
    """
    try:
        dispatcher = njit(cache=True, nogil=True)(function)
    except RuntimeError:
        return njit(nogil=True)(function)
    # numba looks only at the file of a function to tell whether what it kept is stale, while compiled code holds
    # copies of functions and constants of its neighbours.
    kept: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if hasattr(kept, "_source_stamp"):
        kept._source_stamp = _digest_of_neighbours()
    return dispatcher


@functools.cache
def _digest_of_neighbours() -> str:
    """The digest of all files whose functions or constants compiled code may hold."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in (*sorted(folder.glob("plausible*.py")), *sorted(folder.glob("*_codes.py")), folder / "names.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()
