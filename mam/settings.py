"""Settings of the Dramatis site: the only place that reads the environment.

DRAMATIS_HOME            all state; default ./var beside manage.py
DATABASE_URL             a Postgres of one's own (with pgvector); else the embedded one under DRAMATIS_HOME
CELERY_BROKER_URL        RabbitMQ or Redis; else a queue in that same Postgres
DRAMATIS_SECRET_KEY      else one is made and kept in DRAMATIS_HOME
DRAMATIS_ADMIN_PASSWORD  for the first administrator; else one is made and printed once
PORT                     where `manage.py up` serves; default 8000
DRAMATIS_WEIGHTS         a folder looked into before any network's weights are fetched
DRAMATIS_SCAN_MODE       how closely videos are scanned: default, fast (key frames alone), thorough (the smallest faces)
DRAMATIS_HARDWARE_DECODING  0 where videos are to be decoded by the processor although there is a graphics card
DRAMATIS_IN_PLACE_ROOTS  folders, separated as in PATH, whose files editors may add without a copy; default: none
DRAMATIS_LARGEST_UPLOAD_GB  what one file that is sent in parts, or fetched, may have; default 1000
DRAMATIS_FETCH_ALLOWED   networks, such as 10.1.0.0/16,192.168.7.20/32, that URLs may be fetched from, at any port,
                         though they are not on the public internet: an intranet's archive; default: none
DRAMATIS_ALLOWED_HOSTS   comma-separated host names that the site answers to; default: this machine only
DRAMATIS_HTTPS           1 where a proxy of yours speaks HTTPS to browsers and sets X-Forwarded-Proto
DRAMATIS_DEBUG           1 shows Django's debugging pages; never in production
"""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from mam.embedded.broker import broker_transport_options, broker_url
from mam.embedded.home import EmbeddedError, make_home, secret_key
from mam.embedded.postgres import EmbeddedPostgres

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("DRAMATIS_HOME") or BASE_DIR / "var").absolute()


def _networks(listed: str) -> tuple[Any, ...]:
    try:
        return tuple(ip_network(network.strip()) for network in listed.split(",") if network.strip())
    except ValueError as error:
        raise EmbeddedError(
            f"DRAMATIS_FETCH_ALLOWED cannot be read ({error}); nothing was started. Write 10.1.0.0/16,192.168.7.20/32."
        ) from None


def _database(conninfo: str) -> dict[str, Any]:
    """Django's form of a libpq connection string or URL; what Django has no name for goes to OPTIONS."""
    try:
        given = {key: str(value) for key, value in conninfo_to_dict(conninfo).items() if value is not None}
    except ProgrammingError:  # its words repeat the password
        raise EmbeddedError(
            "DATABASE_URL cannot be read; nothing was started. Write postgresql://USER:PASSWORD@HOST/DATABASE, the "
            "special characters of the password as %XX; or unset it, to have a database of our own."
        ) from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.pop("dbname", "dramatis"),
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": given.pop("host", ""),
        "PORT": given.pop("port", ""),
        "OPTIONS": given,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


make_home(HOME)
SECRET_KEY = os.environ.get("DRAMATIS_SECRET_KEY") or secret_key(HOME)
DEBUG = os.environ.get("DRAMATIS_DEBUG") == "1"
HTTPS = os.environ.get("DRAMATIS_HTTPS") == "1"
ALLOWED_HOSTS = [
    host.strip()
    for host in (os.environ.get("DRAMATIS_ALLOWED_HOSTS") or "127.0.0.1,localhost,[::1]").split(",")
]
CSRF_TRUSTED_ORIGINS = [
    f"https://{host}" for host in ALLOWED_HOSTS if host not in ("127.0.0.1", "localhost", "[::1]", "*")
]

ADMIN_PASSWORD = os.environ.get("DRAMATIS_ADMIN_PASSWORD") or None
PORT = os.environ.get("PORT") or "8000"

DATABASE_URL = os.environ.get("DATABASE_URL")
"""The given database, or None where the embedded server is ours to run."""
CONNINFO = DATABASE_URL or EmbeddedPostgres(HOME).dsn()
"""libpq's URL or parameters of the database in use."""
DATABASES = {"default": _database(CONNINFO)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL") or broker_url(CONNINFO)
CELERY_BROKER_TRANSPORT_OPTIONS = broker_transport_options(CELERY_BROKER_URL, CONNINFO)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

INSTALLED_APPS = [
    "mam.assets",
    "mam.embedded",
    "mam.samples",
    "faces",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "mam.security.ContentSecurityPolicy",
    "mam.security.BoundedForms",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "mam.urls"
WSGI_APPLICATION = "mam.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

STATIC_URL = "/static/"
PAGE_DIR = BASE_DIR / "frontend" / "dist"
"""The built page; STATICFILES serves its hashed assets, `mam.page` its index.html."""
STATICFILES_DIRS = [PAGE_DIR] if PAGE_DIR.is_dir() else []
WHITENOISE_USE_FINDERS = True

MEDIA_ROOT = HOME / "media"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT},
    },
    "faces": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "faces"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
IN_PLACE_ROOTS = [
    Path(root) for root in os.environ.get("DRAMATIS_IN_PLACE_ROOTS", "").split(os.pathsep) if root
]
"""Below these folders editors may have originals indexed where they lie; the command line may anywhere."""
FILE_UPLOAD_TEMP_DIR = HOME / "uploads"
make_home(FILE_UPLOAD_TEMP_DIR)
LARGEST_UPLOAD = int(os.environ.get("DRAMATIS_LARGEST_UPLOAD_GB") or 1000) * 10**9
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "faces.api.schema.DescribedView",
    "EXCEPTION_HANDLER": "faces.api.problems.problem_response",
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_THROTTLE_RATES": {"login": "20/min"},
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Dramatis",
    "DESCRIPTION": "Who appears when, in every video you own.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "faces.api.schema.describe_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Verdict": "faces.models.Verdict",
        "Band": "faces.models.PublicBand",
        "AnyBand": "faces.models.Band",
    },
}

FACES_ASSET_MODEL = "assets.Asset"
FACES = {
    "host": "mam.assets.host.LibraryHost",
    "weights_dir": BASE_DIR / "models",
    "work_dir": HOME / "work",
    "fetch_allowed": _networks(os.environ.get("DRAMATIS_FETCH_ALLOWED", "")),
    "hardware_decoding": os.environ.get("DRAMATIS_HARDWARE_DECODING") != "0",
    "scan_mode": os.environ.get("DRAMATIS_SCAN_MODE") or "default",
    "weights_folder": Path(os.environ["DRAMATIS_WEIGHTS"]) if os.environ.get("DRAMATIS_WEIGHTS") else None,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
