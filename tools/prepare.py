"""Makes a checkout ready to run: `prepare.py run`; or ready for tests and checks too: `prepare.py develop`.

Python packages go into .venv by the hashes in the lock file, the page's by package-lock.json; then the page
is built. What runs on a machine with an NVIDIA graphics card gets the packages for it (GPU=0: not; GPU=1: unasked);
tests never do, since their figures are a processor's. What is done is noted in .stamps/ with a digest of what it was
made from, so a second time takes no time, and an interrupted one goes on. Only the standard library is used: nothing
else is there yet.
"""

import fcntl
import hashlib
import os
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
GPU_NEEDED_BYTES = 4 * 10**9
"""What those for a graphics card take besides: 2.4 GB, out of wheels of 1.6 GB."""
DRIVER = 580
"""The oldest of NVIDIA's drivers that CUDA 13 runs with, which onnxruntime-gpu is built for."""
RUNTIMES = ("onnxruntime", "onnxruntime-gpu")
"""Both own the folder `onnxruntime`: one must go before the other comes."""
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
    gpu = not develop and on_graphics_card()
    locks = [ROOT / ("requirements-gpu.lock" if gpu else "requirements.lock")]
    locks += [ROOT / "requirements-dev.lock"] if develop else []
    wanted = digest(locks, sys.version, platform.machine())
    usable = PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], stderr=subprocess.DEVNULL).returncode == 0
    if usable and stamped("python-develop" if develop else "python", wanted):
        return
    try:
        install(locks[-1], gpu=gpu, usable=usable)
    except Unprepared as reason:
        raise Unprepared(f"{reason} GPU=0 make run does without the card." if gpu else str(reason)) from None
    stamp("python", digest(locks[:1], sys.version, platform.machine()))
    if develop:
        stamp("python-develop", wanted)


def install(lock: Path, *, gpu: bool, usable: bool) -> None:
    """What that lock file names; usable: there is an environment to put it into."""
    need_room(NEEDED_BYTES + (GPU_NEEDED_BYTES if gpu else 0))
    for name in ("python", "python-develop"):
        (STAMPS / name).unlink(missing_ok=True)
    what = "Python packages, with those for the graphics card" if gpu else "Python packages"
    print(f"installing {what} (a few minutes, the first time only)", flush=True)
    pip = pip_of_environment(usable=usable)
    execute([*pip, "uninstall", "--quiet", "--yes", RUNTIMES[0 if gpu else 1]])
    quietly = ["--quiet", "--disable-pip-version-check"]
    execute([*pip, "install", *quietly, "--require-hashes", "-r", str(lock)])


def pip_of_environment(*, usable: bool) -> "list[str]":
    """The command that installs into .venv, which is made where it is not usable."""
    has_pip = (
        subprocess.run([sys.executable, "-c", "import ensurepip"], stderr=subprocess.DEVNULL).returncode == 0
    )
    if not usable:
        clear = ["--clear"] if VENV.exists() else []
        execute([sys.executable, "-m", "venv", *clear, *([] if has_pip else ["--without-pip"]), str(VENV)])
    its_own = [str(PYTHON), "-m", "pip"]
    ours = [sys.executable, "-m", "pip", "--python", str(PYTHON)]  # Debian's Python comes without ensurepip
    for pip in (its_own, ours):
        if subprocess.run([*pip, "--version"], capture_output=True).returncode == 0:
            return pip
    raise Unprepared("this Python has neither pip nor venv: install them (apt-get install python3-venv).")


def on_graphics_card() -> bool:
    """Whether the packages for a graphics card are wanted: as the variable GPU says, else where a card has a driver."""
    asked = os.environ.get("GPU", "")
    there_are_some = sys.platform == "linux" and platform.machine() == "x86_64"
    if asked == "1" and not there_are_some:
        raise Unprepared(
            "GPU=1: there are packages for graphics cards for Linux on x86-64 alone; leave it out."
        )
    if asked in ("0", "1") or not there_are_some:
        return asked == "1"
    question = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(question, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    driver = answer.stdout.partition(".")[0]
    if answer.returncode or not driver.isdigit():
        return False
    if int(driver) < DRIVER:
        print(
            f"the graphics card is left out: its driver is {driver}, and {DRIVER} or later is needed",
            flush=True,
        )
    return int(driver) >= DRIVER


def install_page_packages() -> None:
    wanted = digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"], node_version())
    if (FRONTEND / "node_modules").is_dir() and stamped("node", wanted):
        return
    need_room(NEEDED_BYTES)
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


def need_room(needed: int) -> None:
    free = shutil.disk_usage(ROOT).free
    if free < needed:
        raise Unprepared(f"only {free // 10**6} MB are free in {ROOT}, {needed // 10**6} MB are needed.")


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
