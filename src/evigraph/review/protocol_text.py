"""A protocol as a text: what is registered, sent to co-authors, or put into an appendix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evigraph.review.protocol import Protocol

_STAGE_WORDS = {"title_abstract": "title and abstract", "full_text": "full text"}

#: What Markdown would read as a sign of its own.
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|])")


def markdown(protocol: Protocol, amendments: Iterable[tuple[str, str, str]] = ()) -> str:
    """The protocol in Markdown, in the order of PRISMA-P; what it does not say is left away.

    Args:
        protocol: to be told.
        amendments: day, name and reason of each change after the first version.
    """
    return "\n\n".join([*_parts(protocol), *_amended(amendments)]) + "\n"


def _parts(protocol: Protocol) -> Iterator[str]:
    yield f"# {_plain(protocol.title)}"
    yield f"*{_plain(protocol.review_type)}*" if protocol.review_type else ""
    if protocol.registrations:
        yield "## Registration"
        yield "\n".join(
            "- " + ", ".join(_plain(part) for part in (one.register, one.number, one.registered_on, one.url) if part)
            for one in protocol.registrations
        )
    yield "## Question"
    yield _plain(protocol.question) or "Not stated."
    if protocol.facets:
        yield f"Frame: {protocol.frame}."
        yield "\n".join(
            f"- **{facet.name}**: {_plain(facet.text)}"
            + (f" (words: {_plain('; '.join(facet.words))})" if facet.words else "")
            for facet in protocol.facets
        )
    yield "## Eligibility criteria"
    yield "In the order in which they are asked; the first that a report fails is its reason for exclusion."
    yield (
        "\n".join(
            f"{n}. {criterion.effect}: {_plain(criterion.text)}"
            f" ({', '.join(_STAGE_WORDS[stage] for stage in criterion.stages)}"
            f"{f'; reason: {_plain(criterion.label)}' if criterion.label else ''})"
            for n, criterion in enumerate(protocol.criteria, start=1)
        )
        or "None yet."
    )
    said = [
        ("Published", _years(protocol)),
        ("Languages", ", ".join(protocol.languages)),
        ("Publication status", protocol.publication_status),
    ]
    yield "\n".join(f"- {name}: {_plain(text)}" for name, text in said if text)
    for heading, text in (
        ("Sources", "\n".join(f"- {_plain(source)}" for source in protocol.sources)),
        ("Appraisal", _plain(protocol.appraisal_tool)),
        ("Synthesis", "\n\n".join(_plain(part) for part in (protocol.synthesis_method, protocol.stance) if part)),
        ("Team and reflexivity", _plain(protocol.team)),
        ("Funding", _plain(protocol.funding)),
        ("Interests", _plain(protocol.interests)),
    ):
        if text:
            yield f"## {heading}"
            yield text


def _amended(amendments: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    lines = [f"- {day}, {_plain(name)}: {_plain(reason)}" for day, name, reason in amendments]
    if lines:
        yield "## Amendments"
        yield "\n".join(lines)


def _years(protocol: Protocol) -> str:
    first, last = protocol.published_from, protocol.published_until
    if first is None and last is None:
        return ""
    return f"{first or 'any year'} to {last or 'now'}"


def _plain(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text.strip())
