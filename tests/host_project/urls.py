"""The plugin's routes under a prefix of the site's own."""

from django.urls import include, path

urlpatterns = [path("archive/who/", include("faces.api.urls"))]
