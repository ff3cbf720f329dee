"""Arrow made ready without pandas, which it loads at the first array where it is installed: half of a worker's start.

To be imported before the first array is made. Arrow looks once; `to_pandas` still loads pandas when it is called.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

import pyarrow as pa


class _NoPandas:
    """Finds every module but pandas, which is missing as long as this is asked."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError(name)
        return None


_finder = _NoPandas()
sys.meta_path.insert(0, _finder)
try:
    pa.array([0])
finally:
    sys.meta_path.remove(_finder)
