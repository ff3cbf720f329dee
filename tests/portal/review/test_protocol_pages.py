"""The protocol over HTTP: written, amended with a reason, compared, exported."""

from __future__ import annotations

import json
import re

from evigraph.review.kinds import ProtocolSet
from evigraph.review.protocol import FRAMES
from portal.review.conftest import ANNA, LEAD, Served


def typed(page: str) -> dict[str, str]:
    """The fields of the form as a browser would send them."""
    form = page.partition('<form method="post"')[2]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            fields[name[1]] = value[1] if value else "on"
    for name, value in re.findall(r'<textarea name="([^"]+)"[^>]*>([^<]*)</textarea>', form):
        fields[name] = value
    for name, options in re.findall(r'<select name="([^"]+)">(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        assert chosen is not None
        fields[name] = chosen[1]
    return fields


def test_what_the_form_shows_is_the_protocol_in_force(served: Served) -> None:
    fields = typed(served.get(LEAD, "protocol/edit"))
    assert served.post(LEAD, "protocol", **fields, action="save") == f"{served.path('protocol')}?note=nothing"


def test_an_amendment_needs_a_reason_and_shows_what_changed(served: Served) -> None:
    fields = typed(served.get(LEAD, "protocol/edit"))
    fields |= {"criterion-3-text": "published before 2014", "criterion-3-effect": "exclude", "criterion-3-place": "1.5"}
    fields |= {"languages": "English\nGerman", "published_from": "2014", "registration-0-register": "PROSPERO"}
    refused = served.post(LEAD, "protocol", 400, **fields, action="save")
    assert "An amendment needs a reason" in refused and "published before 2014" in refused
    where = served.post(LEAD, "protocol", **fields | {"action": "save", "reason": "asked by the <b>board</b>"})
    page = served.client(LEAD).get(where).text
    assert "amended to version 2" in page and "asked by the &lt;b&gt;board&lt;/b&gt;" in page
    assert "<ins>English; German</ins>" in page and "4 changes" in page
    criteria = served.state.protocol.criteria
    assert [one.criterion_id for one in criteria] == ["population", "c1", "design", "language"]
    event = re.search(r"done=(\w+)", where)
    assert event is not None
    served.post(LEAD, "undo", event_id=event[1], back=served.path("protocol"))
    assert "c1" not in [one.criterion_id for one in served.state.protocol.criteria]
    # An id that was used once is not used again for another criterion.
    fields = typed(served.get(LEAD, "protocol/edit")) | {"criterion-3-text": "another", "reason": "r"}
    served.post(LEAD, "protocol", **fields, action="save")
    assert served.state.protocol.criteria[-1].criterion_id == "c2"


def test_another_frame_and_more_rows_lose_nothing_of_what_was_typed(served: Served) -> None:
    fields = typed(served.get(LEAD, "protocol/edit")) | {"frame": "SPIDER", "stance": "typed & kept"}
    for action in ("frame", "rows"):
        page = served.post(LEAD, "protocol", 200, **fields, action=action)
        assert "typed &amp; kept" in page
        assert all(f">{name.capitalize()}<" in page for name in FRAMES["SPIDER"])
    assert page.count('aria-label="Criterion ') == 3 + 6
    assert served.state.protocol.frame == "PICo"


def test_two_who_write_at_once_do_not_overwrite_each_other(served: Served) -> None:
    fields = typed(served.get(LEAD, "protocol/edit")) | {"stance": "mine", "reason": "r"}
    other = served.state.protocol
    served.workspace.say(served.review_id, LEAD, served.review_id, ProtocolSet(other.__class__("Another")), "theirs")
    refused = served.post(LEAD, "protocol", 400, **fields, action="save")
    assert "Another version was saved while you wrote" in refused and "mine" in refused
    assert served.state.protocol.title == "Another"


def test_only_the_lead_writes_and_nonsense_is_told(served: Served) -> None:
    assert "written by the lead" in served.get(ANNA, "protocol/edit", 403)
    assert "Amend" not in served.get(ANNA, "protocol")
    fields = typed(served.get(LEAD, "protocol/edit"))
    refused = served.post(ANNA, "protocol", 403, **fields | {"stance": "x", "reason": "r"})
    assert "written by the lead" in refused
    for change, says in (
        ({"published_from": "20x4"}, "is no year"),
        ({"published_from": "2020", "published_until": "2010"}, "comes after the last"),
        ({"frame": "PIXO"}, "is no frame of a question"),
        ({"title": " "}, "has no title"),
    ):
        assert says in served.post(LEAD, "protocol", 400, **fields | {"reason": "r"} | change, action="save")


def test_the_protocol_is_taken_away_as_markdown_and_json(served: Served) -> None:
    client = served.client(ANNA)
    text = client.get(served.path("protocol.md"))
    assert text.headers["content-type"].startswith("text/markdown")
    assert "# Peer support in mental health services" in text.text
    assert (
        "1. include: about peer support workers (title and abstract, full text; reason: wrong population)" in text.text
    )
    answer = client.get(served.path("protocol.json"))
    assert json.loads(answer.text)["criteria"][2]["stages"] == ["full_text"]
