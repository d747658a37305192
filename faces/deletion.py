"""When the site deletes an asset, by whatever way Django offers, the plugin follows."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, pre_delete

from faces import crops
from faces.host import asset_model
from faces.identity import forgetting, queries
from faces.identity.model import current_model

_CARRIED = "_faces_concerned"


def watch() -> None:
    """Connect to the site's asset model; called once, when the apps are ready."""
    pre_delete.connect(_before, sender=asset_model(), dispatch_uid="faces.deletion.before")
    post_delete.connect(_after, sender=asset_model(), dispatch_uid="faces.deletion.after")


def delete(asset: Any) -> None:
    """Delete an asset while nobody decides or admits tracks.

    Django gathers what falls with it before any signal is sent; a chunk that a scan commits between the two would
    refer to an asset that is gone, and the deletion would fail. Other ways to delete then have to be repeated.
    """
    with queries.identity_write():
        asset.delete()


def _before(instance: Any, **_: Any) -> None:
    setattr(instance, _CARRIED, forgetting.concerned_by(instance))


def _after(instance: Any, **_: Any) -> None:
    forgetting.forget(getattr(instance, _CARRIED), current_model())
    folder = crops.asset_folder(instance.pk)
    # robust: the asset is gone; a picture stored at this moment is forgotten by the scan that stored it
    transaction.on_commit(lambda: crops.forget(folder), robust=True)
