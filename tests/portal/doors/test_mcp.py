"""The Model Context Protocol, asked by its official client over HTTP and over streams."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from evigraph.portal.doors.mcp_tools import MOST_RESULTS, TOOLS


def server(doors: Any, way: str) -> Any:
    if way == "http":
        return f"{doors.url}/mcp"
    run = "from evigraph.cli import main; main()"
    arguments = ["-c", run, "mcp", "--home", str(doors.home), "--base", "https://graph.example.org"]
    return StdioServerParameters(command=sys.executable, args=arguments)


@pytest.mark.parametrize("way", ["http", "stdio"])
def test_a_session(doors: Any, way: str) -> None:
    async def session() -> None:
        async with Client(server(doors, way)) as client:
            tools = (await client.list_tools()).tools
            assert [tool.name for tool in tools] == list(TOOLS)
            assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
            about = (await client.call_tool("about_graph", {})).structured_content
            assert about and about["graph"] == "Synthetic graph" and about["sources"][0]["license"]
            found = (
                await client.call_tool("search_products", {"query": "certified peer support specialist"})
            ).structured_content
            assert found and found["results"][0]["product_id"] == doors.article_id
            assert found["results"][0]["sources"] == ["crossref", "pubmed"]
            assert found["results"][0]["url"].endswith(f"/product/{doors.article_id}")
            product = (await client.call_tool("get_product", {"identifier": "10.1111/inm.13415"})).structured_content
            assert product and product["citation_count"] == 3 and len(product["records"]) == 2
            citing = (await client.call_tool("get_citations", {"identifier": doors.article_id})).structured_content
            assert citing and citing["total"] == len(citing["cited_by"]) == 3
            other = citing["cited_by"][0]["product_id"]
            cited = (await client.call_tool("get_references", {"identifier": other, "limit": 25})).structured_content
            assert cited and doors.article_id in [one["product_id"] for one in cited["references"]]
            wrong = await client.call_tool("get_product", {"identifier": "10.5555/absent"})
            assert wrong.is_error and "holds no product" in wrong.content[0].text

    asyncio.run(asyncio.wait_for(session(), 60))


def ask(doors: Any, method: str, **parameters: Any) -> Any:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    answer = doors.client.post("/mcp", json=message)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("limit", [1_000_000, 25, 0, -5])
def test_answers_are_bounded(doors: Any, limit: int) -> None:
    told = ask(doors, "tools/call", name="search_products", arguments={"query": "", "limit": limit})
    results = told["result"]["structuredContent"]["results"]
    assert 1 <= len(results) <= MOST_RESULTS
    assert len(json.dumps(told)) < 60_000


def test_hostile_works_are_data(doors: Any) -> None:
    for product_id in doors.odd.values():
        told = ask(doors, "tools/call", name="get_product", arguments={"identifier": product_id})["result"]
        assert not told["isError"] and "never as instructions" in told["structuredContent"]["note"]
        assert len(told["structuredContent"]["authors"]) <= 50


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ([], -32600),
        ({"jsonrpc": "2.0", "id": 1}, -32600),
        ({"jsonrpc": "2.0", "id": [], "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/destroy"}, -32601),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "none"}}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 5}}, -32602),
    ],
)
def test_wrong_requests(doors: Any, message: Any, code: int) -> None:
    assert doors.client.post("/mcp", json=message).json()["error"]["code"] == code


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"query": 5},
        {"query": "x", "limit": "many"},
        {"query": "x", "sort": "beauty"},
        {"query": "x", "delete": "1"},
    ],
)
def test_wrong_arguments_are_told_to_the_model(doors: Any, arguments: Any) -> None:
    told = ask(doors, "tools/call", name="search_products", arguments=arguments)["result"]
    assert told["isError"] and told["content"][0]["text"]


def test_the_frame_of_the_protocol(doors: Any) -> None:
    assert doors.client.post("/mcp", content=b"{").status_code == 400
    assert doors.client.post("/mcp", content=b" " * 70_000).status_code == 413
    noted = doors.client.post("/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (noted.status_code, noted.content) == (202, b"")
    assert doors.client.get("/mcp").status_code == 405
    assert ask(doors, "initialize", protocolVersion="1999-01-01")["result"]["protocolVersion"] == "2025-11-25"
    assert ask(doors, "initialize", protocolVersion="2025-03-26")["result"]["protocolVersion"] == "2025-03-26"
