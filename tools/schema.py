"""Writes the API's schema and the page's types made from it; --check says whether those are up to date."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = Path("openapi.yaml")
TYPES = Path("src/api/schema.d.ts")


def write(folder: Path) -> None:
    """Write both files under `folder`, laid out as in frontend/. Raises CalledProcessError."""
    spectacular = (sys.executable, "manage.py", "spectacular", "--validate", "--fail-on-warn")
    (folder / TYPES).parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([*spectacular, "--file", folder / SCHEMA], cwd=ROOT, check=True)
    types = ("npx", "--no-install", "openapi-typescript", folder / SCHEMA, "--output", folder / TYPES)
    subprocess.run(types, cwd=ROOT / "frontend", check=True, stdout=subprocess.DEVNULL)


def main() -> int:
    written = ROOT / "frontend"
    try:
        if "--check" not in sys.argv:
            write(written)
            return 0
        with tempfile.TemporaryDirectory() as folder:
            write(fresh := Path(folder))
            stale = [name for name in (SCHEMA, TYPES) if not _same(fresh / name, written / name)]
    except subprocess.CalledProcessError as error:
        return int(error.returncode)
    for name in stale:
        print(f"frontend/{name} is not what the site's code says: run `make schema`", file=sys.stderr)
    return bool(stale)


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
