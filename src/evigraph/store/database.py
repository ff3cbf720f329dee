"""The database of the ledger: opened by path or address, at the newest schema, SQLite and PostgreSQL alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from evigraph.errors import LedgerError

#: Seconds that a writer waits for another one.
_PATIENCE = 30

#: Key of the PostgreSQL advisory lock that lets one writer at a time append.
_WRITER_LOCK = 0x65766967


class Database:
    """Transactions on the ledger's database. Reading ones see one state; writing ones come one after another."""

    def __init__(self, engine: sa.Engine, name: str) -> None:
        self.engine = engine
        self.name = name

    @classmethod
    def open(cls, address: str | Path) -> Database:
        """The database at a path (SQLite, created where absent) or an address such as `postgresql://host/name`.

        Its schema is brought up to this version first.

        Raises:
            LedgerError: it cannot be reached, is no ledger, or was written by a newer version.
        """
        url = _url(address)
        name = Path(url.database or "ledger").name if url.get_backend_name() == "sqlite" else url.render_as_string()
        try:
            engine = sa.create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
        except NoSuchModuleError as error:
            raise LedgerError(f"{name}: this driver is not known; leave it out of the setting") from error
        except ModuleNotFoundError as error:
            raise LedgerError(
                f"{name}: the driver for this database is not installed: pip install 'evigraph[postgresql]'"
            ) from error
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "connect", _prepare_sqlite)
            sa.event.listen(engine, "begin", _begin_sqlite)
        database = cls(engine, name)
        try:
            database._migrate()
        except BaseException:
            engine.dispose()
            raise
        return database

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that reads one state of the database.

        Raises:
            LedgerError: the database cannot be read.
        """
        with self._translated("read"), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction during which nobody else writes. What it did is on disk when it ends.

        Raises:
            LedgerError: the database cannot be written.
        """
        with self._translated("written"), self.engine.connect() as connection:
            connection = connection.execution_options(evigraph_writes=True)
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_WRITER_LOCK)))
                yield connection

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()

    @contextmanager
    def _translated(self, verb: str) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            said = str(error.orig).strip().splitlines()
            raise LedgerError(
                f"the ledger {self.name} cannot be {verb} ({said[0] if said else type(error.orig).__name__}): check "
                "that it is reachable, has space left and may be written"
            ) from error

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
        scripts = ScriptDirectory.from_config(config)
        head = scripts.get_current_head()
        with self.reading() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
        if revision == head:
            return
        if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
            raise LedgerError(
                f"the ledger {self.name} was written by a newer evigraph (schema {revision}): upgrade evigraph"
            )
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def _url(address: str | Path) -> URL:
    if isinstance(address, Path) or "://" not in address:
        path = Path(address)
        if not path.parent.is_dir():
            raise LedgerError(f"the ledger {path.name} cannot be made: its folder {path.parent} does not exist")
        return URL.create("sqlite", database=str(path))
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise LedgerError("the ledger's address cannot be read: write it as postgresql://user@host/name") from error
    if url.drivername == "postgres":
        url = url.set(drivername="postgresql")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise LedgerError(
            f"a ledger is kept in SQLite or PostgreSQL, not in {url.get_backend_name()}: check the setting"
        )
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    return url


def _prepare_sqlite(connection: Any, _: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # The driver's own transactions begin too late for BEGIN IMMEDIATE; `_begin_sqlite` begins them instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA recursive_triggers = ON")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("evigraph_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
