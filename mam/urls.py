"""Addresses of the site: the API, the health checks, the page everywhere else."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from faces.api.problems import broken, not_found, unreadable
from mam import page
from mam.assets import sessions, tus, views
from mam.samples.views import SamplesView

site = [
    path("auth/token/", sessions.TokenView.as_view(), name="token"),
    path("auth/session/", sessions.SessionView.as_view(), name="session"),
    path("assets/", views.AssetsView.as_view(), name="assets"),
    path("assets/<str:asset>/", views.AssetView.as_view(), name="asset"),
    path("assets/<str:asset>/media", views.MediaView.as_view(), name="media"),
    path("assets/<str:asset>/proxy", views.ProxyView.as_view(), name="proxy"),
    path("assets/<str:asset>/poster", views.PosterView.as_view(), name="poster"),
    path("assets/<str:asset>/filmstrip", views.FilmstripView.as_view(), name="filmstrip"),
    path("assets/<str:asset>/fetch/", views.FetchView.as_view(), name="fetch"),
    path("samples/", SamplesView.as_view(), name="samples"),
]

urlpatterns = [
    path("healthz", page.healthz),
    path("readyz", page.readyz),
    path("admin/", admin.site.urls),
    path("uploads/", tus.UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:upload>", tus.UploadView.as_view(), name="upload"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include([*site, path("", include("faces.api.urls"))])),
    re_path(r"^(?:api|uploads)/.*", not_found),
    re_path(r"^(?!static/).*$", page.page),
]

handler400 = unreadable
handler500 = broken
