"""A database of the benchmark's own beside the configured one: made, used in its place, and dropped in any case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def scratch_database(say: Callable[[str], object]) -> Iterator[str]:
    """Within, this process's default connection leads to a new, migrated, empty database; yields its name.

    What an earlier benchmark left behind under that name, killed before it could tidy up, is dropped first. Raises
    RuntimeError where the connection leads elsewhere all the same.
    """
    own = str(connection.settings_dict["NAME"])
    name = f"{own}_benchmark"
    connection.settings_dict["TEST"] |= {"NAME": name, "TEMPLATE": None}
    say(f"making the database {name}; {own} is not touched")
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            if (actual := cursor.fetchone()[0]) != name:
                raise RuntimeError(
                    f"connected to {actual} instead of {name}: nothing was measured or changed"
                )
        yield name
    finally:
        connection.close()
        if connection.settings_dict["NAME"] == name:
            connection.creation.destroy_test_db(own, verbosity=0)
        connection.settings_dict["NAME"] = own
        say(f"dropped the database {name}")
