"""Accounts and the ledger on the command line."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evigraph.cli.options import Home, Json, existing, shown
from evigraph.cli.terminal import grid, number, out, print_json
from evigraph.errors import InputError

if TYPE_CHECKING:
    from evigraph.store.accounts import Account, Accounts
    from evigraph.store.ledger import Ledger

accounts = typer.Typer(help="Who may sign in to the portal, and what they may do.", no_args_is_help=True)
ledger = typer.Typer(help="What people decided: back it up, restore it, check it.", no_args_is_help=True)

_OPERATOR = "operator"

Name = Annotated[str, typer.Argument(help="The name that signs in.")]
Role = Annotated[str, typer.Option(help="reader, member, curator or administrator.")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def _opened(home: Path) -> Ledger:
    from evigraph.settings import load_settings
    from evigraph.store.ledger import Ledger

    return Ledger.open(load_settings(existing(home)).ledger.url or home / "ledger.db")


@contextmanager
def _account(home: Path, name: str) -> Iterator[tuple[Accounts, Account]]:
    """The accounts of a graph, and the one of this name."""
    from evigraph.store.accounts import Accounts

    with _opened(home) as opened:
        known = Accounts(opened)
        yield known, known.of_name(name)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise InputError("no terminal to ask for a password at: give it by --password-stdin")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise InputError("the two are not the same: nothing was done")
    return password


@accounts.command("add")
@shown
def add(name: Name, role: Role = "member", password_stdin: Stdin = False, email: str = "", home: Home = Path()) -> None:
    """Open an account. With the first one, the portal asks people to sign in before they change anything."""
    from evigraph.store.accounts import Accounts

    with _opened(home) as opened:
        account = Accounts(opened).open(name, _password(password_stdin), role, email=email, by=_OPERATOR)
    out.print(f"{account.name} may sign in as {account.role}", markup=False)


@accounts.command("list")
@shown
def listed(home: Home = Path(), json: Json = False) -> None:
    """List the accounts."""
    from evigraph.store.accounts import Accounts
    from evigraph.store.event import instant_text

    with _opened(home) as opened:
        found = Accounts(opened).all()
    if json:
        print_json(
            [
                {
                    "account_id": account.account_id,
                    "name": account.name,
                    "shown_name": account.shown_name,
                    "role": account.role,
                    "is_disabled": account.is_disabled,
                    "opened_at": instant_text(account.opened_at),
                }
                for account in found
            ]
        )
        return
    table = grid("name", "role", "")
    for account in found:
        table.add_row(account.name, account.role, "disabled" if account.is_disabled else "")
    out.print(table)


@accounts.command("role")
@shown
def role(
    name: Name,
    role: Annotated[str, typer.Argument(help="reader, member, curator or administrator.")],
    home: Home = Path(),
) -> None:
    """Give an account a role; its sessions end."""
    with _account(home, name) as (known, account):
        known.give_role(account, role, _OPERATOR)
    out.print(f"{name} is {role} now; its sessions have ended", markup=False)


@accounts.command("disable")
@shown
def disable(name: Name, home: Home = Path()) -> None:
    """Let an account sign in no more; its sessions end."""
    with _account(home, name) as (known, account):
        known.disable(account, _OPERATOR)
    out.print(f"{name} may not sign in any more", markup=False)


@accounts.command("enable")
@shown
def enable(name: Name, home: Home = Path()) -> None:
    """Let an account sign in again."""
    with _account(home, name) as (known, account):
        known.enable(account, _OPERATOR)
    out.print(f"{name} may sign in again", markup=False)


@accounts.command("reset")
@shown
def reset(name: Name, password_stdin: Stdin = False, home: Home = Path()) -> None:
    """Give an account a new password; its sessions end."""
    with _account(home, name) as (known, account):
        known.reset(account, _password(password_stdin), _OPERATOR)
    out.print(f"{name} has a new password; its sessions have ended", markup=False)


@accounts.command("erase")
@shown
def erase(name: Name, home: Home = Path()) -> None:
    """Erase an account: names, address, password. What it said stays, under a number that leads to nobody."""
    with _account(home, name) as (known, account):
        known.erase(account, _OPERATOR)
    out.print(f"{name} is erased", markup=False)


@ledger.command("backup")
@shown
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, as ledger-2026-11-24.jsonl.gz.", dir_okay=False)],
    home: Home = Path(),
) -> None:
    """Write events and accounts to one file, as they stand at one moment, while the portal goes on."""
    from evigraph.store.backup import back_up

    with _opened(home) as opened:
        made = back_up(opened, file)
    out.print(f"{number(made.n_events)} events and {number(made.n_accounts)} accounts are in {file}", markup=False)


@ledger.command("restore")
@shown
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.", dir_okay=False)], home: Home = Path()
) -> None:
    """Restore a backup into an empty ledger; SQLite or PostgreSQL, whichever it came from."""
    from evigraph.store import backup as backups

    with _opened(home) as opened:
        made = backups.restore(opened, file)
        opened.verify(made.head if made.n_events else None)
    out.print(f"{number(made.n_events)} events and {number(made.n_accounts)} accounts are restored", markup=False)


@ledger.command("verify")
@shown
def verify(
    against: Annotated[Path | None, typer.Option(help="A backup: everything in it must still be there.")] = None,
    home: Home = Path(),
) -> None:
    """Check that no event was altered, inserted or removed, and that what stands follows from them."""
    from evigraph.store.backup import read_backup

    kept = read_backup(against) if against is not None else None
    with _opened(home) as opened:
        n_events = opened.verify(kept.head if kept is not None and kept.n_events else None)
    out.print(f"{number(n_events)} events, each as it was written")


@ledger.command("replay")
@shown
def replay(home: Home = Path()) -> None:
    """Make what stands anew from the events."""
    with _opened(home) as opened:
        n_events = opened.replay()
    out.print(f"{number(n_events)} events are replayed")
