"""Votes made into a decision: what a record needs, whether its votes agree, who may see what and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evigraph.review.kinds import Decision, Resolution, StageRule, Vote
from evigraph.review.protocol import Stage

#: Where a record stands at a stage. `waits`: it needs votes. `conflict`: its votes disagree, or agree to exclude for
#: different reasons. `included` and `excluded` are decided.
Standing = Literal["waits", "conflict", "included", "excluded"]


@dataclass(frozen=True)
class Status:
    """Where one record stands at one stage.

    Attributes:
        standing: see `Standing`.
        n_votes: the votes it has that count; a vote of `skip` does not.
        criterion_id: where excluded at full text, the reason; else empty.
        is_resolved: whether an adjudicator or a discussion decided.
    """

    standing: Standing
    n_votes: int
    criterion_id: str = ""
    is_resolved: bool = False

    @property
    def is_decided(self) -> bool:
        """Whether nothing more is needed."""
        return self.standing in ("included", "excluded")


def status_of(votes: Sequence[Vote], resolution: Resolution | None, rule: StageRule, stage: Stage) -> Status:
    """Where a record stands, from the votes in force (one a reviewer) and the resolution, if there is one.

    At title and abstract `maybe` counts as include: the full text will tell. At full text it agrees with nothing.
    Votes beyond `rule.n_votes` (a calibration round, say) must agree as well. A resolution binds in any case.
    """
    cast = [vote for vote in votes if vote.decision != "skip"]
    if resolution is not None:
        standing: Standing = "included" if resolution.decision == "include" else "excluded"
        return Status(standing, len(cast), resolution.criterion_id if standing == "excluded" else "", True)
    said = {counts_as(vote, stage) for vote in cast}
    if rule.rule == "one_include" and "include" in said:
        return Status("included", len(cast))
    if len(cast) < rule.n_votes:
        return Status("waits", len(cast))
    if said == {"include"}:
        return Status("included", len(cast))
    if said != {"exclude"}:
        return Status("conflict", len(cast))
    if stage == "title_abstract":
        return Status("excluded", len(cast))
    reasons = {vote.criterion_id for vote in cast}
    return Status("excluded", len(cast), reasons.pop()) if len(reasons) == 1 else Status("conflict", len(cast))


def counts_as(vote: Vote, stage: Stage) -> Decision:
    """What a vote counts as: at title and abstract `maybe` is an include, since the full text will tell."""
    return "include" if vote.decision == "maybe" and stage == "title_abstract" else vote.decision


def may_see_votes(viewer: str, votes: Mapping[str, Vote], status: Status, *, adjudicates: bool) -> bool:
    """Whether somebody may see what others voted on a record, their notes, and its score.

    A voter: once their own vote is cast and the record is decided or in conflict. An adjudicator who has not voted:
    once it is in conflict or decided. Nobody else.
    """
    if status.standing == "waits":
        return False
    own = votes.get(viewer)
    if own is not None and own.decision != "skip":
        return True
    return adjudicates
