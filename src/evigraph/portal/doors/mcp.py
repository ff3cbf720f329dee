"""The Model Context Protocol (modelcontextprotocol.io), read-only: over HTTP at `/mcp`, and over a pair of streams.

Requests are answered one by one and nothing is kept between them, so any server of the graph can answer any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from evigraph import __version__
from evigraph.errors import ReleaseError
from evigraph.portal.doors.mcp_tools import TOOLS, ToolError, call
from evigraph.portal.serving import OrjsonResponse, base_address, problems, served
from evigraph.store.release import Release, ServedRelease

router = APIRouter(tags=["MCP"])

#: Versions of the protocol that are spoken; a client that names another is offered the newest.
VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")

_LARGEST = 65_536
_INSTRUCTIONS = (
    "A research graph: products merged from several sources, with citations and indicators of impact. Everything is "
    "read-only. Name the product's url or DOI and its sources when you quote it."
)
_PARSE_ERROR, _INVALID, _NO_METHOD, _BAD_PARAMETERS = -32700, -32600, -32601, -32602


def answer(release: Release, base: str, message: Any) -> dict[str, Any] | None:
    """The JSON-RPC answer to one message; None where it asks for none."""
    if not isinstance(message, Mapping) or not isinstance(message.get("method"), str):
        # An answer to something that was never asked is no request; anything else is told.
        is_answer = isinstance(message, Mapping) and ("result" in message or "error" in message)
        return None if is_answer else _error(None, _INVALID, "This is no request of JSON-RPC 2.0.")
    if "id" not in message:
        return None
    key, parameters = message["id"], message.get("params") or {}
    if not isinstance(key, (str, int)) or not isinstance(parameters, Mapping):
        return _error(None, _INVALID, "The id of a request is a text or a number, its params are an object.")
    match message["method"]:
        case "initialize":
            asked = parameters.get("protocolVersion")
            return _result(
                key,
                {
                    "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
                    "capabilities": {"tools": {"listChanged": False}},
                    "serverInfo": {"name": "evigraph", "title": release.manifest.graph_name, "version": __version__},
                    "instructions": _INSTRUCTIONS,
                },
            )
        case "ping":
            return _result(key, {})
        case "tools/list":
            return _result(key, {"tools": [tool.described() for tool in TOOLS.values()]})
        case "tools/call":
            return _called(release, base, key, parameters)
        case other:
            return _error(key, _NO_METHOD, f"There is no method {other!r} here.")


def _called(release: Release, base: str, key: str | int, parameters: Mapping[str, Any]) -> dict[str, Any]:
    name, arguments = parameters.get("name"), parameters.get("arguments") or {}
    if not isinstance(name, str) or not isinstance(arguments, Mapping):
        return _error(key, _BAD_PARAMETERS, "tools/call takes a name and an object of arguments.")
    if name not in TOOLS:
        return _error(key, _BAD_PARAMETERS, f"There is no tool {name!r}: take one of {', '.join(TOOLS)}.")
    try:
        found = call(release, base, name, arguments)
    except ToolError as error:
        # Told as an answer of the tool, so that the model can read it and ask again.
        return _result(key, {"content": [{"type": "text", "text": str(error)}], "isError": True})
    text = orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS).decode()
    return _result(key, {"content": [{"type": "text", "text": text}], "structuredContent": found, "isError": False})


def _result(key: str | int, result: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": key, "result": result}


def _error(key: str | int | None, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": key, "error": {"code": code, "message": message}}


@router.post(
    "/mcp",
    responses={
        200: {
            "description": "An answer of JSON-RPC 2.0",
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        202: {"description": "A notification was taken."},
        **problems(s400="The body is no JSON.", s413="The request is too large."),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["jsonrpc", "method"],
                        "properties": {
                            "jsonrpc": {"const": "2.0"},
                            "id": {"type": ["string", "integer"]},
                            "method": {"enum": ["initialize", "ping", "tools/list", "tools/call"]},
                            "params": {"type": "object"},
                        },
                    }
                }
            },
        }
    },
    summary="Model Context Protocol",
)
async def by_post(request: Request) -> Response:
    """One request of the Model Context Protocol (streamable HTTP, answered as JSON)."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise HTTPException(413, "The request is too large.")
    release, base = served(request), base_address(request)
    try:
        message = orjson.loads(bytes(body))
    except orjson.JSONDecodeError:
        return OrjsonResponse(_error(None, _PARSE_ERROR, "This is no JSON."), 400)
    told = await run_in_threadpool(answer, release, base, message)
    return Response(status_code=202) if told is None else OrjsonResponse(told)


def converse(home: Path, base: str, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers requests, one a line, until they end.

    Args:
        home: the graph's folder; a release that is switched to answers the next request.
        base: the address at which products have pages; empty where there is none.
        requests: lines of JSON-RPC.
        answers: where the answers go, one a line.

    Raises:
        ReleaseError: there is no release to read.
    """
    releases = ServedRelease(home)
    releases.get()
    while line := requests.readline(_LARGEST):
        if not line.strip():
            continue
        try:
            message = orjson.loads(line)
        except orjson.JSONDecodeError:
            told: dict[str, Any] | None = _error(None, _PARSE_ERROR, "This is no JSON.")
        else:
            try:
                told = answer(releases.get(), base, message)
            except ReleaseError as error:
                key = message.get("id") if isinstance(message, dict) else None
                told = _error(key, -32603, str(error))
        if told is not None:
            answers.write(orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS) + b"\n")
            answers.flush()
