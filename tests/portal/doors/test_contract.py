"""Schemathesis, a contract tester that is not ours, holds every door to its OpenAPI description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from evigraph.portal.app import create_app

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = [
    (method, path) for path, operations in create_app(Path()).openapi()["paths"].items() for method in operations
]
every_operation = pytest.mark.parametrize(
    ("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS]
)


@pytest.fixture(scope="module")
def api(doors: Any) -> Any:
    return schemathesis.openapi.from_asgi("/openapi.json", doors.client.app)


def hold(api: Any, method: str, path: str, n_examples: int) -> None:
    """Asks an operation so many invented questions and checks each answer."""
    operation = api[path][method]

    @settings(
        max_examples=n_examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        case.validate_response(case.call(), checks=CHECKS)

    ask()


@every_operation
def test_every_door_keeps_its_description(api: Any, method: str, path: str) -> None:
    hold(api, method, path, 8)


@pytest.mark.soak
@every_operation
def test_every_door_keeps_its_description_for_long(api: Any, method: str, path: str) -> None:
    hold(api, method, path, 500)
