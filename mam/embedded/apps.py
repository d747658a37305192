"""The app of the one-machine default."""

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.db.models.signals import post_migrate

from mam.embedded.broker import install_broker, is_broker_here


class EmbeddedConfig(AppConfig):
    name = "mam.embedded"

    def ready(self) -> None:
        # Django sends the signal for apps that have models, once each; of these the library's is surely there.
        post_migrate.connect(_install_broker, sender=apps.get_app_config("assets"))


def _install_broker(**_: Any) -> None:
    """A migrated database has its queue too, whoever serves it: `manage.py up`, or servers of one's own."""
    if is_broker_here(settings.CELERY_BROKER_URL):
        install_broker(settings.CONNINFO)
