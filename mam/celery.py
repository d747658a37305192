"""The Celery application. The job's row in Postgres is the truth; a message is only a hint."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mam.settings")

TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "mam.redis:Transport"))

app = Celery("dramatis")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
