"""Who a provider says that somebody is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Identity:
    """Who a provider (OpenID Connect) says that somebody is: known by its address and the subject that it gives.

    `name` and `email` are empty where it does not tell them; the address is one that it has verified. `orcid` is the
    ORCID iD, where the provider vouches for it.
    """

    issuer: str
    subject: str
    name: str = ""
    email: str = ""
    orcid: str | None = None

    @property
    def columns(self) -> dict[str, object]:
        """What binds an account to it."""
        bound: dict[str, object] = {"issuer": self.issuer, "issued_subject": self.subject}
        return bound | ({"orcid": self.orcid} if self.orcid else {})
