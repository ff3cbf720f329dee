"""Accounts: who people are, what they may do, and that they are signed in. Mutable rows beside the chain of events.

Roles are ordered: a curator may do what a member may. What is done to an account (opened, given a role, disabled,
reset, erased) is told in the ledger by the account's id; its name, address and password stand here alone and can be
erased without breaking the chain.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from evigraph.errors import InputError
from evigraph.store.event import JsonValue, check_text
from evigraph.store.identity import Identity
from evigraph.store.kinds import (
    ACCOUNT_DISABLED,
    ACCOUNT_ENABLED,
    ACCOUNT_ERASED,
    ACCOUNT_OPENED,
    PASSWORD_RESET,
    ROLE_GIVEN,
)
from evigraph.store.ledger import Ledger, Statement
from evigraph.store.passwords import check_password, hash_of, is_outdated, is_right
from evigraph.store.schema import ACCOUNTS, SESSIONS

READER, MEMBER, CURATOR, ADMINISTRATOR = "reader", "member", "curator", "administrator"

#: From the least to the most.
ROLES: tuple[str, ...] = (READER, MEMBER, CURATOR, ADMINISTRATOR)

#: A session ends when it was not used for so long, and after so long in any case.
IDLE, LIFETIME = timedelta(hours=12), timedelta(days=14)

#: A session's use is noted when the last note is so old, so that reading pages does not write.
_NOTED_EVERY = timedelta(minutes=5)

_LONGEST_NAME = 60


@dataclass(frozen=True)
class Account:
    """Who somebody is here. `name` is what one signs in with, `shown_name` what others see."""

    account_id: str
    name: str
    shown_name: str
    email: str | None
    role: str
    is_disabled: bool
    opened_at: datetime

    def may(self, role: str) -> bool:
        """Whether what is open to `role` is open to this account."""
        return not self.is_disabled and ROLES.index(self.role) >= ROLES.index(role)


class Accounts:
    """The accounts of a ledger. May be shared by threads and processes."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._database = ledger.database

    def are_there(self) -> bool:
        """Whether anybody has an account."""
        with self._database.reading() as connection:
            return connection.execute(sa.select(ACCOUNTS.c.account_id).limit(1)).first() is not None

    def open(
        self, name: str, password: str, role: str = MEMBER, *, email: str = "", shown_name: str = "", by: str = ""
    ) -> Account:
        """A new account; `by` is who opens it for somebody else.

        Raises:
            InputError: the name is taken or no name, the password is refused, there is no such role.
        """
        name = check_name(name)
        check_role(role)
        check_password(password, name)
        shown_name = check_text("name", shown_name or name)[:_LONGEST_NAME]
        row = {"shown_name": shown_name, "email": check_email(email), "password_hash": hash_of(password)}
        with self._database.writing() as connection:
            return self._open(connection, name, role, by, row)

    def _open(self, connection: sa.Connection, name: str, role: str, by: str, values: dict[str, Any]) -> Account:
        """A new account and the event that tells of it: both are there, or neither."""
        if connection.execute(sa.select(ACCOUNTS.c.name).where(ACCOUNTS.c.name == name)).first():
            raise InputError(f"the name {name} is taken: choose another")
        account_id = f"account:{secrets.token_hex(10)}"
        row = {"account_id": account_id, "name": name, "role": role, "is_disabled": False} | values
        connection.execute(sa.insert(ACCOUNTS).values(opened_at=datetime.now(UTC), **row))
        found = connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.account_id == account_id)).one()
        self._tell(connection, ACCOUNT_OPENED, _account(found), by or account_id, role=role)
        return _account(found)

    def sign_in_as(self, identity: Identity, old_token: str | None = None, *, may_open: bool = True) -> str:
        """The token of a new session of whom a provider has named; an account is opened where there is none.

        An account is found by provider and subject alone; never by name or e-mail address, which anybody might claim
        elsewhere.

        Raises:
            InputError: the account is disabled, none may be opened, or the ORCID iD is another's here.
        """
        own = sa.and_(ACCOUNTS.c.issuer == identity.issuer, ACCOUNTS.c.issued_subject == identity.subject)
        with self._database.writing() as connection:
            row = connection.execute(sa.select(ACCOUNTS).where(own)).first()
            if row is not None:
                account = _account(row)
            elif not may_open:
                raise InputError("this graph opens accounts by its administrators alone: ask one of them")
            else:
                self._refuse_taken(connection, identity, "")
                digest = hashlib.sha256(f"{identity.issuer} {identity.subject}".encode("utf-8", "replace")).hexdigest()
                values = identity.columns | {"shown_name": identity.name or identity.orcid or f"somebody {digest[:6]}"}
                with contextlib.suppress(InputError):
                    values["email"] = check_email(identity.email)
                name = identity.orcid or f"by-{digest[:16]}"
                if connection.execute(sa.select(ACCOUNTS.c.name).where(ACCOUNTS.c.name == name)).first():
                    # Somebody signed up under it; whoever comes by a provider never types the name.
                    name = f"{name}-{secrets.token_hex(4)}"
                account = self._open(connection, name, MEMBER, "", values)
        if account.is_disabled:
            raise InputError("this account may not sign in: ask an administrator of this graph")
        if old_token:
            self.sign_out(old_token)
        return self._begin(account.account_id)

    def link(self, account: Account, identity: Identity) -> None:
        """Lets an account sign in by a provider as well.

        Raises:
            InputError: the identity is another account's, or the account has one of another provider.
        """
        with self._database.writing() as connection:
            self._refuse_taken(connection, identity, account.account_id)
            mine = ACCOUNTS.c.account_id == account.account_id
            bound = connection.execute(sa.select(ACCOUNTS.c.issuer, ACCOUNTS.c.issued_subject).where(mine)).one()
            if bound.issuer is not None and tuple(bound) != (identity.issuer, identity.subject):
                raise InputError(f"this account signs in by {bound.issuer} already: it can be linked to one provider")
            connection.execute(sa.update(ACCOUNTS).where(mine).values(identity.columns))

    def _refuse_taken(self, connection: sa.Connection, identity: Identity, account_id: str) -> None:
        taken = sa.and_(ACCOUNTS.c.issuer == identity.issuer, ACCOUNTS.c.issued_subject == identity.subject)
        if identity.orcid:
            taken = sa.or_(taken, ACCOUNTS.c.orcid == identity.orcid)
        others = sa.select(ACCOUNTS.c.account_id).where(taken, ACCOUNTS.c.account_id != account_id)
        if connection.execute(others).first() is not None:
            raise InputError("another account signs in by this one already: sign in there, and erase it first")

    def has_password(self, account: Account) -> bool:
        """Whether an account can sign in by a password; one that a provider's word opened cannot."""
        query = sa.select(ACCOUNTS.c.password_hash).where(ACCOUNTS.c.account_id == account.account_id)
        with self._database.reading() as connection:
            return connection.execute(query).scalar() is not None

    def identity_of(self, account: Account) -> Identity | None:
        """By whom an account signs in beside its password; None: by nobody."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.account_id == account.account_id)).first()
        if row is None or row.issuer is None:
            return None
        return Identity(row.issuer, row.issued_subject, orcid=row.orcid)

    def of_id(self, account_id: str) -> Account | None:
        """The account of this id."""
        return self._one(ACCOUNTS.c.account_id == account_id)

    def of_name(self, name: str) -> Account:
        """The account that signs in by this name.

        Raises:
            InputError: there is none.
        """
        account = self._one(ACCOUNTS.c.name == name.strip().casefold())
        if account is None:
            raise InputError(f"there is no account {name.strip()}: `evigraph accounts list` names them")
        return account

    def all(self) -> list[Account]:
        """All accounts by name."""
        with self._database.reading() as connection:
            return [_account(row) for row in connection.execute(sa.select(ACCOUNTS).order_by(ACCOUNTS.c.name))]

    def shown_names(self, account_ids: Iterable[str]) -> dict[str, str]:
        """What others see of some accounts, by id. Of an id that is no account's (any more) nothing."""
        wanted = sorted(set(account_ids))[:500]
        if not wanted:
            return {}
        query = sa.select(ACCOUNTS.c.account_id, ACCOUNTS.c.shown_name).where(ACCOUNTS.c.account_id.in_(wanted))
        with self._database.reading() as connection:
            return {row.account_id: row.shown_name for row in connection.execute(query)}

    def give_role(self, account: Account, role: str, by: str) -> None:
        """Gives an account a role, and ends its sessions.

        Raises:
            InputError: there is no such role, or no administrator would be left.
        """
        check_role(role)
        self._change(account, by, ROLE_GIVEN, {"role": role}, role=role)

    def disable(self, account: Account, by: str) -> None:
        """Lets an account sign in no more, and ends its sessions.

        Raises:
            InputError: no administrator would be left.
        """
        self._change(account, by, ACCOUNT_DISABLED, {"is_disabled": True})

    def enable(self, account: Account, by: str) -> None:
        """Lets an account sign in again."""
        self._change(account, by, ACCOUNT_ENABLED, {"is_disabled": False})

    def reset(self, account: Account, password: str, by: str) -> None:
        """Gives an account another password, and ends its sessions.

        Raises:
            InputError: the password is refused.
        """
        check_password(password, account.name)
        self._change(account, by, PASSWORD_RESET, {"password_hash": hash_of(password)})

    def change_password(self, account: Account, old: str, new: str) -> str:
        """The token of a new session, after the password was changed and all other sessions ended.

        Raises:
            InputError: the old one is wrong, or the new one is refused.
        """
        if self._verified(account.name, old) is None:
            raise InputError("the present password is not right: nothing was changed")
        check_password(new, account.name)
        self.reset(account, new, account.account_id)
        return self._begin(account.account_id)

    def describe(self, account: Account, shown_name: str, email: str) -> None:
        """Changes what others see of an account, and its address.

        Raises:
            InputError: one of them cannot be used.
        """
        values = {"shown_name": check_text("name", shown_name)[:_LONGEST_NAME], "email": check_email(email)}
        with self._database.writing() as connection:
            connection.execute(sa.update(ACCOUNTS).where(ACCOUNTS.c.account_id == account.account_id).values(values))

    def erase(self, account: Account, by: str) -> None:
        """Erases the account. What it said stays in the ledger under an id that leads nowhere.

        Raises:
            InputError: no administrator would be left.
        """
        with self._database.writing() as connection:
            self._keep_an_administrator(connection, account)
            mine = SESSIONS.c.account_id == account.account_id
            connection.execute(sa.delete(SESSIONS).where(mine))
            connection.execute(sa.delete(ACCOUNTS).where(ACCOUNTS.c.account_id == account.account_id))
            self._tell(connection, ACCOUNT_ERASED, account, by)

    def sign_in(self, name: str, password: str, old_token: str | None = None) -> str | None:
        """The token of a new session; None: name or password is wrong, or the account is disabled.

        A session that was there before ends: its token is never that of the new one.
        """
        account = self._verified(name, password)
        if account is None or account.is_disabled:
            return None
        if old_token:
            self.sign_out(old_token)
        return self._begin(account.account_id)

    def signed_in(self, token: str, now: datetime | None = None) -> Account | None:
        """Whose session this is; None: it has ended, or there is none. Notes that it is used."""
        now = now or datetime.now(UTC)
        query = sa.select(ACCOUNTS, SESSIONS.c.began_at, SESSIONS.c.seen_at).join(SESSIONS)
        with self._database.reading() as connection:
            row = connection.execute(query.where(SESSIONS.c.token_hash == _hashed(token))).first()
        if row is None or row.is_disabled:
            return None
        if now - row.seen_at > IDLE or now - row.began_at > LIFETIME:
            self.sign_out(token)
            return None
        if now - row.seen_at > _NOTED_EVERY:
            with self._database.writing() as connection:
                this = SESSIONS.c.token_hash == _hashed(token)
                connection.execute(sa.update(SESSIONS).where(this).values(seen_at=now))
        return _account(row)

    def sign_out(self, token: str) -> None:
        """Ends a session."""
        with self._database.writing() as connection:
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.token_hash == _hashed(token)))

    def _begin(self, account_id: str) -> str:
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        with self._database.writing() as connection:
            # Sessions that nobody ended are cleared away when the next one begins.
            connection.execute(
                sa.delete(SESSIONS).where(sa.or_(SESSIONS.c.seen_at < now - IDLE, SESSIONS.c.began_at < now - LIFETIME))
            )
            row = {"token_hash": _hashed(token), "account_id": account_id, "began_at": now, "seen_at": now}
            connection.execute(sa.insert(SESSIONS).values(row))
        return token

    def _verified(self, name: str, password: str) -> Account | None:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.name == name.strip().casefold())).first()
        kept = row.password_hash if row is not None else None
        if not is_right(kept, password) or row is None:
            return None
        if is_outdated(row.password_hash):
            with self._database.writing() as connection:
                mine = ACCOUNTS.c.account_id == row.account_id
                connection.execute(sa.update(ACCOUNTS).where(mine).values(password_hash=hash_of(password)))
        return _account(row)

    def _change(self, account: Account, by: str, kind: str, values: dict[str, Any], **payload: JsonValue) -> None:
        with self._database.writing() as connection:
            if values.get("is_disabled") or values.get("role", ADMINISTRATOR) != ADMINISTRATOR:
                self._keep_an_administrator(connection, account)
            mine = ACCOUNTS.c.account_id == account.account_id
            connection.execute(sa.update(ACCOUNTS).where(mine).values(values))
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.account_id == account.account_id))
            self._tell(connection, kind, account, by, **payload)

    def _keep_an_administrator(self, connection: sa.Connection, account: Account) -> None:
        others = sa.select(ACCOUNTS.c.account_id).where(
            ACCOUNTS.c.role == ADMINISTRATOR,
            sa.not_(ACCOUNTS.c.is_disabled),
            ACCOUNTS.c.account_id != account.account_id,
        )
        if account.role == ADMINISTRATOR and connection.execute(others.limit(1)).first() is None:
            raise InputError(f"{account.name} is the only administrator: make another one first")

    def _tell(self, connection: sa.Connection, kind: str, account: Account, by: str, **payload: JsonValue) -> None:
        """Tells in the ledger what was done to an account, in the transaction that does it."""
        self._ledger.append_within(connection, by, [Statement(kind, account.account_id, payload=payload)])

    def _one(self, where: sa.ColumnElement[bool]) -> Account | None:
        with self._database.reading() as connection:
            row = connection.execute(sa.select(ACCOUNTS).where(where)).first()
        return _account(row) if row is not None else None


def check_name(name: str) -> str:
    """A name to sign in with, in the form in which names are compared.

    Raises:
        InputError: it is too short, too long, or holds other than letters, digits and `.-_@`.
    """
    plain = name.strip().casefold()
    if not 3 <= len(plain) <= _LONGEST_NAME or not all(one.isalnum() or one in ".-_@" for one in plain):
        raise InputError(f"a name to sign in with has 3 to {_LONGEST_NAME} letters, digits or .-_@, not {name!r}")
    return plain


def check_role(role: str) -> None:
    """Nothing, if there is such a role.

    Raises:
        InputError: there is none.
    """
    if role not in ROLES:
        raise InputError(f"{role!r} is no role: the roles are {', '.join(ROLES)}")


def check_email(email: str) -> str | None:
    """An e-mail address; None where none is given.

    Raises:
        InputError: it is none.
    """
    plain = email.strip()
    if not plain:
        return None
    local, at, host = plain.rpartition("@")
    if not (local and at and "." in host) or len(plain) > 254 or any(one.isspace() or one == "\0" for one in plain):
        raise InputError(f"{plain!r} is no e-mail address: correct it, or leave it out")
    return plain


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _account(row: sa.Row[Any]) -> Account:
    return Account(row.account_id, row.name, row.shown_name, row.email, row.role, row.is_disabled, row.opened_at)
