"""What stands of the synthesis: findings and themes in a web of support, traced from a theme down to quotations."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import msgspec

from evigraph.review.slots import Said, Slots
from evigraph.review.state import ReviewState
from evigraph.review.synthesis.kinds import Bearing, Bears, Confidence, Finding, Level, Theme
from evigraph.review.synthesis.statement import is_sentence

#: The levels from the top down.
LEVELS: tuple[Level, ...] = ("overarching", "analytical", "descriptive")

#: Words on how something bears on a theme, from one for it to one against it.
STRENGTH: tuple[Bearing, ...] = ("supports", "nuances", "contradicts")


@dataclass(frozen=True)
class Link:
    """How a finding or theme bears on a theme."""

    theme_id: str
    source: str
    source_id: str
    bearing: Bearing


def web_of(state: ReviewState) -> Web:
    """The synthesis as it stands, folded once for all who ask before the next event."""
    return state.kept("synthesis", lambda: Web(state))


class Web:
    """Findings, themes, links and judgements of confidence in force, by id; what was taken away is left out.

    Attributes:
        findings, themes: by id; each finding with the study that its report is in now.
        confidence: judgements by theme that still say something of it.
        lapsed: why another judgement no longer does, by theme: it is to be judged again.
    """

    def __init__(self, state: ReviewState) -> None:
        slots = state.slots
        now: dict[str, str] = {}
        self.findings: dict[str, Finding] = {}
        for said in slots.all_in_force("review.finding"):
            finding = cast(Finding, said.payload)
            if not finding.is_removed:
                # Reports may be grouped after their findings were written: these go on with the study that holds them.
                study = now.setdefault(finding.study, state.study_of(finding.study) or finding.study)
                self.findings[said.subject] = msgspec.structs.replace(finding, study=study)
        self.themes: dict[str, Theme] = {
            said.subject: theme
            for said in slots.all_in_force("review.theme")
            if not (theme := cast(Theme, said.payload)).is_removed
        }
        judged = {said.subject: said for said in slots.all_in_force("review.confidence") if said.subject in self.themes}
        self._below: dict[str, dict[str, Bearing]] = {}
        self._links: dict[str, list[Link]] = {}
        for said in slots.all_in_force("review.bears"):
            bears = cast(Bears, said.payload)
            held = self.findings if bears.source == "finding" else self.themes
            if bears.bearing != "none" and said.subject in self.themes and bears.source_id in held:
                link = Link(said.subject, bears.source, bears.source_id, bears.bearing)
                self._links.setdefault(said.subject, []).append(link)
        self.lapsed = {one: why for one, said in judged.items() if (why := self._lapse(slots, said))}
        self.confidence = {
            one: cast(Confidence, said.payload) for one, said in judged.items() if one not in self.lapsed
        }

    def _lapse(self, slots: Slots, judged: Said) -> str:
        """Why a judgement of confidence no longer says anything of its theme; empty where it does."""
        theme = self.themes[judged.subject]
        if not is_sentence(theme.statement):
            return "its statement is no sentence any more"
        if not self.evidence(judged.subject):
            return "no finding bears on it any more"
        said = [one for one, is_gone in slots.history("review.theme", (judged.subject,)) if not is_gone]
        then = [one for one in said if one.ordinal < judged.ordinal]
        if not then or cast(Theme, then[-1].payload).statement != theme.statement:
            return "its statement was changed since"
        return ""

    def links(self, theme_id: str) -> list[Link]:
        """What bears on a theme, as it was said."""
        return self._links.get(theme_id, [])

    def reaches(self, theme_id: str, source_id: str) -> bool:
        """Whether a theme bears, over others too, on `theme_id`, or is it."""
        seen, waiting = {theme_id}, [theme_id]
        while waiting:
            one = waiting.pop()
            if one == source_id:
                return True
            below = {link.source_id for link in self.links(one) if link.source == "theme"} - seen
            seen |= below
            waiting.extend(below)
        return False

    def evidence(self, theme_id: str) -> dict[str, bool]:
        """The findings below a theme, each with whether it, or a theme on the way, contradicts.

        A finding that both supports on one way and contradicts on another counts as one that contradicts, so that what
        speaks against a theme stays in sight.
        """
        return {one: bearing == "contradicts" for one, bearing in self.bearings(theme_id).items()}

    def bearings(self, theme_id: str) -> dict[str, Bearing]:
        """The findings below a theme, each with how it bears on it over all ways.

        Of several the strongest word against holds: `contradicts`, then `nuances`, then `supports`.
        """
        if theme_id not in self._below:
            self._below[theme_id] = self._bearings(theme_id)
        return self._below[theme_id]

    def _bearings(self, theme_id: str) -> dict[str, Bearing]:
        found: dict[str, Bearing] = {}
        seen: set[tuple[str, Bearing]] = set()
        waiting: list[tuple[str, Bearing]] = [(theme_id, "supports")]
        while waiting:
            step = waiting.pop()
            if step in seen:
                continue
            seen.add(step)
            one, so_far = step
            for link in self.links(one):
                bearing = max(so_far, link.bearing, key=STRENGTH.index)
                if link.source == "finding":
                    found[link.source_id] = max(found.get(link.source_id, "supports"), bearing, key=STRENGTH.index)
                else:
                    waiting.append((link.source_id, bearing))
        return found

    def studies(self, theme_id: str) -> dict[str, bool]:
        """The studies whose findings bear on a theme, each with whether any of them contradicts it."""
        found: dict[str, bool] = {}
        for finding_id, is_against in self.evidence(theme_id).items():
            study = self.findings[finding_id].study
            found[study] = found.get(study, False) or is_against
        return found

    def ordered(self) -> list[tuple[str, Theme]]:
        """The themes, the overarching first; of a level in the order of their labels."""
        return sorted(
            self.themes.items(), key=lambda item: (LEVELS.index(item[1].level), item[1].label.casefold(), item[0])
        )


def frequency(web: Web, theme_id: str, n_studies: int) -> Fraction:
    """The manifest frequency effect size of a theme: studies that bear it out, of all studies.

    Sandelowski and Barroso count reports, those of one parent sample once; here these are one study. Studies that only
    contradict bear nothing out. 0 where there is no study.
    """
    n = len({web.findings[one].study for one, is_against in web.evidence(theme_id).items() if not is_against})
    return Fraction(n, n_studies) if n_studies else Fraction(0)


def intensity(web: Web, study: str) -> Fraction:
    """The intensity effect size of a study: the descriptive themes to which it contributes, of all of them."""
    themes = [theme_id for theme_id, theme in web.themes.items() if theme.level == "descriptive"]
    n = sum(study in web.studies(theme_id) for theme_id in themes)
    return Fraction(n, len(themes)) if themes else Fraction(0)
