"""The checker of certificates detects every changed number.

See tests/evidence/synthesis/test_certificate.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.synthesis.test_certificate import KINDS, Fields, leaves, made_certificates, undetected

__all__ = ["made_certificates"]  # the fixture


@pytest.mark.parametrize("kind", KINDS)
def test_every_changed_number_is_detected(certificates: dict[str, tuple[Fields, Path]], kind: str) -> None:
    certificate, folder = certificates[kind]
    unseen = undetected(certificate, folder, kind, leaves(certificate))
    assert not unseen, " ".join(unseen)
