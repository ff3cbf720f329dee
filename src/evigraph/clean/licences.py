"""Licences by their addresses and names: what each is called, and whether it lets everybody read.

`is_open` is about access: every Creative Commons licence is open. None where the licence does not decide it (a
text-and-data-mining policy for shared articles, a rights statement, an address that is not known here).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class License(NamedTuple):
    """A licence: its label for people, its address, and whether it is open; null where not known."""

    label: str | None
    url: str | None
    is_open: bool | None


#: No licence is stated.
UNSTATED = License(None, None, None)

_WILEY = "Wiley Online Library User Agreement"

#: Publishers' licences by the beginning of their address, without scheme and `www.`, in lower case.
#: True: everybody may read; False: subscribers may; None: it does not say.
_PUBLISHERS: tuple[tuple[str, str, bool | None], ...] = (
    ("onlinelibrary.wiley.com/termsandconditions", _WILEY, False),
    ("doi.wiley.com/10.1002/tdm_license_1", _WILEY, False),
    ("elsevier.com/tdm/userlicense/1.0", "Elsevier TDM User License 1.0", False),
    ("elsevier.com/legal/tdmrep-license", "Elsevier TDM License", False),
    ("elsevier.com/open-access/userlicense/1.0", "Elsevier User License 1.0", True),
    ("springer.com/tdm", "Springer TDM Policy", False),
    ("springernature.com/gp/researchers/text-and-data-mining", "Springer Nature TDM Policy", False),
    ("springernature.com/gp/open-research/policies/accepted-manuscript-terms", "Springer Nature AM Terms of Use", None),
    ("ieeexplore.ieee.org/xplorehelp/downloads/license-information/oapa", "IEEE Open Access Agreement", True),
    ("ieeexplore.ieee.org/xplorehelp/downloads/license-information/ieee", "IEEE License", False),
    ("pubs.acs.org/page/policy/authorchoice", "ACS AuthorChoice License", True),
    (
        "academic.oup.com/journals/pages/open_access/funder_policies/chorus/standard_publication_model",
        "OUP Standard Publication Model",
        False,
    ),
    ("academic.oup.com/pages/standard-publication-reuse-rights", "OUP Standard Publication Reuse Rights", False),
    ("journals.sagepub.com/page/policies/text-and-data-mining-license", "SAGE TDM License", False),
    ("sagepub.com/licence-information-for-chorus", "SAGE License for CHORUS", False),
    ("cambridge.org/core/terms", "Cambridge Core Terms of Use", False),
    ("iopscience.iop.org/page/copyright", "IOP Copyright Notice", False),
    ("iopscience.iop.org/info/page/text-and-data-mining", "IOP TDM Policy", False),
    ("acm.org/publications/policies/copyright_policy", "ACM Copyright Policy", False),
    ("link.aps.org/licenses/aps-default-license", "APS Default License", False),
    ("link.aps.org/licenses/aps-default-accepted-manuscript-license", "APS Accepted Manuscript License", None),
    ("publishing.aip.org/authors/rights-and-permissions", "AIP Rights and Permissions", False),
    ("rsc.li/journals-terms-of-use", "RSC Journals Terms of Use", None),
    ("bmj.com/company/legal-information/terms-conditions/legal-information/tdm-licencepolicy", "BMJ TDM Policy", False),
    ("liebertpub.com/nv/resources-tools/text-and-data-mining-policy", "Mary Ann Liebert TDM Policy", False),
    ("emerald.com/insight/site-policies", "Emerald Site Policies", False),
    ("karger.com/services/sitelicenses", "Karger Site License", False),
    ("science.org/content/page/science-licenses-journal-article-reuse", "Science Journals License", False),
    ("sciencemag.org/about/science-licenses-journal-article-reuse", "Science Journals License", False),
    ("jamanetwork.com/pages/cc-by-license-permissions", "CC BY", True),
    ("doi.org/10.1364/oa_license_v", "Optica Open Access License", True),
    ("doi.org/10.15223/policy-", "STM Article Sharing Policy", None),
)

_RIGHTS: dict[str, str] = {
    "inc": "In Copyright",
    "inc-ow-eu": "In Copyright - EU Orphan Work",
    "inc-edu": "In Copyright - Educational Use Permitted",
    "inc-nc": "In Copyright - Non-Commercial Use Permitted",
    "inc-ruu": "In Copyright - Rights-Holder(s) Unlocatable or Unidentifiable",
    "noc-cr": "No Copyright - Contractual Restrictions",
    "noc-nc": "No Copyright - Non-Commercial Use Only",
    "noc-oklr": "No Copyright - Other Known Legal Restrictions",
    "noc-us": "No Copyright - United States",
    "cne": "Copyright Not Evaluated",
    "und": "Copyright Undetermined",
    "nkc": "No Known Copyright",
}

#: Licences of software and data by their SPDX identifier, in lower case.
_SPDX: dict[str, str] = {
    name.lower(): name
    for name in (
        *("0BSD", "AGPL-3.0", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0"),
        *("CECILL-2.1", "CECILL-B", "CECILL-C", "ECL-2.0", "EPL-1.0", "EPL-2.0", "EUPL-1.1", "EUPL-1.2"),
        *("GPL-2.0", "GPL-3.0", "ISC", "LGPL-2.1", "LGPL-3.0", "MIT", "MPL-2.0", "NCSA", "PostgreSQL"),
        *("Unlicense", "Zlib", "ODC-By-1.0", "ODbL-1.0", "PDDL-1.0", "OGL-UK-3.0", "etalab-2.0"),
    )
}
#: Other names of the same, without spaces, dots and dashes, and the paths under which their stewards keep them.
_SPDX_ALIASES: dict[str, str] = {
    "agplv3": "AGPL-3.0",
    "apache2": "Apache-2.0",
    "apachelicense2": "Apache-2.0",
    "apachelicense20": "Apache-2.0",
    "apachelicenseversion20": "Apache-2.0",
    "bsd2clause": "BSD-2-Clause",
    "bsd3clause": "BSD-3-Clause",
    "gplv2": "GPL-2.0",
    "gplv3": "GPL-3.0",
    "gnugeneralpubliclicensev30": "GPL-3.0",
    "lgplv3": "LGPL-3.0",
    "mitlicense": "MIT",
    "odbl": "ODbL-1.0",
    "odcby": "ODC-By-1.0",
    "pddl": "PDDL-1.0",
}
_STEWARD = re.compile(
    r"(?:opensource\.org/licen[sc]es?|spdx\.org/licenses|choosealicense\.com/licenses)/([^/?#]+)"
    r"|gnu\.org/(?:copyleft|licenses)/(?:old-licenses/)?([^/?#]+)"
    r"|apache\.org/licenses/(?:license-)?([^/?#]+)"
    r"|opendatacommons\.org/licenses/(by|odbl|pddl)"
)
_STEWARD_NAMES = {"2.0": "apache-2.0", "by": "odc-by-1.0", "odbl": "odbl-1.0", "pddl": "pddl-1.0", "gpl": "gpl-3.0"}

#: OpenAlex's and other indexes' names that are no licence of their own.
_INDEX_NAMES: dict[str, License] = {
    "other-oa": License("Other open access terms", None, True),
    "implied-oa": License("Open access implied", None, True),
    "unspecified-oa": License("Open access terms not specified", None, True),
    "publisher-specific-oa": License("Publisher's open access terms", None, True),
    "elsevier-specific: oa user license": License("Elsevier User License 1.0", None, True),
    "acs-specific: authorchoice/editors choice usage agreement": License("ACS AuthorChoice License", None, True),
    "publisher-specific, author manuscript": License("Publisher's terms for manuscripts", None, None),
    "publisher-specific license": License("Publisher's terms", None, None),
}

_CC_PATH = re.compile(
    r"creativecommons\.org/(?:licen[sc]es?/(?P<kind>by(?:-nc)?(?:-nd|-sa)?(?:-nc)?|nc(?:-nd|-sa)?|nd(?:-nc)?|sa)"
    r"|publicdomain/(?P<public>zero|mark))"
    r"(?:/(?P<version>\d\.\d))?(?:/(?P<country>(?!legalcode|deed|rdf)[a-z]{2,3})(?![a-z]))?",
    re.IGNORECASE,
)
_CC_CODE = re.compile(
    r"\bcc(?:-|\s|_|\+)*by(?P<parts>(?:[\s_-]+(?:nc|nd|sa))*)\b(?:[\s_-]*v?(?P<version>[1-4]\.0|2\.5))?"
    r"(?:[\s-]+(?P<country>[a-z]{2})$)?",
    re.IGNORECASE,
)
_CC_WORDS = re.compile(
    r"creative\s+commons[\s:,-]+(?P<words>(?:attribution|non-?\s?commercial|no-?\s?deriv(?:ative)?s?(?:\s+works)?"
    r"|share-?\s?alike|[\s,/()-])+)(?:licen[sc]e\b)?[\s,(]*(?:version\s+)?(?P<version>[1-4]\.0|2\.5)?",
    re.IGNORECASE,
)
_CC_ZERO = re.compile(r"\bcc[\s_-]?(?:zero|0)\b|creative commons zero\b|public\s?domain\s+dedication", re.IGNORECASE)
_PUBLIC_DOMAIN = re.compile(r"(?:cc[\s_-]+)?(?:pd|public[\s_-]?domain)$", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"')]+|(?:www\.)?[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE)
_SCHEME = re.compile(r"^(?:https?:)?/*(?:www\.|dx\.)?", re.IGNORECASE)

#: A licence is a name or an address; of a longer text only this beginning is searched for one.
_MAX_LENGTH = 2000


@lru_cache(maxsize=4096)
def license_of(text: str | None) -> License:
    """The licence that an address, an identifier (`cc-by-nc-nd`, `MIT`) or a sentence states.

    Creative Commons licences of every kind and version become "CC BY-NC 4.0" with the address of that version;
    ported ones keep their country ("CC BY 3.0 DE"); CC0 and the Public Domain Mark become "CC0 1.0" and "Public
    Domain Mark 1.0"; software and data licences get their SPDX identifier; known publishers' terms their name. An
    address that is not known is its own label, another text too. Nothing gives `UNSTATED`.
    """
    if not text or not (text := " ".join(text[:_MAX_LENGTH].split())):
        return UNSTATED
    lowered = text.lower()
    if known := _INDEX_NAMES.get(lowered.removeprefix("https://openalex.org/licenses/")):
        return known
    lowered = lowered.removeprefix("https://openalex.org/licenses/")
    if found := _creative_commons(lowered) or _software(lowered):
        return found
    address = _ADDRESS.search(text)
    if address is None:
        return License(text, None, None)
    url = address.group().rstrip(".,;")
    path = _SCHEME.sub("", url.lower())
    for beginning, label, is_open in _PUBLISHERS:
        if path.startswith(beginning):
            return License(label, _with_scheme(url), is_open)
    if match := re.match(r"rightsstatements\.org/(?:vocab|page)/([a-z-]+)", path):
        return License(_RIGHTS.get(match[1], url), _with_scheme(url), None)
    return License(url if url == text else text, _with_scheme(url), None)


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"https://{url}"


def _creative_commons(text: str) -> License | None:
    if match := _CC_PATH.search(text):
        public, version = match["public"], match["version"]
        if public:
            return _public_domain(public.lower())
        return _cc(match["kind"].split("-"), version, match["country"])
    if _CC_ZERO.search(text):
        return _public_domain("zero")
    if _PUBLIC_DOMAIN.match(text):
        return License("Public domain", None, True)
    if re.search(r"\bpublic domain mark\b", text):
        return _public_domain("mark")
    if match := _CC_CODE.search(text):
        return _cc(["by", *re.findall("nc|nd|sa", match["parts"])], match["version"], match["country"])
    if match := _CC_WORDS.search(text):
        words = match["words"]
        kinds = (("by", "attribution"), ("nc", "commercial"), ("nd", "deriv"), ("sa", "alike"))
        if parts := [code for code, word in kinds if word in words]:
            return _cc(parts, match["version"], None)
    return None


def _cc(parts: list[str], version: str | None, country: str | None) -> License:
    # The order of the parts is fixed in the names that Creative Commons gives (1.0 had others).
    kind = "-".join(part for part in ("by", "nc", "nd", "sa") if part in parts)
    label = f"CC {kind.upper()}"
    if version is None:
        return License(label, None, True)
    path = f"{kind}/{version}/"
    label = f"{label} {version}"
    if country and country not in ("en", "int"):
        return License(f"{label} {country.upper()}", f"https://creativecommons.org/licenses/{path}{country}/", True)
    return License(label, f"https://creativecommons.org/licenses/{path}", True)


def _public_domain(kind: str) -> License:
    label = "CC0 1.0" if kind == "zero" else "Public Domain Mark 1.0"
    return License(label, f"https://creativecommons.org/publicdomain/{kind}/1.0/", True)


def _software(text: str) -> License | None:
    if match := _STEWARD.search(text):
        name = next(group for group in match.groups() if group)
    elif "/" in text:
        return None
    else:
        name = text
    name = re.sub(r"(?:\.[a-z]{2})?\.(?:html?|txt|php)$", "", name)
    name = _STEWARD_NAMES.get(name, name) if match else name
    name = re.sub(r"-(?:only|or-later)$|\+$", "", name)
    spdx = _SPDX.get(name) or _SPDX_ALIASES.get(re.sub(r"[\s._-]", "", name))
    return License(spdx, f"https://spdx.org/licenses/{spdx}.html", True) if spdx else None
