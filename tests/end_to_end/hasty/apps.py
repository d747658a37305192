from datetime import timedelta

from django.apps import AppConfig


class HastyConfig(AppConfig):
    name = "tests.end_to_end.hasty"

    def ready(self) -> None:
        from faces import scanning
        from faces.models import jobs
        from faces.vision import ScanSettings
        from mam import patrol

        jobs.LEASE = timedelta(seconds=5)
        patrol.EVERY_S = 1.0
        scanning.MODES = {  # type: ignore[assignment,attr-defined]
            "default": ScanSettings(part_ms=1500, part_slack_ms=1000, chunk_ms=1000, longest_chunk_ms=1400)
        }
