"""A second site that hosts the plugin: other names, integer keys, none of Dramatis' own REST settings.

The test that runs it says in ARCHIVE_CONNINFO and ARCHIVE_HOME where its database and its files are.
"""

import os
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

HOME = Path(os.environ["ARCHIVE_HOME"])
_CONNINFO = conninfo_to_dict(os.environ["ARCHIVE_CONNINFO"])

SECRET_KEY = "of a site that lives for one test"
ALLOWED_HOSTS = ["testserver"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _CONNINFO["dbname"],
        "USER": _CONNINFO.get("user", ""),
        "PASSWORD": _CONNINFO.get("password", ""),
        "HOST": _CONNINFO.get("host", ""),
        "PORT": _CONNINFO.get("port", ""),
    }
}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "rest_framework",
    "tests.host_project.archive",
    "faces",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "tests.host_project.urls"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "films"},
    },
    "faces": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "faces"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

FACES_ASSET_MODEL = "archive.Film"
FACES = {
    "host": "tests.host_project.archive.host.ArchiveHost",
    "weights_dir": Path(os.environ["ARCHIVE_WEIGHTS"]),
    "weights_folder": Path(folder) if (folder := os.environ.get("DRAMATIS_WEIGHTS")) else None,
}
