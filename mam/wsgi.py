"""The WSGI entry point: `gunicorn mam.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mam.settings")

application = get_wsgi_application()
