"""What a work is in the words of each format, by OpenAIRE's names of resource types."""

from __future__ import annotations

from typing import NamedTuple

from evigraph.publish.formats.rows import Row, resource_type_of

_COAR = "http://purl.org/coar/resource_type/"


class Kind(NamedTuple):
    """A kind of work: CSL 1.0.2 type, schema.org type, DataCite 4.6 resourceTypeGeneral, COAR resource type."""

    csl: str
    schema_org: str
    datacite: str
    coar: str


_KINDS: dict[str, Kind] = {
    "Article": Kind("article-journal", "ScholarlyArticle", "JournalArticle", "c_6501"),
    "Review": Kind("article-journal", "ScholarlyArticle", "JournalArticle", "c_dcae04bc"),
    "Data Paper": Kind("article-journal", "ScholarlyArticle", "DataPaper", "c_beb9"),
    "Software Paper": Kind("article-journal", "ScholarlyArticle", "JournalArticle", "c_7bab"),
    "Book": Kind("book", "Book", "Book", "c_2f33"),
    "Part of book or chapter of book": Kind("chapter", "Chapter", "BookChapter", "c_3248"),
    "Conference object": Kind("paper-conference", "ScholarlyArticle", "ConferencePaper", "c_5794"),
    "Contribution for newspaper or weekly magazine": Kind("article-newspaper", "NewsArticle", "Text", "c_998f"),
    "Thesis": Kind("thesis", "Thesis", "Dissertation", "c_46ec"),
    "Doctoral thesis": Kind("thesis", "Thesis", "Dissertation", "c_db06"),
    "Master thesis": Kind("thesis", "Thesis", "Dissertation", "c_bdcc"),
    "Bachelor thesis": Kind("thesis", "Thesis", "Dissertation", "c_7a1f"),
    "Report": Kind("report", "Report", "Report", "c_93fc"),
    "External research report": Kind("report", "Report", "Report", "c_18hj"),
    "Internal report": Kind("report", "Report", "Report", "c_18ww"),
    "Preprint": Kind("article", "ScholarlyArticle", "Preprint", "c_816b"),
    "Patent": Kind("patent", "CreativeWork", "Other", "c_15cd"),
    "Journal": Kind("periodical", "Periodical", "Journal", "c_0640"),
    "Lecture": Kind("speech", "CreativeWork", "Text", "c_8544"),
    "Dataset": Kind("dataset", "Dataset", "Dataset", "c_ddb1"),
    "Collection": Kind("collection", "Collection", "Collection", "c_ddb1"),
    "Software": Kind("software", "SoftwareSourceCode", "Software", "c_5ce6"),
    "Film": Kind("motion_picture", "VideoObject", "Audiovisual", "c_8a7e"),
    "Audiovisual": Kind("motion_picture", "VideoObject", "Audiovisual", "c_12ce"),
    "Sound": Kind("song", "AudioObject", "Sound", "c_18cc"),
    "Image": Kind("graphic", "ImageObject", "Image", "c_c513"),
}

_BY_TYPE: dict[str, Kind] = {
    "publication": Kind("document", "ScholarlyArticle", "Text", "c_18cf"),
    "dataset": _KINDS["Dataset"],
    "software": _KINDS["Software"],
}
_OTHER = Kind("document", "CreativeWork", "Other", "c_1843")


def kind_of(row: Row) -> Kind:
    """The kind of a work by its first copy's resource type, else by its product type."""
    return _KINDS.get(resource_type_of(row) or "") or _BY_TYPE.get(row.get("type") or "", _OTHER)


def coar_uri_of(row: Row) -> str:
    """The COAR resource type of the first copy that states one, else that of its kind."""
    stated = next((one["resource_type_id"] for one in row.get("instances") or () if one.get("resource_type_id")), None)
    return stated or _COAR + kind_of(row).coar
