"""DRAMATIS_HOME: the one folder with everything that must survive."""

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
