"""The kind of event by which a review is published: all that its record in the graph will say, as it was then."""

from __future__ import annotations

import msgspec

from evigraph.review.kind import Payload, kind


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a publication."""


class PublishedAuthor(_Part, frozen=True):
    """An author in the order of the byline, with an ORCID iD where there is one."""

    name: str
    orcid: str = ""


class PublishedReport(_Part, frozen=True):
    """An included report: as a reference in words, and by its identifiers (`scheme:value`)."""

    reference: str
    pids: tuple[str, ...] = ()


class PublishedStudy(_Part, frozen=True):
    """An included study and its reports."""

    label: str
    reports: tuple[PublishedReport, ...]


class PublishedTheme(_Part, frozen=True):
    """A theme of the synthesis.

    Attributes:
        theme_id, level, label, statement: as the synthesis has them.
        above: the themes that it bears on.
        n_studies, n_contradicting: the studies whose findings bear on it, and those of them that contradict it.
        confidence: by GRADE-CERQual, where it was judged.
    """

    theme_id: str
    level: str
    label: str
    statement: str
    above: tuple[str, ...]
    n_studies: int
    n_contradicting: int
    confidence: str = ""


class PublishedCount(_Part, frozen=True):
    """A number of the PRISMA 2020 flow: its name in the published column scheme, what it counts, the number."""

    key: str
    label: str
    n: int


class Publication(Payload, frozen=True):
    """A version of the review as the graph will hold it from the next run on. The subject is the review.

    Attributes:
        version: from 1.
        title, abstract, keywords, language: language as ISO 639-3.
        authors: in the order of the byline.
        published_on: ISO 8601.
        license_url: under which the review itself is published; empty where the team does not say.
        doi: where it was published elsewhere as well; empty where not.
        question, method: of the protocol.
        studies: the included ones.
        counts: the numbers of the flow that are not 0, in the order of the diagram.
        themes: the synthesis, from the top down.
        is_illustration: whether it shows how the tool works and is no evidence.
    """

    version: int
    title: str
    abstract: str
    authors: tuple[PublishedAuthor, ...]
    published_on: str
    keywords: tuple[str, ...] = ()
    language: str = "und"
    license_url: str = ""
    doi: str = ""
    question: str = ""
    method: str = ""
    studies: tuple[PublishedStudy, ...] = ()
    counts: tuple[PublishedCount, ...] = ()
    themes: tuple[PublishedTheme, ...] = ()
    is_illustration: bool = False


KINDS = (kind("publication", Publication, lambda _s, _a, said: (str(said.version),), "lead"),)
