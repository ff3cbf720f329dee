"""A team's own appraisal tool, read from a file: JSON in the shape of `Tool`, or CSV with a question a row."""

from __future__ import annotations

import csv
import io

import msgspec

from evigraph.errors import InputError
from evigraph.review.appraisal.kinds import Option, Question, Tool

#: More than any known tool has.
MAX_QUESTIONS = 60

_MAX_WORDS = 1000

_OPTIONS = (Option("Yes", "met"), Option("Can't tell", "unclear"), Option("No", "unmet"))


def read_tool(content: bytes, name: str) -> Tool:
    """The tool in a file: JSON as `review.appraisal.kinds.Tool`, or CSV with the columns key, text, hint, is_open.

    Answers of a CSV are Yes, Can't tell and No.

    Args:
        content: of the file, in UTF-8.
        name: of the tool, where the file gives none.

    Raises:
        InputError: it is neither, or no tool as `checked` says.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("the file of the tool is not in UTF-8: save it as UTF-8 text") from error
    if text.lstrip().startswith("{"):
        try:
            return checked(msgspec.json.decode(text.encode(), type=Tool))
        except (msgspec.DecodeError, RecursionError) as error:
            raise InputError(f"the file is no tool ({error}): see the how-to page for its shape") from error
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise InputError(f"the file is no CSV ({error}): save it as comma-separated text") from error
    if not rows or "text" not in rows[0]:
        raise InputError("the file has no column text: give the columns key, text, hint and is_open")
    questions = tuple(
        Question(
            (row.get("key") or f"Q{n}").strip(),
            (row.get("text") or "").strip(),
            (row.get("hint") or "").strip(),
            (row.get("is_open") or "").strip().lower() in ("yes", "true", "1"),
        )
        for n, row in enumerate(rows, start=1)
    )
    return checked(Tool(_identifier(name), name.strip(), "a tool of the team's own", _OPTIONS, questions))


def written_tool(name: str, lines: str) -> Tool:
    """The tool that somebody writes on a page: a question a line; a line that begins with `*` is answered in words."""
    asked = [line.strip() for line in lines.splitlines() if line.strip()]
    questions = tuple(
        Question(f"Q{n}", line.lstrip("* "), is_open=line.startswith("*")) for n, line in enumerate(asked, start=1)
    )
    return checked(Tool(_identifier(name), name.strip(), "a tool of the team's own", _OPTIONS, questions))


def checked(tool: Tool) -> Tool:
    """The tool, if people can answer it.

    Raises:
        InputError: it has no name, no or too many questions, a key twice, an empty or endless question, or no answers.
    """
    if not tool.name.strip() or not tool.tool_id.strip():
        raise InputError("the tool has no name: give it one")
    if not 0 < len(tool.questions) <= MAX_QUESTIONS:
        raise InputError(f"the tool has {len(tool.questions)} questions: give it 1 to {MAX_QUESTIONS}")
    seen: set[str] = set()
    for question in tool.questions:
        if not question.text or not question.key or question.key in seen:
            raise InputError(f"the question {question.key!r} is empty or there twice: give each its own key and text")
        if max(len(question.text), len(question.hint)) > _MAX_WORDS or len(question.key) > 12:
            raise InputError(f"the question {question.key[:12]!r} is too long: {_MAX_WORDS} characters at most")
        seen.add(question.key)
    labels = [option.label for option in tool.options]
    is_chosen = any(not question.is_open for question in tool.questions)
    if len(set(labels)) != len(labels) or not all(labels) or (is_chosen and len(labels) < 2) or len(labels) > 8:
        raise InputError("the tool needs two to eight different answers: name them")
    return tool


def _identifier(name: str) -> str:
    return "-".join("".join(sign if sign.isalnum() else " " for sign in name.casefold()).split())[:40]
