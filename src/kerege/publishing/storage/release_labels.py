"""Labels with which a release is shown: those of the day on which it was made."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager

from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary.kept_labels import using_labels


def labels_of(releases: Iterable[ReleaseFiles]) -> AbstractContextManager[None]:
    """Return the context in which labels are those that releases keep, the first release first.

    A release of a version that kept none has the labels of the active lists.
    """
    return using_labels([release.labels for release in releases if release.labels])
