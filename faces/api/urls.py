"""The plugin's routes; they work in any host site, under whatever prefix it gives them."""

from django.urls import path

from faces.api import assets, calibrating, exemplars, finding, naming

app_name = "faces"

urlpatterns = [
    path("assets/<str:asset>/tracks/", assets.TracksView.as_view(), name="tracks"),
    path("assets/<str:asset>/boxes/", assets.BoxesView.as_view(), name="boxes"),
    path("assets/<str:asset>/frames/", assets.FramesView.as_view(), name="frames"),
    path("assets/<str:asset>/appearances/", assets.AppearancesView.as_view(), name="appearances"),
    path("assets/<str:asset>/scan/", assets.ScanView.as_view(), name="scan"),
    path("scans/<str:scan>/cancel/", assets.CancelScanView.as_view(), name="scan-cancel"),
    path("tracks/<str:track>/thumbnail", assets.TrackThumbnailView.as_view(), name="track-thumbnail"),
    path("tracks/<str:track>/faceprints/", assets.FaceprintsView.as_view(), name="faceprints"),
    path("photos/<str:photo>/thumbnail", assets.PhotoThumbnailView.as_view(), name="photo-thumbnail"),
    path("unknowns/", naming.UnknownsView.as_view(), name="unknowns"),
    path("unknowns/<str:key>/", naming.UnknownView.as_view(), name="unknown"),
    path("unknowns/<str:key>/tracks/", naming.UnknownTracksView.as_view(), name="unknown-tracks"),
    path("unknowns/<str:key>/parts/", naming.UnknownPartsView.as_view(), name="unknown-parts"),
    path("people/", naming.PeopleView.as_view(), name="people"),
    path("people/<str:person>/", naming.PersonView.as_view(), name="person"),
    path(
        "people/<str:person>/appearances/", naming.PersonAppearancesView.as_view(), name="person-appearances"
    ),
    path("people/<str:person>/exemplars/", exemplars.PersonExemplarsView.as_view(), name="person-exemplars"),
    path(
        "people/<str:person>/exemplars/<str:exemplar>/",
        exemplars.PersonExemplarView.as_view(),
        name="person-exemplar",
    ),
    path("people/<str:person>/similar/", exemplars.PersonSimilarView.as_view(), name="person-similar"),
    path("people/<str:person>/photos/", naming.PhotosView.as_view(), name="person-photos"),
    path("decisions/", naming.DecisionsView.as_view(), name="decisions"),
    path("decisions/preview/", naming.PreviewView.as_view(), name="preview"),
    path("decisions/<str:decision>/undo/", naming.UndoView.as_view(), name="undo"),
    path("review/", naming.ReviewView.as_view(), name="review"),
    path("calibration/", calibrating.CalibrationView.as_view(), name="calibration"),
    path("calibration/preview/", calibrating.CalibrationPreviewView.as_view(), name="calibration-preview"),
    path("calibration/history/", calibrating.CalibrationHistoryView.as_view(), name="calibration-history"),
    path("search/", finding.SearchView.as_view(), name="search"),
    path("search/photo/", finding.SearchPhotoView.as_view(), name="search-photo"),
    path("identify/", finding.IdentifyView.as_view(), name="identify"),
]
