from mam.settings import *  # noqa: F403
from mam.settings import INSTALLED_APPS

INSTALLED_APPS += ["tests.end_to_end.hasty"]
