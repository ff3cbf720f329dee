from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from evigraph.errors import EvigraphError
from evigraph.review.queue import pool as preparing
from evigraph.review.queue.explanation import explain
from evigraph.review.queue.neighbours import mixing, nearest
from evigraph.review.queue.pool import Text, prepare
from evigraph.review.queue.ranking import Label, Ranking, audit_sample, labels_of, unranked
from evigraph.review.queue.representation import represent

TOPIC = ["peer", "support", "specialist", "lived", "experience", "recovery", "interview", "qualitative"]
OTHER = ["statin", "dose", "trial", "placebo", "cholesterol", "mortality", "infarction", "cohort"]
SHARED = ["health", "patients", "service", "study", "results", "care"]


def made_up(n: int = 120, seed: int = 0) -> tuple[list[Text], dict[str, bool]]:
    """Made-up records of two subjects, every sixth of the first."""
    rng = np.random.default_rng(seed)
    texts, truth = [], {}
    for at in range(n):
        is_relevant = at % 6 == 0
        words = [*rng.choice(TOPIC if is_relevant else OTHER, 6), *rng.choice(SHARED, 8), f"only{at}"]
        texts.append(Text(f"r{at:03}", " ".join(words[:5]), " ".join(rng.permutation(words))))
        truth[f"r{at:03}"] = is_relevant
    return texts, truth


def test_relevant_records_come_first_after_two_labels() -> None:
    texts, truth = made_up()
    ranking = Ranking(prepare(texts))
    ranking.learn({"r000": Label(True), "r001": Label(False)})
    order = ranking.order()
    assert len(order) == 118
    assert sum(truth[record] for record in order[:19]) >= 18


def test_the_same_labels_give_the_same_order_however_they_came() -> None:
    texts, truth = made_up()
    pool = prepare(texts)
    at_once, one_by_one = Ranking(pool), Ranking(pool)
    labels = {record: Label(truth[record]) for record in list(truth)[:40]}
    for n in range(1, 41):
        one_by_one.learn(dict(list(labels.items())[:n]))
    at_once.learn(labels)
    assert one_by_one.order() == at_once.order()
    assert one_by_one.scores == pytest.approx(at_once.scores, abs=1e-3)
    again = Ranking(pool)
    again.learn(dict(reversed(labels.items())))
    assert (again.scores == at_once.scores).all()


def test_the_protocols_words_order_before_there_is_a_label() -> None:
    texts, truth = made_up()
    ranking = Ranking(prepare(texts, protocol="lived experience of peer support: qualitative interview studies"))
    ranking.learn({})
    order = ranking.order()
    assert len(order) == 120
    assert sum(truth[record] for record in order[:20]) >= 18
    ranking.learn({"r001": Label(False)})
    assert sum(truth[record] for record in ranking.order()[:20]) >= 18


def test_with_nothing_known_the_order_is_drawn_by_its_seed() -> None:
    texts, _ = made_up()
    ranking = Ranking(prepare(texts))
    ranking.learn({})
    assert ranking.order(seed=1) == ranking.order(seed=1) != ranking.order(seed=2)
    ranking.learn({"r000": Label(True)})
    assert ranking.order()[0] != "r000"


def test_a_citation_link_raises_what_no_word_does() -> None:
    texts = [Text(f"r{n}", "study of health", "health study results") for n in range(30)]
    links = [
        ("r0", "w1"),
        ("r0", "w2"),
        ("r7", "w1"),
        ("r7", "w2"),
        ("r9", "r0"),
        *((f"r{n}", f"x{n}") for n in range(30)),
    ]
    ranking = Ranking(prepare(texts, links))
    ranking.learn({"r0": Label(True), "r1": Label(False), "r2": Label(False)})
    assert set(ranking.order()[:2]) == {"r7", "r9"}
    told = explain(ranking, "r7")
    assert {part.name for part in told.links} == {"w1", "w2"}
    assert explain(ranking, "r9").links[0].name in {"r0", "r9"}


def test_a_score_is_the_sum_of_what_is_told_of_it() -> None:
    texts, truth = made_up()
    links = [(f"r{n:03}", f"w{n % 7}") for n in range(120)]
    ranking = Ranking(prepare(texts, links, protocol="peer support"))
    ranking.learn({record: Label(truth[record]) for record in list(truth)[:50]})
    for record in ("r060", "r061", "r119", "r000"):
        told = explain(ranking, record)
        assert told.bias + sum(told.sums.values()) == pytest.approx(told.score, abs=1e-9)
    up = explain(ranking, "r060")
    assert up.words
    assert {part.name.split()[0] for part in up.words} & set(TOPIC)
    assert any(part.is_included for part in up.neighbours)


def test_a_pool_read_back_orders_as_one_just_made(tmp_path: Path) -> None:
    texts, truth = made_up()
    labels = {record: Label(truth[record]) for record in list(truth)[:12]}
    folder = tmp_path / "kept"
    orders = []
    for pool in (
        prepare(texts, protocol="peer support"),
        *(prepare(texts, (), "peer support", folder) for _ in range(2)),
    ):
        ranking = Ranking(pool)
        ranking.learn(labels)
        orders.append((ranking.order(), ranking.scores.tolist()))
    assert orders[0] == orders[1] == orders[2]
    (kept,) = folder.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.write_bytes(b"PK broken")
    assert prepare(texts, (), "peer support", folder).terms == prepare(texts, (), "peer support").terms
    prepare(texts[:-1], (), "peer support", folder)
    assert len(list(folder.iterdir())) == 2


def test_votes_count_less_than_decisions_and_doubt_counts_as_relevant() -> None:
    labels = labels_of({"a": True, "b": False}, {"a": [True, False], "c": [False], "d": [True, False], "e": []})
    assert labels == {"a": Label(True), "b": Label(False), "c": Label(False, 0.5), "d": Label(True, 0.5)}


def test_a_record_that_the_pool_lacks_is_an_error() -> None:
    ranking = Ranking(prepare(made_up(10)[0]))
    with pytest.raises(EvigraphError, match="'r999' is not in the queue's pool"):
        ranking.learn({"r999": Label(True)})


def test_switched_off_the_order_is_by_id_or_by_seed() -> None:
    assert unranked(["b", "a", "c"]) == ["a", "b", "c"]
    assert sorted(unranked("cab", seed=3)) == ["a", "b", "c"]
    assert unranked("cab", seed=3) == unranked("bca", seed=3)
    assert len(audit_sample([str(n) for n in range(50)], 10, seed=0)) == 10


@pytest.mark.parametrize("texts", [[], [Text("a", "")], [Text("a", "one word"), Text("b", "")]])
def test_pools_with_hardly_anything_in_them_have_an_order(texts: list[Text]) -> None:
    ranking = Ranking(prepare(texts))
    ranking.learn({text.record_id: Label(True) for text in texts[:1]})
    assert ranking.order() == [text.record_id for text in texts[1:]]
    for text in texts:
        explain(ranking, text.record_id)


def test_neighbours_are_the_most_alike_and_smoothing_is_their_mean() -> None:
    rng = np.random.default_rng(4)
    lines = [" ".join(rng.choice([f"w{n}" for n in range(200)], 12)) for _ in range(80)]
    matrix = represent(lines, pairs=False).matrix
    graph = nearest(matrix, 7)
    like = (matrix @ matrix.T).toarray()
    np.fill_diagonal(like, 0)
    for row in range(80):
        near = graph[[row]]
        assert np.sort(like[row, near.indices])[::-1] == pytest.approx(np.sort(like[row])[::-1][: near.nnz])
        assert near.nnz == min(7, int((like[row] > 1e-12).sum()))
        assert near.data == pytest.approx(like[row, near.indices] / like[row, near.indices].sum())
    own = rng.random(80) * 0.3
    mix = mixing(matrix, own, graph)
    whole = np.hstack([matrix.toarray(), np.diag(np.sqrt(own))])
    whole = whole + graph.toarray() @ whole
    whole /= np.linalg.norm(whole, axis=1, keepdims=True)
    assert np.hstack([mix @ matrix.toarray(), mix @ np.diag(np.sqrt(own))]) == pytest.approx(whole)


def test_another_process_reckons_the_same_pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [Text(f"r{n}", f"Peer support of kind {n % 5}", f"Abstract {n} on work and hope é") for n in range(40)]
    here = prepare(texts, [("r1", "r2"), ("r3", "r2")], "peer support", tmp_path / "here")
    monkeypatch.setattr(preparing, "MIN_APART", 1)
    monkeypatch.setattr(preparing, "_build", None)
    apart = prepare(texts, [("r1", "r2"), ("r3", "r2")], "peer support", tmp_path / "apart")
    assert (apart.record_ids, apart.terms, apart.has_protocol) == (here.record_ids, here.terms, here.has_protocol)
    assert (apart.matrix != here.matrix).nnz == 0
    assert (apart.mix != here.mix).nnz == 0
    assert np.array_equal(apart.own, here.own)
