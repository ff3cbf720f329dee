"""What all tests share: the profile of property tests, and the folder of real records."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# A first example pays for imports and compiled code; on a busy machine any may be slow. Slowness is no failure.
settings.register_profile("evigraph", deadline=None)
settings.load_profile("evigraph")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real records beside the checkout; the test is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no real records: {SHARED_DATA.name} is not beside the checkout")
    return SHARED_DATA
