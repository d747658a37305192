"""The WSGI entry point: `gunicorn mam.wsgi`."""

import os
import re
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mam.settings")

_CHARSET = re.compile(r""";\s*charset\s*=\s*("[^"]*"|[^;]*)""", re.IGNORECASE)

_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django, with every request read as UTF-8, which is what JSON and the page's forms are in.

    A charset that the sender names may be any codec of Python's; over one that is of no text, such as zlib, Django
    breaks before any view or handler of errors is reached.
    """
    if content_type := environ.get("CONTENT_TYPE"):
        environ["CONTENT_TYPE"] = _CHARSET.sub("", content_type)
    return _django(environ, start_response)
