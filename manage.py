#!/usr/bin/env python
"""Django's command line for the Dramatis site."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mam.settings")
    from django.core.management import execute_from_command_line

    from mam.embedded.home import EmbeddedError

    try:
        execute_from_command_line(sys.argv)
    except EmbeddedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
