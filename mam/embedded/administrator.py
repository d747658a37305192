"""The first administrator, without whom nobody could log in."""

import secrets

from django.contrib.auth import get_user_model

USERNAME = "admin"


def ensure_administrator(password: str | None) -> str | None:
    """Make `admin` where there is no administrator yet.

    Returns the password made for it, to be shown once; None where one existed, or `password` is given.
    """
    users = get_user_model()._default_manager
    if users.filter(is_superuser=True).exists():
        return None
    made = None if password else secrets.token_urlsafe(12)
    administrator, _ = users.get_or_create(username=USERNAME)
    administrator.is_staff = administrator.is_superuser = administrator.is_active = True
    administrator.set_password(password or made)
    administrator.save()
    return made
