"""DRAMATIS_HOME: the one folder with everything that must survive."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


class EmbeddedError(Exception):
    """What keeps the one-machine site from running; its text tells the user what happened and what to do."""


def make_home(home: Path) -> None:
    """Make the folder, readable to us alone, where it is absent. Raises EmbeddedError where that is impossible."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "postgres.json").exists()  # may we enter?
    except OSError as error:
        raise cannot_use(home, error) from error


def cannot_use(home: Path, error: OSError) -> EmbeddedError:
    """What to tell the user about an error with a file in `home`."""
    return EmbeddedError(
        f"DRAMATIS_HOME cannot be used, nothing in it was changed: {error.filename or home}: {error.strerror}. "
        "Make room, run as its owner, or choose another DRAMATIS_HOME."
    )


def secret_key(home: Path) -> str:
    """The signing key of this home, made at the first call. Raises EmbeddedError where it cannot be kept."""
    path = home / "secret_key"
    try:
        if not path.exists():
            write_private(path, secrets.token_urlsafe(50), once=True)
        return path.read_text()
    except OSError as error:
        raise cannot_use(home, error) from error


def write_private(path: Path, text: str, *, once: bool = False) -> None:
    """Write a file that only we may read, whole or not at all. once: leave alone what is there. Raises OSError."""
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    try:
        with open(descriptor, "w") as file:
            file.write(text)
        if once:
            with contextlib.suppress(FileExistsError):  # another process was quicker: what it wrote counts
                os.link(part, path)
        else:
            Path(part).replace(path)
    finally:
        Path(part).unlink(missing_ok=True)
