"""Public site: no sign-in, stable addresses, and a friendly page when nothing is published."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone, translation

from kerege.core.accounts.models import User
from kerege.publishing.releases.models import Release
from kerege.vocabulary import profile
from tests.publishing import made

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    """Return the browser of a visitor without sign-in."""
    return Client(HTTP_HOST="localhost")


def test_without_a_release_the_front_page_names_the_hotline(house: Path, visitor: Client) -> None:
    for lang in ("kk", "ru", "en"):
        page = visitor.get(f"/{lang}/", secure=True)
        assert page.status_code == 200
        assert profile.active().hotline.number in page.content.decode()


def people() -> tuple[User, User]:
    """Return two users."""
    return User.objects.create(username="preparer"), User.objects.create(username="approver")


def release(**fields: object) -> Release:
    """Return the row of a published release."""
    return Release(title="2025", period="2025", directory="annual-2025", manifest_sha256="0" * 64, **fields)


def test_a_withdrawn_release_leaves_the_report(house: Path, visitor: Client) -> None:
    made.make(house)
    preparer, _ = people()
    release(state="withdrawn", prepared_by=preparer).save()
    assert visitor.get("/en/2025/", secure=True).status_code == 404


@pytest.mark.db
def test_a_release_is_never_approved_by_the_person_who_prepared_it() -> None:
    preparer, _ = people()
    row = release(state="published", prepared_by=preparer, approved_by=preparer, approved_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    with translation.override("en"), pytest.raises(ValidationError, match="never approved by the person"):
        row.validate_constraints()


@pytest.mark.db
def test_a_release_is_never_published_without_approval() -> None:
    preparer, approver = people()
    with pytest.raises(IntegrityError), transaction.atomic():
        release(state="published", prepared_by=preparer).save()
    release(state="published", prepared_by=preparer, approved_by=approver, approved_at=timezone.now()).save()
