"""Archive of an indicator."""

from __future__ import annotations

import io
import zipfile

from kerege.publishing.site.files import archive
from tests.publishing.site.files.hand_made import COUNTED


def test_the_archive_lists_its_files_and_holds_the_signed_ones_unchanged() -> None:
    content = archive.write(COUNTED, {"a.csv": b"a"}, {"annual-2025/manifest.json": b"{}"})
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.read("helped-by-year/signed/annual-2025/manifest.json") == b"{}"
        readme = opened.read("helped-by-year/README.txt").decode()
    assert "- a.csv" in readme
    assert "Invented data" in readme
    assert "CC-BY-4.0" in readme
