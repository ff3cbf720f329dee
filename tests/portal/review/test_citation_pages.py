"""Citations followed on the graph, over HTTP: seeds kept, caps counted, what the graph does not hold told."""

from __future__ import annotations

from typing import Any

from portal.review.conftest import ANNA, LEAD, Served


def test_a_round_from_a_list_remembers_its_seeds(served: Served, small: Any) -> None:
    release_page = served.get(ANNA, "citations")
    assert "No round yet" in release_page and "Round 1" in release_page
    rows = small.rows["relation"]
    cited = next(row for row in rows if row["relation"] == "Cites")
    seed, target = cited["source_id"], cited["target_id"]
    listed = f"{seed}\n10.5555/unknown, 12345"
    served.post(ANNA, "citations", seeds="list", list=listed, backward="on", cap="500")
    run = served.state.library.runs["S2"]
    assert run.chase is not None and (run.chase.round, run.chase.n_seeds, run.chase.directions) == (1, 3, ("backward",))
    assert "2 of these works are not in the graph" in run.strategy[1].text
    assert "10.5555/unknown" in run.strategy[1].comment
    page = served.get(ANNA, "citations")
    assert "Citation searching, round 1" in page and "10.5555/unknown" in page and "Round 2" in page
    records = [one for one in served.state.library.records.values() if one.run_id == "S2"]
    assert records and all(one.seeds == (seed,) for one in records)
    assert small.products[target]["title"] in {one.title for one in records} | {small.products[target]["title"]}
    assert seed in served.get(LEAD, f"records/{records[0].record_id}")
    # The next round starts from what this one found; what is capped is counted.
    served.post(ANNA, "citations", seeds="last_round", forward="on", backward="on", cap="1")
    second = served.state.library.runs["S3"]
    assert second.chase is not None and second.chase.round == 2 and second.chase.n_seeds >= 1
    assert second.limits.startswith("at most 1 a work each way")


def test_what_cannot_be_followed_is_told(served: Served) -> None:
    for fields, says in (
        ({"seeds": "list", "list": "x", "cap": "5"}, "No way was ticked"),
        ({"seeds": "list", "list": "x", "cap": "0", "forward": "on"}, "The cap is a number"),
        ({"seeds": "included", "cap": "5", "forward": "on"}, "no work to start from"),
        ({"seeds": "elsewhere", "cap": "5", "forward": "on"}, "nothing to start from"),
    ):
        assert says in served.post(ANNA, "citations", 400, **fields)
