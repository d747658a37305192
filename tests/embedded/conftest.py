import os
import pwd
import shutil
import subprocess
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mam.embedded.postgres import EmbeddedPostgres


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has been used once."""
    home = tmp_path_factory.mktemp("first")
    with EmbeddedPostgres(home):
        pass
    return home


@pytest.fixture
def home(first_home: Path, tmp_path: Path) -> Path:
    """A home of one's own, with a stopped server's data: quicker than making it anew."""
    subprocess.run(["cp", "-a", first_home, tmp_path / "home"], check=True)
    return tmp_path / "home"


@pytest.fixture
def as_nobody(first_home: Path) -> Iterator[Callable[[Callable[[Path], None]], None]]:
    """Runs a function, with a home of its own, in a child process that has given root's rights away."""
    # first_home has imported everything: the child may not be able to read our Python's files
    nobody = pwd.getpwnam("nobody")
    home = Path(tempfile.mkdtemp())
    os.chown(home, nobody.pw_uid, nobody.pw_gid)

    def run(task: Callable[[Path], None]) -> None:
        if (child := os.fork()) == 0:
            status = 1
            try:
                os.setgroups([])
                os.setgid(nobody.pw_gid)
                os.setuid(nobody.pw_uid)
                task(home)
                status = 0
            except BaseException:  # noqa: BLE001 - a forked child must not return into pytest
                traceback.print_exc()
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    yield run
    shutil.rmtree(home)
