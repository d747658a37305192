"""The Dramatis site: a small media library that hosts the `faces` plugin."""

from mam.celery import app as celery_app

__all__ = ["celery_app"]
