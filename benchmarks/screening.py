"""Ranking the screening queue beside ASReview's default model, ELAS u4, and the stopping rules on both orders.

    python benchmarks/screening.py FOLDER [--sets NAME…] [--models u4 evigraph] [--seeds 10] [--keep SCRATCH]
    python benchmarks/screening.py FOLDER --peers-python PYTHON    # u4 as restated here against asreview itself
    python benchmarks/screening.py FOLDER --stopping               # coverage and saving on the orders in SCRATCH
    python benchmarks/screening.py FOLDER --retrain                # seconds of retraining on 20,000 records
    python benchmarks/screening.py FOLDER --protocol               # with the protocol's words
    python benchmarks/screening.py ACL --citations 10              # with citation links

FOLDER holds the labelled reviews of Cohen et al. (2006) as `NAME.csv.gz` with title, abstract and label_included. Each
simulated review begins with one relevant and one irrelevant record, drawn by its seed; both models learn anew from
every label, or equally seldom by --pace. Settings were chosen on the five sets of CHOSEN_ON alone: only the other six
say anything. Orders are kept in SCRATCH, so that a run goes on where it was ended.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from evigraph.review.queue.learner import balanced_costs
from evigraph.review.queue.pool import Pool, Text, prepare
from evigraph.review.queue.ranking import Label, Ranking
from evigraph.review.queue.representation import represent
from evigraph.review.stopping import knee, knee_limit, n_irrelevant_in_a_row, p_of_tail

CHOSEN_ON = ("ADHD", "Antihistamines", "Estrogens", "Opiods", "UrinaryIncontinence")
JUDGED_ON = (
    "AtypicalAntipsychotics",
    "BetaBlockers",
    "CalciumChannelBlockers",
    "OralHypoglycemics",
    "ProtonPumpInhibitors",
    "SkeletalMuscleRelaxants",
)

Labels = npt.NDArray[np.int64]
#: From the labelled rows and their labels to the score of every record.
Ranker = Callable[[Labels, Labels], npt.NDArray[np.float64]]


def read_set(folder: Path, name: str) -> tuple[list[dict[str, str]], Labels]:
    """The records with a title or an abstract, and whether each was included at last."""
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if (row["title"] + row["abstract"]).strip()]
    return rows, np.array([int(float(row["label_included"] or 0)) for row in rows])


def text_of(row: dict[str, str]) -> str:
    """What ASReview reads: title and abstract."""
    return f"{row['title']} {row['abstract']}"


class WrittenOut:
    """The learner with every product of two records written out: for small pools, where it is many times faster.

    The same equations as `evigraph.review.queue.learner.Learner` solves. The model `queue` runs the latter and reads
    as `evigraph` does.
    """

    def __init__(self, products: npt.NDArray[np.float64]) -> None:
        self.products = products.astype(np.float32) + np.float32(1)  # the bias is a term that all have
        self.beta = np.zeros(len(products))

    def __call__(self, seen: Labels, labels: Labels) -> npt.NDArray[np.float64]:
        signs = np.where(labels > 0, 1.0, -1.0)
        loose = 0.5 / balanced_costs(signs, np.ones(len(signs)))
        among = self.products[np.ix_(seen, seen)].astype(np.float64)
        beta = self.beta[seen]
        active = np.ones(len(seen), dtype=bool)
        for _ in range(50):
            beta[~active] = 0.0
            self._solve(among, loose, signs, beta, active)
            missed = signs * (among @ beta) < 1
            if (missed == active).all():
                break
            active = missed
        self.beta[:] = 0.0
        self.beta[seen] = beta
        return np.asarray(beta.astype(np.float32) @ self.products[seen], dtype=np.float64)

    @staticmethod
    def _solve(among: Any, loose: Any, signs: Any, beta: Any, active: Any) -> None:
        scale = 1 / (2 + loose)
        rest = np.where(active, signs - among @ beta - loose * beta, 0.0)
        along = scale * rest
        product = float(rest @ along)
        enough = 1e-10 * float(signs @ (scale * signs))
        while product > enough:
            image = np.where(active, among @ along + loose * along, 0.0)
            step = product / float(along @ image)
            beta += step * along
            rest -= step * image
            near = scale * rest
            product, before = float(rest @ near), product
            along = near + product / before * along


def elas_u4(rows: list[dict[str, str]]) -> Callable[[], Ranker]:
    """ASReview 3's default: TF-IDF of words and pairs, squared hinge, C 0.11, balance 9.8."""
    words = represent([text_of(row) for row in rows])
    products = (words.matrix @ words.matrix.T).toarray() + np.diag(words.own)
    return lambda: WrittenOut(products)


def evigraph(rows: list[dict[str, str]]) -> Callable[[], Ranker]:
    """The queue as a review has it, on titles and abstracts alone."""
    return written_out(prepare([Text(str(n), row["title"], row["abstract"]) for n, row in enumerate(rows)]))


def written_out(pool: Pool) -> Callable[[], Ranker]:
    """A ranker of the pool's records; the protocol, where there is one, is a relevant record that is always known."""
    n = len(pool.record_ids)
    half = pool.mix @ ((pool.matrix @ pool.matrix.T).toarray() + np.diag(pool.own))
    products = (pool.mix @ half.T).T
    if not pool.has_protocol:
        return lambda: WrittenOut(products)

    def ranker() -> Ranker:
        learner = WrittenOut(products)
        return lambda seen, labels: learner(np.append(seen, n), np.append(labels, 1))[:n]

    return ranker


def through_the_queue(rows: list[dict[str, str]]) -> Callable[[], Ranker]:
    """As `evigraph`, by the package's own `Ranking`."""
    pool = prepare([Text(str(n), row["title"], row["abstract"]) for n, row in enumerate(rows)])

    def ranker() -> Ranker:
        ranking = Ranking(pool)

        def rank(seen: Labels, labels: Labels) -> npt.NDArray[np.float64]:
            told = zip(seen.tolist(), labels.tolist(), strict=True)
            ranking.learn({str(row): Label(bool(label)) for row, label in told})
            return ranking.scores

        return rank

    return ranker


def priors(labels: Labels, seed: int) -> list[int]:
    """One relevant and one irrelevant record."""
    rng = np.random.default_rng(seed)
    return [int(rng.choice(np.flatnonzero(labels == wanted))) for wanted in (1, 0)]


def simulate(labels: Labels, ranker: Ranker, seed: int, pace: float) -> list[int]:
    """The order in which records are screened, priors first, until the last relevant one is found.

    The ranker learns anew after every label, or at a `pace` above 0 when that share of labels more is known.
    """
    order = priors(labels, seed)
    is_seen = np.zeros(len(labels), dtype=bool)
    is_seen[order] = True
    n_missing = int(labels.sum() - labels[order].sum())
    n_learnt, scores = 0, np.zeros(len(labels))
    while n_missing:
        if len(order) >= n_learnt + max(1, int(pace * n_learnt)):
            seen = np.flatnonzero(is_seen)
            scores, n_learnt = ranker(seen, labels[seen]), len(order)
        pick = int(np.argmax(np.where(is_seen, -np.inf, scores)))
        is_seen[pick] = True
        order.append(pick)
        n_missing -= int(labels[pick])
    return order


def figures(labels: Labels, order: list[int]) -> dict[str, float]:
    """The measures of one simulated review, priors left out (as ASReview's own loss and insights define them).

    loss: area above the curve of recall, 0 the best and 1 the worst; wss95: 0.95 less the share read when 95 % were
    found; recall10: after 10 % of the records; discovery: mean place of a relevant record; last: share read when the
    last was found.
    """
    pool = len(labels) - 2
    places = np.flatnonzero(labels[order[2:]]) + 1
    n = len(places)
    best = (n + 1) / 2
    return {
        "loss": (places.mean() - best) / (pool - n),
        "wss95": 0.95 - places[int(np.ceil(0.95 * n)) - 1] / pool,
        "recall10": float((places <= round(0.1 * pool)).mean()),
        "discovery": places.mean() / pool,
        "last": places[-1] / pool,
        "read": float(places[-1]),
    }


MODELS: dict[str, Callable[[list[dict[str, str]]], Callable[[], Ranker]]] = {
    "u4": elas_u4,
    "evigraph": evigraph,
    "queue": through_the_queue,
}


def orders_of(folder: Path, scratch: Path, name: str, model: str, n_seeds: int, pace: float) -> list[list[int]]:
    """The kept orders of a set under a model; what is missing is simulated first."""
    kept = [scratch / f"{name}.{model}.{pace:g}.{seed}.json" for seed in range(n_seeds)]
    if not all(path.exists() for path in kept):
        rows, labels = read_set(folder, name)
        ranker = MODELS[model](rows)
        for seed, path in enumerate(kept):
            if not path.exists():
                order = simulate(labels, ranker(), seed, pace)
                path.write_text(json.dumps(order))
    return [json.loads(path.read_text()) for path in kept]


#: What each review is about, written from its name alone, as a protocol's title would have it. Nothing here was read
#: from the records or from what was included.
PROTOCOLS = {
    "ADHD": "Drug treatment of attention deficit hyperactivity disorder: randomised controlled trials of stimulants, "
    "methylphenidate, amphetamine and atomoxetine in children, adolescents and adults",
    "Antihistamines": "Second-generation antihistamines for allergic rhinitis and urticaria: randomised trials of "
    "cetirizine, fexofenadine, loratadine and desloratadine",
    "Estrogens": "Estrogens, hormone replacement therapy for symptoms of menopause and bone loss in postmenopausal "
    "women: randomised controlled trials comparing estrogen preparations",
    "Opiods": "Long-acting opioids for chronic non-cancer pain: randomised trials of oxycodone, morphine, fentanyl "
    "and methadone, effectiveness and adverse events",
    "UrinaryIncontinence": "Drugs for overactive bladder and urge urinary incontinence: randomised trials of "
    "oxybutynin and tolterodine",
    "AtypicalAntipsychotics": "Atypical antipsychotics for schizophrenia, bipolar disorder and dementia: randomised "
    "trials of clozapine, olanzapine, quetiapine, risperidone and ziprasidone, efficacy and adverse events",
    "BetaBlockers": "Beta blockers for hypertension, angina, heart failure and after myocardial infarction: randomised "
    "trials of atenolol, metoprolol, carvedilol and bisoprolol, mortality and adverse events",
    "CalciumChannelBlockers": "Calcium channel blockers for hypertension, angina and heart failure: randomised trials "
    "of amlodipine, diltiazem, felodipine, nifedipine and verapamil, mortality and adverse events",
    "OralHypoglycemics": "Oral hypoglycemics for type 2 diabetes: randomised trials of sulfonylureas, glipizide, "
    "glyburide, glimepiride and repaglinide, glycaemic control and adverse events",
    "ProtonPumpInhibitors": "Proton pump inhibitors for gastroesophageal reflux disease and peptic ulcer: randomised "
    "trials of omeprazole, lansoprazole, pantoprazole, rabeprazole and esomeprazole, healing and symptoms",
    "SkeletalMuscleRelaxants": "Skeletal muscle relaxants for spasticity and musculoskeletal conditions: randomised "
    "trials of baclofen, tizanidine, dantrolene, carisoprodol and cyclobenzaprine",
}


def beside_protocol(folder: Path, names: list[str], n_seeds: int, pace: float) -> None:
    """Shows the loss with and without the protocol's words."""
    losses = []
    for name in names:
        rows, labels = read_set(folder, name)
        texts = [Text(str(n), row["title"], row["abstract"]) for n, row in enumerate(rows)]
        rankers = [written_out(prepare(texts, protocol=words)) for words in ("", PROTOCOLS[name])]
        each = [
            [figures(labels, simulate(labels, ranker(), seed, pace))["loss"] for seed in range(n_seeds)]
            for ranker in rankers
        ]
        losses.append([float(np.mean(one)) for one in each])
        print(f"{name:24} without {losses[-1][0]:.4f} with {losses[-1][1]:.4f}", flush=True)
    without, beside = np.mean(losses, axis=0)
    print(f"mean without {without:.4f}, with {beside:.4f}: {beside / without - 1:+.1%}")


def beside_citations(folder: Path, n_reviews: int, n_seeds: int, pace: float, n_others: int = 1000) -> None:
    """Shows the loss with and without citation links: the references of surveys among works of their field.

    FOLDER is the ACL set: publications and citations in the OpenAIRE Graph's form. A survey is a work whose title says
    so and that cites 25 works of the set or more. Its pool holds these and `n_others` others up to its year, drawn at
    random. The survey and all later works are unknown: their citations are left out.
    """
    works: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("publication-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            works |= {work["id"]: work for work in map(json.loads, lines)}
    cites: dict[str, set[str]] = {}
    for path in sorted(folder.glob("relation-*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for relation in map(json.loads, lines):
                if relation["relType"]["name"] == "Cites" and {relation["source"], relation["target"]} <= works.keys():
                    cites.setdefault(relation["source"], set()).add(relation["target"])
    year = {one: str(work["publicationDate"] or "")[:4] for one, work in works.items()}
    surveys = sorted(
        one
        for one, cited in cites.items()
        if re.search(r"\b(survey|review|overview)\b", works[one]["mainTitle"].lower()) and len(cited) >= 25
    )
    losses = []
    for survey in surveys[:n_reviews]:
        included = sorted(one for one in cites[survey] if year[one] <= year[survey])
        field = sorted(one for one in works if year[one] <= year[survey] and one not in cites[survey] and one != survey)
        others = [field[n] for n in np.random.default_rng(0).permutation(len(field))[:n_others]]
        pool = sorted([*included, *others])
        labels = np.array([int(one in cites[survey]) for one in pool])
        texts = [Text(one, works[one]["mainTitle"], " ".join(works[one]["descriptions"] or [])) for one in pool]
        links = [(one, two) for one in cites for two in cites[one] if one != survey and year[one] <= year[survey]]
        words = [{"title": text.title, "abstract": text.abstract} for text in texts]
        rankers = [elas_u4(words), written_out(prepare(texts)), written_out(prepare(texts, links))]
        each = [
            [figures(labels, simulate(labels, ranker(), seed, pace)) for seed in range(n_seeds)] for ranker in rankers
        ]
        losses.append([[float(np.mean([one[key] for one in model])) for model in each] for key in ("loss", "last")])
        told = ", ".join(f"{loss:.4f}" for loss in losses[-1][0])
        print(f"{len(included):4} of {len(pool)}: loss u4, words, words and links {told}: {works[survey]['mainTitle']}")
        sys.stdout.flush()
    for key, (u4, text, linked) in zip(("loss", "last read"), np.mean(losses, axis=0), strict=True):
        print(f"mean {key}: u4 {u4:.4f}, words {text:.4f}, words and links {linked:.4f} ({linked / text - 1:+.1%})")


#: What the Python with asreview runs: its own simulation with its own default model, from the priors it is given.
ASREVIEW = """
import json, sys
import pandas as pd
from asreview.learner import ActiveLearningCycle
from asreview.models.models import get_ai_config
from asreview.simulation.simulate import Simulate
given = json.load(sys.stdin)
texts = pd.DataFrame(given["rows"], columns=["title", "abstract"])
cycle = ActiveLearningCycle.from_meta(get_ai_config("elas_u4")["value"])
simulation = Simulate(texts, given["labels"], [cycle], print_progress=False)
simulation.label(given["priors"])
simulation.review()
print(json.dumps([int(record) for record in simulation._results["record_id"]]))
"""


def beside_asreview(folder: Path, python: str, names: list[str], n_seeds: int) -> None:
    """Shows that u4 as restated here reads as asreview itself does: both losses, and how long the orders agree."""
    for name in names:
        rows, labels = read_set(folder, name)
        ranker = elas_u4(rows)
        for seed in range(n_seeds):
            told = {
                "rows": [[row["title"], row["abstract"]] for row in rows],
                "labels": labels.tolist(),
                "priors": priors(labels, seed),
            }
            # In a folder of its own, for it leaves a cache where it runs.
            with tempfile.TemporaryDirectory() as beside:
                command = [python, "-c", ASREVIEW]
                done = subprocess.run(command, input=json.dumps(told), capture_output=True, text=True, cwd=beside)
            if done.returncode:
                sys.exit(f"asreview did not run: {done.stderr.strip().splitlines()[-1]}")
            theirs, ours = json.loads(done.stdout.splitlines()[-1]), simulate(labels, ranker(), seed, 0.0)
            first = next(
                (n for n, pair in enumerate(zip(theirs, ours, strict=False)) if len(set(pair)) == 2), len(ours)
            )
            print(
                f"{name} seed {seed}: loss asreview {figures(labels, theirs)['loss']:.5f}, "
                f"here {figures(labels, ours)['loss']:.5f}; orders are the same for {first} of {len(ours)} records",
                flush=True,
            )


def retrain(folder: Path, n_records: int = 20_000, n_labelled: int = 2_000) -> None:
    """Shows seconds of preparing a large pool once and of learning anew from one label more.

    Records are those of all sets, and then titles of one with abstracts of another until there are enough.
    """
    rng = np.random.default_rng(0)
    sets = [read_set(folder, name) for name in (*CHOSEN_ON, *JUDGED_ON)]
    rows = [row for read, _ in sets for row in read]
    labels = np.concatenate([read for _, read in sets])
    texts = [Text(str(n), row["title"], row["abstract"]) for n, row in enumerate(rows)]
    while len(texts) < n_records:
        one, other = rng.integers(len(rows), size=2)
        texts.append(Text(str(len(texts)), rows[one]["title"], rows[other]["abstract"]))
    began, cpu = time.perf_counter(), time.process_time()
    pool = prepare(texts[:n_records])
    print(
        f"{n_records} records prepared once in {time.process_time() - cpu:.1f} s of processor "
        f"({time.perf_counter() - began:.1f} s by the clock)"
    )
    ranking = Ranking(pool)
    order = rng.permutation(len(rows))[: n_labelled + 5].tolist()
    for n in range(n_labelled, n_labelled + 5):
        told = {str(row): Label(bool(labels[row])) for row in order[:n]}
        began, cpu = time.perf_counter(), time.process_time()
        ranking.learn(told)
        ranking.order()
        how = "from nothing" if n == n_labelled else "one label more"
        print(
            f"{n} labels, {how}: {time.process_time() - cpu:.2f} s of processor, "
            f"{time.perf_counter() - began:.2f} s by the clock",
            flush=True,
        )


def stopping(folder: Path, scratch: Path, names: list[str], models: list[str], n_seeds: int, pace: float) -> None:
    """Shows of each rule how often it stopped at 95 % recall or more, the least recall, and what it saved.

    Every rule is asked at each hundredth of the pool.
    """
    rules: dict[str, Callable[[Labels, int], bool]] = {
        "hypergeometric": lambda seen, n: p_of_tail(seen, n) < 0.05,
        "50 in a row": lambda seen, n: n_irrelevant_in_a_row(seen) >= 50,
        "100 in a row": lambda seen, n: n_irrelevant_in_a_row(seen) >= 100,
        "200 in a row": lambda seen, n: n_irrelevant_in_a_row(seen) >= 200,
        "half screened": lambda seen, n: len(seen) >= n / 2,
        "knee": lambda seen, n: knee(seen) >= knee_limit(int(seen.sum())),
    }
    for model in models:
        reviews = []
        for name in names:
            labels = read_set(folder, name)[1]
            for order in orders_of(folder, scratch, name, model, n_seeds, pace):
                rest = np.setdiff1d(np.arange(len(labels)), order)
                reviews.append(labels[np.concatenate([order, rest])])
        for rule, stops in rules.items():
            ended = []
            for review in reviews:
                n = len(review)
                steps = range(max(1, n // 100), n, max(1, n // 100))
                at = next((step for step in steps if stops(review[:step], n)), n)
                ended.append((review[:at].sum() / review.sum(), 1 - at / n))
            recall, saved = np.array(ended).T
            print(
                f"{model:9} {rule:15} kept in {(recall >= 0.95).mean():.3f} of {len(reviews)}, least recall "
                f"{recall.min():.3f}, mean {recall.mean():.3f}, saved {saved.mean():.3f}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", default=[*CHOSEN_ON, *JUDGED_ON])
    parser.add_argument("--models", nargs="+", default=["u4", "evigraph"])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument(
        "--pace", type=float, default=0.0, help="learn anew at this share of labels more; 0: at every one"
    )
    parser.add_argument("--keep", type=Path, default=Path("screening-orders"))
    parser.add_argument("--peers-python")
    parser.add_argument("--retrain", action="store_true")
    parser.add_argument("--stopping", action="store_true")
    parser.add_argument("--protocol", action="store_true")
    parser.add_argument("--citations", type=int, metavar="REVIEWS")
    given = parser.parse_args()
    if given.peers_python:
        beside_asreview(given.folder, given.peers_python, given.sets, given.seeds)
        return
    if given.protocol:
        beside_protocol(given.folder, given.sets, given.seeds, given.pace)
        return
    if given.citations:
        beside_citations(given.folder, given.citations, given.seeds, given.pace)
        return
    if given.stopping:
        stopping(given.folder, given.keep, given.sets, given.models, given.seeds, given.pace)
        return
    if given.retrain:
        retrain(given.folder)
        return
    given.keep.mkdir(exist_ok=True)
    for name in given.sets:
        for model in given.models:
            began = time.process_time()
            orders = orders_of(given.folder, given.keep, name, model, given.seeds, given.pace)
            labels = read_set(given.folder, name)[1]
            each = [figures(labels, order) for order in orders]
            mean = {key: float(np.mean([one[key] for one in each])) for key in each[0]}
            print(
                f"{name:24}{model:10}"
                + " ".join(f"{k} {v:.4f}" for k, v in mean.items())
                + f" {time.process_time() - began:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
