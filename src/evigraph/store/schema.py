"""The tables of the ledger's database: events, what stands of them, accounts, sessions. SQLite and PostgreSQL alike.

`events` only ever grows and is chained by hashes. Everything else is mutable and lies beside the chain: `standing` is
derived from it and can be made anew; `accounts` and `sessions` hold what people may have erased.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment in time, aware and in UTC both ways, also where the database forgets the zone (SQLite)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The value in UTC.

        Raises:
            ValueError: it has no time zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The value in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = sa.MetaData()

EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("ordinal", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("event_id", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject_l", sa.Text, nullable=False),
    sa.Column("subject_r", sa.Text, nullable=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column("previous_hash", sa.Text, nullable=False, unique=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Column("scope", sa.Text, nullable=True),
    sa.Index("events_by_scope", "scope", "ordinal"),
)

#: One row for each event: whether it is withdrawn, and whether it is the one that counts of those it stands among.
STANDING = sa.Table(
    "standing",
    METADATA,
    sa.Column("ordinal", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("event_id", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=True),
    sa.Column("subject_l", sa.Text, nullable=False),
    sa.Column("subject_r", sa.Text, nullable=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("slot", sa.Text, nullable=False),
    sa.Column("once", sa.Text, nullable=True, unique=True),
    sa.Column("is_withdrawn", sa.Boolean, nullable=False),
    sa.Column("is_in_force", sa.Boolean, nullable=False),
    sa.Index("standing_by_slot", "slot", "ordinal"),
    sa.Index("standing_by_scope", "scope", "kind", "is_in_force", "ordinal"),
    sa.Index("standing_by_kind", "kind", "is_in_force", "ordinal"),
    sa.Index("standing_by_left", "subject_l", "kind"),
    sa.Index("standing_by_right", "subject_r", "kind"),
    sa.Index("standing_by_actor", "actor", "kind"),
)

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("account_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("shown_name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=True),
    sa.Column("password_hash", sa.Text, nullable=True),
    sa.Column("orcid", sa.Text, nullable=True, unique=True),
    sa.Column("issuer", sa.Text, nullable=True),
    sa.Column("issued_subject", sa.Text, nullable=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("is_disabled", sa.Boolean, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Index("accounts_by_issuer", "issuer", "issued_subject", unique=True),
)

#: A session is known by the hash of its token: who reads this table can sign in as nobody.
SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("account_id", sa.Text, sa.ForeignKey("accounts.account_id", ondelete="CASCADE"), nullable=False),
    sa.Column("began_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Index("sessions_by_account", "account_id"),
)
