"""One typed Settings, from `evigraph.toml` and the environment."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from evigraph.errors import SettingsError

FILE_NAME = "evigraph.toml"

Memory = Annotated[str, Field(pattern=r"^\d+(\.\d+)?\s?([KMGT]i?B)$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Graph(_Section):
    """Who runs the graph."""

    name: str = "evigraph"
    community: str | None = None
    contact: str | None = None


class EngineSettings(_Section):
    """Where steps run."""

    name: Literal["duckdb", "spark"] = "duckdb"
    memory: Memory = "2GB"
    threads: int | None = Field(default=None, ge=1)
    master: str = "local[*]"


class Harvest(_Section):
    """How sources are asked."""

    contact: str | None = None
    allow_hosts: tuple[str, ...] = ()
    openalex_key: str | None = None
    pubmed_key: str | None = None
    crossref_key: str | None = None
    openaire_key: str | None = None


class Deduplication(_Section):
    """What makes one product.

    Attributes:
        level: `version`, a work and what was published of it again, as preprint and article; or `duplicate`, one
            publication however often it is told: then versions are products of their own, linked as IsVersionOf.
    """

    level: Literal["version", "duplicate"] = "version"


class Ranking(_Section):
    """Parameters of the indicators, as a named set; what is left out keeps its usual value."""

    name: str | None = None
    current_year: int | None = Field(default=None, ge=1400, le=2200)
    influence_alpha: float | None = None
    popularity_alpha: float | None = None
    popularity_beta: float | None = None
    popularity_gamma: float | None = None
    popularity_rho: float | None = None
    attention_years: int | None = None
    impulse_years: int | None = None
    ram_gamma: float | None = None


class PortalSettings(_Section):
    """How the portal is reached, and who may open an account.

    `address` is where people reach it, as https://graph.example.org: with https, cookies are sent over https alone.
    `look_up` says whether DOIs that people link and the graph does not hold are looked up at Crossref and DataCite,
    and ORCID iDs at ORCID.
    """

    address: Annotated[str, Field(pattern=r"^https?://[^/\s]+/?$")] | None = None
    sign_up: bool = True
    look_up: bool = True


class DepositSettings(_Section):
    """Where open copies are deposited, and what publishers allow.

    Attributes:
        repository: address of a repository that speaks InvenioRDM's REST API, as https://zenodo.org; none: no deposits.
        name: what the repository is called; left out: its host.
        token_variable: name of the environment variable that holds the token of the graph's own account there.
        own_tokens: whether people may deposit under their own name, with a token of theirs.
        policies: a file with journals' policies (see `evigraph.deposit.policy`), in the graph's folder or elsewhere.
        max_megabytes: size of the largest file that is taken.
    """

    repository: Annotated[str, Field(pattern=r"^https?://[^/\s]+/?$")] | None = None
    name: str | None = None
    token_variable: str = "EVIGRAPH_DEPOSIT_TOKEN"
    own_tokens: bool = True
    policies: str | None = None
    max_megabytes: int = Field(default=50, ge=1, le=2000)


class NoticeSettings(_Section):
    """Who is told when somebody reports a fault.

    Attributes:
        webhook: an address that each report is posted to as JSON.
        secret_variable: name of the environment variable with the secret that signs it (HMAC-SHA256).
        email: an address that each report is mailed to; needs `smtp_host`.
        email_from: the sender; left out: the address itself.
        smtp_security: starttls, tls (from the first byte) or none (within one's own network).
        smtp_password_variable: name of the environment variable with the password of `smtp_user`.
    """

    webhook: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    secret_variable: str = "EVIGRAPH_WEBHOOK_SECRET"
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    email_from: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    smtp_host: str | None = None
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password_variable: str = "EVIGRAPH_SMTP_PASSWORD"


class LoginSettings(_Section):
    """A provider by which people sign in (OpenID Connect), under a name of its own: `[login.orcid]`.

    Attributes:
        issuer: its address, as https://orcid.org; its discovery document is asked for there.
        client_id: of this graph at the provider.
        secret_variable: name of the environment variable that holds the client's secret; none: a public client.
        label: what the provider is called; left out: its name.
        scope: what is asked for.
        subject_is_orcid: whether it calls people by their ORCID iDs; of orcid.org that is known.
    """

    issuer: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
    client_id: str
    secret_variable: str | None = None
    label: str | None = None
    scope: str = "openid"
    subject_is_orcid: bool = False


class LedgerSettings(_Section):
    """Where people's decisions are kept: SQLite in the graph's folder unless a database address is given."""

    url: str | None = None


class Settings(BaseSettings):
    """All settings of one graph. Environment variables win over the file: `EVIGRAPH_ENGINE__NAME=spark`."""

    model_config = SettingsConfigDict(env_prefix="EVIGRAPH_", env_nested_delimiter="__", extra="ignore", frozen=True)

    graph: Graph = Graph()
    engine: EngineSettings = EngineSettings()
    harvest: Harvest = Harvest()
    deduplication: Deduplication = Deduplication()
    ranking: Ranking = Ranking()
    ledger: LedgerSettings = LedgerSettings()
    portal: PortalSettings = PortalSettings()
    deposit: DepositSettings = DepositSettings()
    login: dict[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")], LoginSettings] = {}
    notices: NoticeSettings = NoticeSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then the values given, which come from the file."""
        return env_settings, init_settings


_SECTIONS = frozenset(Settings.model_fields)


def load_settings(home: Path) -> Settings:
    """The settings of the graph in `home`; the defaults where it has no file.

    Raises:
        SettingsError: the file is not TOML, or a value cannot be used; the message names it.
    """
    path = home / FILE_NAME
    values: dict[str, object] = {}
    if path.exists():
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path.name} is not valid TOML: {error}") from error
    if unknown := sorted(set(values) - _SECTIONS):
        raise SettingsError(
            f"{path.name} has an unknown section [{unknown[0]}]: the sections are {', '.join(sorted(_SECTIONS))}"
        )
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path.name}: {where}: {first['msg']}") from error


def initial_file(name: str) -> str:
    """The text of a first `evigraph.toml` for a graph of this name."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'''# The settings of this graph. Everything here may be left out; the values shown are the usual ones.

[graph]
name = "{quoted}"
# contact = "library@example.org"      # shown on every page, and told to the sources that are harvested

[engine]
name = "duckdb"                        # or "spark" (needs evigraph[spark] and Java)
memory = "2GB"                         # what the engine may hold before it spills to disk

[harvest]
# contact = "library@example.org"      # who asks: Crossref and others serve identified clients better
# allow_hosts = ["repository.local"]   # hosts in private networks that may be harvested
# openalex_key = "…"                   # keys are better given as EVIGRAPH_HARVEST__OPENALEX_KEY; also pubmed_key,
#                                      # crossref_key (Plus token), openaire_key (token)

[deduplication]
# level = "duplicate"                  # preprint and article stay two products, linked; usual: "version", they are one

[ranking]
# name = "our own"                     # what this set of parameters is called, once it is not the usual one
# influence_alpha = 0.5                # also popularity_alpha, popularity_beta, popularity_gamma, popularity_rho,
#                                      # attention_years, impulse_years, ram_gamma: see docs/explanation/indicators.md
# current_year = 2024                  # usual: the newest publication year of the graph that is not in the future

[portal]
# address = "https://graph.example.org"  # where people reach the portal; cookies are then sent over https alone
# sign_up = true                       # whether people may open accounts themselves, once there is one
# look_up = true                       # whether DOIs that are not here are looked up at Crossref and DataCite

# [login.orcid]                        # people may sign in by ORCID too; any OpenID Connect provider under its own name
# issuer = "https://orcid.org"           # its redirect address there: <address of the portal>/sign-in/with/orcid
# client_id = "APP-…"
# secret_variable = "EVIGRAPH_ORCID_SECRET"  # the environment variable that holds the client's secret

[deposit]
# repository = "https://sandbox.zenodo.org"  # where authors deposit open copies: any repository on InvenioRDM
# token_variable = "EVIGRAPH_DEPOSIT_TOKEN"  # the environment variable that holds the graph's token there
# policies = "policies.csv"                  # what publishers allow, by ISSN: see docs/how-to/deposit-open-copies.md

[notices]
# webhook = "https://chat.example.org/hook"  # where each report of a fault is posted to
# email = "library@example.org"              # and mailed to: docs/how-to/let-people-contribute.md
# smtp_host = "smtp.example.org"

[ledger]
# url = "postgresql+psycopg://…"       # usual: ledger.db in this folder
'''
