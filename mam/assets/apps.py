from django.apps import AppConfig


class AssetsConfig(AppConfig):
    name = "mam.assets"
    label = "assets"
    verbose_name = "Media library"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from mam import patrol
        from mam.assets import library

        patrol.keep_watch()
        library.watch_deletions()
