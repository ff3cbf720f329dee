"""What stands of the synthesis: findings and themes in a web of support, traced from a theme down to quotations."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import msgspec

from evigraph.review.state import ReviewState
from evigraph.review.synthesis.kinds import Bearing, Bears, Confidence, Finding, Level, Theme

#: The levels from the top down.
LEVELS: tuple[Level, ...] = ("overarching", "analytical", "descriptive")


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
    """Findings, themes, links and judgements of confidence in force, by id; what was taken away is left out."""

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
        self.confidence: dict[str, Confidence] = {
            said.subject: cast(Confidence, said.payload)
            for said in slots.all_in_force("review.confidence")
            if said.subject in self.themes
        }
        self._links: dict[str, list[Link]] = {}
        for said in slots.all_in_force("review.bears"):
            bears = cast(Bears, said.payload)
            held = self.findings if bears.source == "finding" else self.themes
            if bears.bearing != "none" and said.subject in self.themes and bears.source_id in held:
                link = Link(said.subject, bears.source, bears.source_id, bears.bearing)
                self._links.setdefault(said.subject, []).append(link)

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
        found: dict[str, bool] = {}
        seen: set[tuple[str, bool]] = set()
        waiting = [(theme_id, False)]
        while waiting:
            step = waiting.pop()
            if step in seen:
                continue
            seen.add(step)
            one, is_against = step
            for link in self.links(one):
                against = is_against or link.bearing == "contradicts"
                if link.source == "finding":
                    found[link.source_id] = found.get(link.source_id, False) or against
                else:
                    waiting.append((link.source_id, against))
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
