"""The exceptions of evigraph. Every message names the thing and says what to do."""

from __future__ import annotations


class EvigraphError(Exception):
    """The root of all expected failures: shown to the user as one line, exit code 2."""


class SettingsError(EvigraphError):
    """`evigraph.toml` or the environment says something that cannot be followed."""


class InputError(EvigraphError):
    """A file or an identifier given by the user cannot be used."""


class HarvestError(EvigraphError):
    """A source could not be harvested; what was fetched so far is kept."""


class ContractError(EvigraphError):
    """A step produced rows that break a table's contract: a defect of evigraph itself."""


class ReleaseError(EvigraphError):
    """A release is missing, incomplete or does not match its manifest."""


class LedgerError(EvigraphError):
    """The ledger cannot be read or written."""


class BusyError(EvigraphError):
    """Another process is already working on this graph."""
