"""Makes a checkout ready to run: `prepare.py run`; or ready for tests and checks too: `prepare.py develop`.

Python packages go into .venv by the hashes in the lock file, the page's by package-lock.json; then the page
is built. What is done is noted in .stamps/ with a digest of what it was made from, so a second time takes no
time, and an interrupted one goes on. Only the standard library is used: nothing else is there yet.
"""

import fcntl
import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / ".stamps"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
NEEDED_BYTES = 2 * 10**9
"""Both kinds of packages take 1.3 GB, unpacked and in the making."""
NODE = (20, 19)


class Unprepared(Exception):
    """What the user has to do first, in one line."""


def main(purpose: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    with (STAMPS / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another set-up of this checkout is under way; waiting for it", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        node_version()  # ask for what is missing before minutes are spent
        install_python_packages(develop=purpose == "develop")
        install_page_packages()
        build_page()


def install_python_packages(*, develop: bool) -> None:
    """.venv with exactly what the lock file names; the one for developing contains the one for running."""
    locks = [ROOT / "requirements.lock"] + ([ROOT / "requirements-dev.lock"] if develop else [])
    wanted = digest(locks, sys.version, platform.machine())
    usable = PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0
    if usable and stamped("python-develop" if develop else "python", wanted):
        return
    need_room()
    print("installing Python packages (a few minutes, the first time only)", flush=True)
    has_pip = (
        subprocess.run([sys.executable, "-c", "import ensurepip"], stderr=subprocess.DEVNULL).returncode == 0
    )
    if not usable:
        clear = ["--clear"] if VENV.exists() else []
        execute([sys.executable, "-m", "venv", *clear, *([] if has_pip else ["--without-pip"]), str(VENV)])
    pip = [str(PYTHON), "-m", "pip"]
    if subprocess.run([*pip, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(PYTHON),
        ]  # Debian's Python comes without ensurepip
        if subprocess.run(
            [*pip, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ).returncode:
            raise Unprepared(
                "this Python has neither pip nor venv: install them (apt-get install python3-venv)."
            )
    execute(
        [*pip, "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(locks[-1])]
    )
    stamp("python", digest(locks[:1], sys.version, platform.machine()))
    if develop:
        stamp("python-develop", wanted)


def install_page_packages() -> None:
    wanted = digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"], node_version())
    if (FRONTEND / "node_modules").is_dir() and stamped("node", wanted):
        return
    need_room()
    print("installing the page's packages", flush=True)
    execute(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], FRONTEND)
    stamp("node", wanted)


def build_page() -> None:
    made = ("node_modules", "dist")
    own = [path for path in FRONTEND.iterdir() if path.name not in made]
    sources = [path for top in own for path in (top, *top.rglob("*")) if path.is_file()]
    wanted = digest(sorted(sources), node_version())
    if (FRONTEND / "dist" / "index.html").exists() and stamped("page", wanted):
        return
    print("building the page", flush=True)
    execute(["npm", "run", "--silent", "build"], FRONTEND)
    stamp("page", wanted)


def node_version() -> str:
    npm, node = shutil.which("npm"), shutil.which("node")
    needed = ".".join(map(str, NODE))
    if not (npm and node):
        raise Unprepared(
            f"{'npm' if node else 'Node'} is missing: install Node {needed} or later (https://nodejs.org)."
        )
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip().lstrip("v")
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < NODE:
        raise Unprepared(
            f"Node {version or '?'} is too old: install Node {needed} or later (https://nodejs.org)."
        )
    return version


def digest(files: "list[Path]", *circumstances: str) -> str:
    summary = hashlib.sha256("\0".join(circumstances).encode())
    for file in files:
        summary.update(str(file.relative_to(ROOT)).encode() + b"\0")
        summary.update(hashlib.sha256(file.read_bytes()).digest())
    return summary.hexdigest()


def stamped(name: str, wanted: str) -> bool:
    path = STAMPS / name
    return path.exists() and path.read_text() == wanted


def stamp(name: str, made_from: str) -> None:
    part = STAMPS / f"{name}.part"
    part.write_text(made_from)
    part.replace(STAMPS / name)


def need_room() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES:
        raise Unprepared(
            f"only {free // 10**6} MB are free in {ROOT}, {NEEDED_BYTES // 10**6} MB are needed."
        )


def execute(command: "list[str]", folder: Path = ROOT) -> None:
    """Run a command; what it says is shown only where it fails for a reason that `advice` does not know."""
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        known = advice(done.stdout)
        if not known:
            print(done.stdout[-4000:], file=sys.stderr)
        raise Unprepared(known or f"`{' '.join(command)}` failed with what stands above.")


def advice(said: str) -> "str | None":
    """What to do about what pip or npm said, in one line; None where that must be read in full."""
    for signs, line in (
        (("No space left", "ENOSPC"), "the disk is full: make room."),
        (
            ("specification for 'venv'", "No module named venv", "ensurepip is not available"),
            "this Python has no venv: install it (Debian: apt-get install python3-venv).",
        ),
        (("DO NOT MATCH", "EINTEGRITY"), "a package came that is not the one the lock file names."),
        (
            ("NewConnectionError", "name resolution", "ConnectTimeout", "Network is unreachable", "ENOTFOUND",
             "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "from versions: none"),
            "a package index cannot be reached: check the network, or the index set for pip and npm.",
        ),
        (("Permission denied", "EACCES"), f"something in {ROOT} belongs to another user: run as that one."),
    ):  # fmt: skip
        if any(sign in said for sign in signs):
            return f"{line} What is done so far is kept; then run make again."
    return None


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Unprepared as reason:
        sys.exit(f"Dramatis cannot be set up: {reason}")
    except OSError as error:
        sys.exit(
            f"Dramatis cannot be set up: {error.filename or ROOT}: {error.strerror}. Make room, or run as the owner of "
            f"{ROOT}; then run make again."
        )
    except KeyboardInterrupt:
        sys.exit("Stopped; what is done so far is kept.")
