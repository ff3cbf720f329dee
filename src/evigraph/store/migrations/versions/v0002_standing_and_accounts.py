"""A scope for events, the table of what stands, and the tables of accounts and sessions.

`standing` is filled from the events when the ledger is opened.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds `events.scope`, and creates `standing`, `accounts` and `sessions`."""
    op.add_column("events", sa.Column("scope", sa.Text, nullable=True))
    op.create_index("events_by_scope", "events", ["scope", "ordinal"])
    op.create_table(
        "standing",
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
    )
    op.create_index("standing_by_slot", "standing", ["slot", "ordinal"])
    op.create_index("standing_by_scope", "standing", ["scope", "kind", "is_in_force", "ordinal"])
    op.create_index("standing_by_kind", "standing", ["kind", "is_in_force", "ordinal"])
    op.create_index("standing_by_left", "standing", ["subject_l", "kind"])
    op.create_index("standing_by_right", "standing", ["subject_r", "kind"])
    op.create_index("standing_by_actor", "standing", ["actor", "kind"])
    op.create_table(
        "accounts",
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
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("accounts_by_issuer", "accounts", ["issuer", "issued_subject"], unique=True)
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text, primary_key=True),
        sa.Column("account_id", sa.Text, sa.ForeignKey("accounts.account_id", ondelete="CASCADE"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("sessions_by_account", "sessions", ["account_id"])
