from django.apps import AppConfig


class SamplesConfig(AppConfig):
    name = "mam.samples"
    label = "samples"
    verbose_name = "Sample videos"
    default_auto_field = "django.db.models.BigAutoField"
