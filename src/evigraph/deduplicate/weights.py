"""What each finding weighs, in one table: log-odds (nats) for or against two records being one work.

The form is Fellegi and Sunter's (A Theory for Record Linkage, JASA 1969): each field adds ln(how likely the finding is
for one work / how likely for two works that a block brings together). The weights are fixed and the same for every
catalogue; `benchmarks/dedup_quality.py` tells what they reach.
"""

from __future__ import annotations

from typing import Final

# --- Decision -------------------------------------------------------------------------------------------------------

#: From this sum on two records are one work.
MATCH: Final = 5.5

#: From this sum on, below `MATCH`, a person should decide.
OPEN: Final = 3.5

#: Publication facts that sum to this or less make a match a version instead of a duplicate.
VERSION: Final = -2.0

#: Finding that rules a match out whatever else agrees.
NEVER: Final = -30.0

# --- Title ----------------------------------------------------------------------------------------------------------

#: For each nat of information in common, and the most that counts: a long title in common is no more than a title.
TITLE_SHARED: Final = 0.25
TITLE_SHARED_MOST: Final = 8.0

#: The same title word for word.
TITLE_EXACT: Final = 1.5

#: For each nat in words that stand against other words: `buffering` where the other title has `transactions`.
TITLE_SUBSTITUTED: Final = -1.5

#: For each nat in words that only one title has: a subtitle, debris of another field.
TITLE_ADDED: Final = -0.35

#: The same where these words stand together at an end: a title that was cut, or a subtitle; and the least it weighs.
TITLE_CUT: Final = -0.15
TITLE_CUT_LEAST: Final = -2.5

#: Words at an end that only say what kind of text it is: `book review`, `extended abstract`.
TITLE_APPARATUS: Final = -1.0

#: A pair of words that may be one misspelled.
TITLE_SLIP: Final = -2.0

#: Titles of no words in common weigh at least this.
TITLE_LEAST: Final = -9.0

#: The same where the titles may be translations of each other.
TITLE_TRANSLATED: Final = -1.5

#: The most that a generic title (`Editorial`) or a mere note (`Reply`) weighs.
TITLE_GENERIC: Final = 0.5

#: The same where a side names nobody: two errata on one page.
TITLE_GENERIC_UNSIGNED: Final = -2.0

#: Numbers that tell parts of a series apart: part I and part II; reports of two years.
TITLE_NUMBERS: Final = -8.0

#: A number at the end that only one title has; the same after `part`, `volume` and their like.
TITLE_ONE_NUMBER: Final = -3.0
TITLE_ONE_PART: Final = -9.0

# --- Authors --------------------------------------------------------------------------------------------------------

#: All authors of the shorter byline in common: for the first, and for each further, up to a most.
AUTHOR_FIRST: Final = 2.5
AUTHOR_FURTHER: Final = 1.0
AUTHORS_MOST: Final = 5.5

#: Nobody in common.
AUTHORS_NONE: Final = -6.5

#: Nobody in common, but a name that may be one of the other's: garbled, or family and given name turned round.
AUTHORS_VAGUE: Final = -3.0

#: A side names nobody, and the other's authors do not stand in its title.
AUTHORS_UNKNOWN: Final = -1.0

#: For each author that stands against another one.
AUTHOR_SUBSTITUTED: Final = -2.0

#: For each author that only one byline names, up to a most: a byline that was cut.
AUTHOR_ADDED: Final = -0.5
AUTHORS_ADDED_LEAST: Final = -2.0

# --- Year, venue, place ---------------------------------------------------------------------------------------------

YEAR_SAME: Final = 1.0
YEAR_NEAR: Final = 0.0
YEAR_FAR: Final = -1.5
YEAR_DISTANT: Final = -3.0

VENUE_SAME: Final = 1.0
VENUE_DIFFERENT: Final = -0.5

#: Volume and first page in common.
PLACE_SAME: Final = 5.0

#: First page in common, volume not told on a side.
PAGE_SAME: Final = 2.5

#: The same venue printed the two at different places: it does not print one work twice.
PLACE_ELSEWHERE: Final = -12.0

#: Volume and page are told on both sides, both differ, and it is not the same venue: a version at best.
PLACE_OTHER: Final = -2.0

#: The same venue printed them in different years, and says nothing of volume or page: a column that recurs.
SERIAL_YEAR_NEAR: Final = -2.0
SERIAL_YEAR_FAR: Final = -6.0

#: The same, but volume or page is told on one side only.
PLACE_HALF_ELSEWHERE: Final = -4.0

# --- Identifiers ----------------------------------------------------------------------------------------------------

PID_SAME: Final = 8.5

#: Different identifiers of a kind that a work has one of (PMID, PMC).
PID_CONTRADICTS: Final = -5.0

#: Different DOIs: preprints, repositories' copies and versions have DOIs of their own.
DOI_CONTRADICTS: Final = -1.0

# --- Kind -----------------------------------------------------------------------------------------------------------

#: A publication and a dataset.
TYPE_DIFFERENT: Final = -10.0

# --- Publication facts: duplicate or version ------------------------------------------------------------------------

FACT_YEAR_SAME: Final = 1.2
FACT_YEAR_NEAR: Final = -2.2
FACT_YEAR_FAR: Final = -2.5
FACT_VENUE_SAME: Final = 0.8
FACT_VENUE_DIFFERENT: Final = -0.3
FACT_KIND_UNSURE: Final = -0.5
FACT_KIND_DIFFERENT: Final = -1.2
FACT_PAGE_DIFFERENT: Final = -1.0
FACT_VOLUME_DIFFERENT: Final = -0.8
FACT_PLACE_SAME: Final = 2.5

#: Other venue, other volume and other page, all told.
FACT_ELSEWHERE: Final = -2.0
FACT_PREPRINT: Final = -4.0

#: The abstract that a congress prints, and the article of that title.
FACT_ABSTRACT: Final = -5.0

#: One registrar gave them two numbers, so that they are two publications whatever else agrees.
FACT_NUMBERED_APART: Final = -30.0

#: DOIs of two registrants: a repository's copy may have one of its own.
FACT_DOI_DIFFERENT: Final = -1.5
FACT_PID_SAME: Final = 4.0
