"""What may know what."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VERBS = frozenset(
    [
        "create",
        "add",
        "remove",
        "drop",
        "rename",
        "change",
        "alter",
        "backfill",
        "fill",
        "move",
        "split",
        "merge",
        "keep",
        "store",
        "let",
    ]
)


def modules_after(code: str, names: str) -> set[str]:
    """Which of the named top-level packages a fresh interpreter has loaded after running the code."""
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*{{m.split('.')[0] for m in sys.modules}})"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return set(told) & set(names.split())


def test_vision_never_imports_django() -> None:
    everything = (
        "import pkgutil, faces.vision as v\n"
        "for m in pkgutil.walk_packages(v.__path__, 'faces.vision.'): __import__(m.name)"
    )
    assert modules_after(everything, "cv2 av django rest_framework celery psycopg mam") == {"cv2", "av"}


def test_the_plugin_never_imports_its_site() -> None:
    for path in (CHECKOUT / "faces").rglob("*.py"):
        found = re.search(r"^\s*(from|import) mam\b", path.read_text(), re.MULTILINE)
        assert found is None, path


def test_only_the_settings_read_the_environment() -> None:
    allowed = {
        "mam/settings.py",
        "mam/wsgi.py",  # names the settings
        "mam/celery.py",  # names the settings
        "mam/embedded/supervisor.py",  # hands it on to the processes it starts
        "faces/vision/networks/pip_index.py",  # pip's own variables say where packages come from
    }
    reading = re.compile(r"os\.environ|getenv|from os import")
    assert {
        str(path.relative_to(CHECKOUT))
        for package in ("faces", "mam")
        for path in (CHECKOUT / package).rglob("*.py")
        if reading.search(path.read_text())
    } <= allowed


@pytest.mark.parametrize("package", ["faces", "mam/assets", "mam/samples"])
def test_every_migration_begins_with_a_verb(package: str) -> None:
    names = [path.stem for path in (CHECKOUT / package / "migrations").glob("0*.py")]
    assert names
    for name in names:
        assert re.fullmatch(r"\d{4}_[a-z0-9_]+", name)
        assert name.split("_")[1] in VERBS, name
        assert "auto" not in name.split("_"), name
