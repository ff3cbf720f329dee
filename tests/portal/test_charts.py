from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evigraph.portal.charts import year_chart


def test_no_counts_no_chart() -> None:
    assert year_chart({}) is None
    assert year_chart({2020: 0}) is None


def test_a_stray_year_does_not_press_the_rest_together() -> None:
    chart = year_chart({1066: 1, **dict.fromkeys(range(2000, 2020), 100)})
    assert chart is not None and chart.bars[0].first == 2000


@given(counts=st.dictionaries(st.integers(1500, 2100), st.integers(0, 10_000), max_size=60))
def test_bars_stand_on_the_drawing_and_hold_every_year(counts: dict[int, int]) -> None:
    chart = year_chart(counts, width=200, height=40)
    if chart is None:
        assert not any(counts.values())
        return
    shown = sum(bar.n for bar in chart.bars)
    assert shown > 0.998 * sum(counts.values()) - 1
    assert len(chart.bars) <= 40
    for bar in chart.bars:
        assert bar.x >= 0 and bar.x + bar.width <= 200.01
        assert bar.y >= 0 and abs(bar.y + bar.height - 40) < 0.02
