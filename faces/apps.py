from django.apps import AppConfig


class FacesConfig(AppConfig):
    name = "faces"
    verbose_name = "Faces"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from faces import checks, deletion

        checks.register_checks()
        deletion.watch()
