from datetime import timedelta

from django.apps import AppConfig


class HastyConfig(AppConfig):
    name = "tests.end_to_end.hasty"

    def ready(self) -> None:
        from faces.models import jobs
        from mam import patrol

        jobs.LEASE = timedelta(seconds=5)
        patrol.EVERY_S = 1.0
