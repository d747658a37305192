#!/usr/bin/env python
"""Django's command line for the Dramatis site."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mam.settings")
    try:
        from django.core.management import execute_from_command_line
        from django.db import InterfaceError, OperationalError, ProgrammingError
        from psycopg.errors import UndefinedTable
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is not installed here: run `make setup`, then .venv/bin/python manage.py …")

    from mam.embedded.home import EmbeddedError

    try:
        execute_from_command_line(sys.argv)
    except EmbeddedError as error:
        sys.exit(str(error))
    except (OperationalError, InterfaceError) as error:
        sys.exit(
            f"The database does not answer; nothing was changed. Start it with `make run`, or look at DATABASE_URL. "
            f"({' '.join(str(error).split())})"
        )
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable):
            raise
        sys.exit("The database is empty; nothing was changed. Prepare it with `python manage.py migrate`.")
    except KeyboardInterrupt:
        sys.exit("Stopped. What was done so far is kept.")


if __name__ == "__main__":
    main()
