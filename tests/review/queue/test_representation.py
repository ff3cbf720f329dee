from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evigraph.review.queue.representation import represent, stem

texts = st.lists(
    st.lists(st.sampled_from(["Peer", "support", "peers", "a", "staff,", "Größe", "x2", "lived-in"]), max_size=12).map(
        " ".join
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, max_examples=150)
@given(texts, st.booleans())
def test_likeness_is_that_of_scikit_learns_tfidf(given_texts: list[str], pairs: bool) -> None:
    sklearn = pytest.importorskip("sklearn.feature_extraction.text")
    vectorizer = sklearn.TfidfVectorizer(ngram_range=(1, 2 if pairs else 1), sublinear_tf=True, max_df=0.95)
    try:
        theirs = vectorizer.fit_transform(given_texts)
        likeness = (theirs @ theirs.T).toarray()
    except ValueError:  # no words at all, or none that less than all the records have
        likeness = np.zeros((len(given_texts), len(given_texts)))
    ours = represent(given_texts, pairs=pairs)
    assert (ours.matrix @ ours.matrix.T).toarray() + np.diag(ours.own) == pytest.approx(likeness, abs=1e-9)


def test_a_column_is_a_term_of_two_records_or_more() -> None:
    ours = represent(["peer support work", "peer support staff", "other staff"])
    assert set(ours.terms) == {"peer", "support", "peer support", "staff"}
    assert ours.matrix.shape == (3, 4)
    lengths = np.asarray(ours.matrix.multiply(ours.matrix).sum(axis=1)).ravel() + ours.own
    assert lengths == pytest.approx(1)


@pytest.mark.parametrize("given_texts", [[], [""], ["", "a b c"], ["word"]])
def test_texts_without_words_have_empty_rows(given_texts: list[str]) -> None:
    ours = represent(given_texts)
    assert ours.matrix.shape[0] == len(given_texts)
    assert ours.matrix.nnz == 0


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [("therapies", "therapy"), ("trials", "trial"), ("doses", "dose"), ("stress", "stress"), ("us", "us")],
)
def test_plurals_lose_their_ending(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed
