"""What makes the plugin unusable, and what waits for an administrator, said at start-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS, ProgrammingError, connection, connections, transaction

from faces.conf import faces_settings
from faces.host import host
from faces.identity.model import measure_in_force, measures
from faces.vision import MODES
from faces.vision.networks import ManifestError


def register_checks() -> None:
    register(the_host_class_answers)
    register(the_scan_mode_is_one)
    register(the_database_knows_vectors, Tags.database)
    register(the_manifests_crowding_function_is_in_force, Tags.database)


def the_host_class_answers(app_configs: Any, **_: Any) -> Sequence[CheckMessage]:
    try:
        host()
    except (ImportError, TypeError, AttributeError) as error:
        return [
            Error(
                f"settings.FACES['host'] cannot be used: {error}",
                hint="Name a subclass of faces.host.Host by its dotted path.",
                id="faces.E001",
            )
        ]
    return []


def the_scan_mode_is_one(app_configs: Any, **_: Any) -> Sequence[CheckMessage]:
    if (mode := faces_settings().scan_mode) in MODES:
        return []
    return [
        Error(
            f"settings.FACES['scan_mode'] is “{mode}”, which is no way to scan.",
            hint=f"Choose one of {', '.join(MODES)}.",
            id="faces.E003",
        )
    ]


def the_database_knows_vectors(
    app_configs: Any, databases: Sequence[str] | None = None, **_: Any
) -> Sequence[CheckMessage]:
    """Django asks this where it looks at databases at all: before `migrate`, and in `check --database`."""
    found = []
    for alias in databases or ():
        connection = connections[alias]
        known = False
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")
                known = cursor.fetchone() is not None
        if not known:
            found.append(
                Error(
                    f"the database “{alias}” has no pgvector",
                    hint="Install the extension vector, 0.8 or later, on that Postgres server.",
                    id="faces.E002",
                )
            )
    return found


def the_manifests_crowding_function_is_in_force(
    app_configs: Any, databases: Sequence[str] | None = None, **_: Any
) -> Sequence[CheckMessage]:
    """Asked like the one above; of tables that `migrate` has yet to make or change it asks nothing."""
    if DEFAULT_DB_ALIAS not in (databases or ()) or connection.vendor != "postgresql":
        return []
    try:
        with transaction.atomic():
            now = measure_in_force()
            offered = measures(now.model)
    except ProgrammingError:
        return []
    except ManifestError as error:
        return [
            Error(
                f"the library lives by a model that is not to be had: {error}",
                hint="Without it nobody can be named, and nothing scanned.",
                id="faces.E004",
            )
        ]
    if now.function == offered[0].function:
        return []
    return [
        Warning(
            "the manifest brings another crowding function than the one by which this library is judged",
            hint="No answer has changed. `faces_calibrate` says what the new one would change, and puts it in force.",
            id="faces.W001",
        )
    ]
