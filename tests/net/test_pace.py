"""How fast each host may be asked."""

from __future__ import annotations

import itertools

import pytest

from evigraph.net.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def test_requests_keep_their_distance() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    pace.set_rate("a.example", 4.0)
    instants = []
    for _ in range(9):
        pace.wait("a.example")
        instants.append(clock.now)
    gaps = [after - before for before, after in itertools.pairwise(instants)]
    assert gaps == pytest.approx([0.25] * 8)


def test_a_burst_goes_at_once_and_then_the_rate_holds() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    pace.set_rate("a.example", 1.0, burst=3)
    for _ in range(3):
        pace.wait("a.example")
    assert clock.now == 100.0
    pace.wait("a.example")
    assert clock.now == pytest.approx(101.0)


def test_hosts_do_not_wait_for_each_other() -> None:
    clock = Clock()
    pace = Pace(default_rate=1.0, clock=clock, sleep=clock.sleep)
    pace.hold("slow.example", 50)
    pace.wait("quick.example")
    assert clock.now == 100.0


def test_nothing_goes_inside_a_hold() -> None:
    clock = Clock()
    pace = Pace(clock=clock, sleep=clock.sleep)
    pace.hold("a.example", 30)
    pace.hold("a.example", 10)
    pace.wait("a.example")
    assert clock.now >= 130.0


def test_an_announced_rate_slows_and_never_speeds() -> None:
    clock = Clock()
    pace = Pace(default_rate=2.0, clock=clock, sleep=clock.sleep)
    pace.slow_to("a.example", 50.0)
    pace.slow_to("a.example", 0.0)
    pace.wait("a.example")
    pace.wait("a.example")
    assert clock.now == pytest.approx(100.5)
    pace.slow_to("a.example", 0.1)
    pace.wait("a.example")
    assert clock.now == pytest.approx(110.5)


@pytest.mark.parametrize(("rate", "burst"), [(0.0, 1.0), (-1.0, 1.0), (1.0, 0.5)])
def test_a_rate_that_lets_nothing_pass_is_refused(rate: float, burst: float) -> None:
    with pytest.raises(ValueError, match=r"a\.example"):
        Pace().set_rate("a.example", rate, burst)
