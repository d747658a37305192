"""All that the plugin has to be told about films."""

from contextlib import AbstractContextManager
from typing import Any, BinaryIO, cast

from faces.host import Host


class ArchiveHost(Host):
    def open(self, asset: Any) -> AbstractContextManager[BinaryIO]:
        return cast(AbstractContextManager[BinaryIO], asset.reel_file.open("rb"))
