"""Where ledgers are tried: SQLite in a temporary folder, and a PostgreSQL server of our own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa

#: Where Debian puts the servers, the newest last; elsewhere they are on the path.
POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, on a Unix socket in a temporary folder."""
    binaries = POSTGRESQL[-1] if POSTGRESQL else Path(shutil.which("initdb") or "absent/initdb").parent
    if not (binaries / "initdb").exists():
        pytest.skip("PostgreSQL's initdb and pg_ctl are not on this machine: the ledger is tried on SQLite only")
    if find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed (evigraph[postgresql]): the ledger is tried on SQLite only")
    folder = Path(tempfile.mkdtemp(prefix="evigraph-pg-", dir="/tmp"))
    # The server refuses to run as root.
    prefix = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
    if prefix:
        shutil.chown(folder, "nobody")
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run([*prefix, *command], check=True, capture_output=True, cwd=folder, timeout=120)

    run(str(binaries / "initdb"), "-D", str(data), "-U", "evigraph", "--auth=trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
    run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://evigraph@/postgres?host={folder}"
    finally:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield str(tmp_path / "ledger.db")
        return
    server = request.getfixturevalue("postgresql")
    name = f"ledger_{uuid.uuid4().hex}"
    engine = sa.create_engine(server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    engine.dispose()
    yield f"{server}&options=-csearch_path%3D{name}"
