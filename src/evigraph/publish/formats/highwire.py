"""Products as Highwire's `citation_*` tags, which Google Scholar and Zotero read from a page's head."""

from __future__ import annotations

from evigraph.publish.formats.kinds import kind_of
from evigraph.publish.formats.rows import Row, container_of, full_title, inverted_name, pid_of
from evigraph.publish.formats.terms import language_of, web_urls_of


def tags(row: Row, address: str) -> list[tuple[str, str]]:
    """The tags as names and contents in order; `address` is that of the page."""
    container = container_of(row)
    kind = kind_of(row).csl
    stated = row.get("published_on") or (str(row["year"]) if row.get("year") else None)
    found: list[tuple[str, str | None]] = [("citation_title", full_title(row))]
    for author in row.get("authors") or ():
        name = author.get("full_name") if author.get("is_group") else inverted_name(author)
        found.append(("citation_author", name))
        found += [
            ("citation_author_institution", one["name"])
            for one in (author.get("affiliations") or ())[:1]
            if one.get("name")
        ]
        if author.get("orcid"):
            found.append(("citation_author_orcid", f"https://orcid.org/{author['orcid']}"))
    venue = "citation_conference_title" if kind == "paper-conference" else "citation_journal_title"
    found += [
        ("citation_publication_date", stated.replace("-", "/") if stated else None),
        ("citation_inbook_title" if kind == "chapter" else venue, container.get("name")),
        ("citation_journal_abbrev", container.get("abbreviated_name")),
        ("citation_volume", container.get("volume")),
        ("citation_issue", container.get("issue")),
        ("citation_firstpage", container.get("first_page")),
        ("citation_lastpage", container.get("last_page")),
    ]
    issns = [container.get(name) for name in ("issn_online", "issn_print", "issn_linking")]
    found += [("citation_issn", issn) for issn in dict.fromkeys(issns)]
    found += [
        ("citation_publisher", row.get("publisher")),
        ("citation_doi", pid_of(row, "doi")),
        ("citation_pmid", pid_of(row, "pmid")),
        ("citation_arxiv_id", pid_of(row, "arxiv")),
        ("citation_language", language_of(row)),
        ("citation_keywords", "; ".join(one["value"] for one in row.get("subjects") or () if one["value"])),
        ("citation_abstract_html_url", address),
        ("citation_pdf_url", next((url for url in web_urls_of(row) if url.lower().endswith(".pdf")), None)),
    ]
    return [(name, value) for name, value in found if value]
