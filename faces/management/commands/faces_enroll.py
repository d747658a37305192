"""`manage.py faces_enroll`: teach the library people from photographs and clips."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from faces import clips, enrolment
from faces.identity import people
from faces.identity.model import ModelSwitched
from faces.vision import VisionError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})


class Command(BaseCommand):
    help = (
        "Enrol people: FOLDER holds a folder of photographs for each, or --name NAME and its photographs and clips. Of "
        "several people in a clip, whoever is seen longest is taken."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="FOLDER | PHOTO")
        parser.add_argument("--name", help="everything given shows this person")
        parser.add_argument("--video", nargs="+", type=Path, default=[], metavar="CLIP", help="clips of NAME")

    def handle(
        self, *args: Any, paths: list[Path], name: str | None, video: list[Path], **options: Any
    ) -> None:
        if not paths and not video:
            raise CommandError(
                "say whom to enrol from what: FOLDER, or --name NAME with PHOTO… or --video CLIP…"
            )
        if video and name is None:
            raise CommandError("say --name NAME to enrol somebody from clips")
        for clip in video:
            if not clip.is_file():
                raise CommandError(f"{clip} is no file; nobody was enrolled")
        wanted = self._by_name(paths, name)
        total = sum(len(photos) for photos in wanted.values()) + len(video)
        enrolled = clips_enrolled = 0
        refused: list[str] = []
        seen: set[str] = set()
        with tqdm(total=total, unit="file", disable=None) as bar:
            for who, photos in wanted.items():
                for photo in photos:
                    bar.update()
                    try:
                        with transaction.atomic():  # nobody comes to be by a photograph that is refused
                            made = enrolment.enrol_photo(enrolment.person_called(who), photo.read_bytes())
                    except (VisionError, OSError, people.NameRefused, ModelSwitched) as error:
                        refused.append(f"{photo}: {error}")
                        continue
                    enrolled += 1
                    seen.add(who)
                    if made.faces > 1:
                        self.stderr.write(
                            f"{photo}: shows {made.faces} faces; the largest was taken for {who}"
                        )
            for clip in video:
                bar.update()
                try:
                    learnt = clips.enrol_clip(name or "", clip)
                except (VisionError, OSError, people.NameRefused, ModelSwitched) as error:
                    refused.append(f"{clip}: {error}")
                    continue
                clips_enrolled += 1
                seen.add(name or "")
                if learnt.notice:
                    self.stderr.write(f"{clip}: {learnt.notice}")
        what = f"{enrolled} photographs" + (f" and {clips_enrolled} clips" if video else "")
        self.stdout.write(f"enrolled {what} of {len(seen)} people, refused {len(refused)}")
        others = "the others are enrolled" if seen else "nobody was enrolled"
        if refused:
            raise CommandError("\n".join([f"{len(refused)} refused, {others}:", *refused]))
        if not seen:
            raise CommandError(f"there is neither a photograph nor a clip; {others}")

    def _by_name(self, paths: list[Path], name: str | None) -> dict[str, list[Path]]:
        for path in paths:
            if not path.exists():
                raise CommandError(f"{path} does not exist; nobody was enrolled")
        if name is not None:
            photos = [photo for path in paths for photo in (_photos(path) if path.is_dir() else [path])]
            return {name: photos}
        found: dict[str, list[Path]] = {}
        for path in paths:
            if not path.is_dir():
                raise CommandError(f"{path} is no folder; say --name NAME to enrol single photographs")
            folders = [folder for folder in sorted(path.iterdir()) if folder.is_dir()]
            for folder in folders or [path]:
                found.setdefault(_name_of(folder.name), []).extend(_photos(folder))
        return {who: photos for who, photos in found.items() if photos}


def _name_of(folder: str) -> str:
    """“Ada Lovelace” stays; “ada_lovelace” is a computer's way to write it."""
    words = folder.replace("_", " ").strip()
    return words.title() if "_" in folder and folder.islower() else words


def _photos(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
