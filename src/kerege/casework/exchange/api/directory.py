"""API endpoint that lists the agencies."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from kerege.casework.exchange.api.authentication import Bearer
from kerege.core.accounts.models import Agency

router = Router(tags=["agencies"], auth=Bearer())


class AgencyOut(Schema):
    """An agency by its code."""

    code: str
    kind: str
    region: str
    name_kk: str
    name_ru: str
    name_en: str


@router.get("/", response=list[AgencyOut], summary="Agencies that take part")
def agencies(request: HttpRequest) -> list[Agency]:
    """Every active agency."""
    return list(Agency.objects.filter(active=True).order_by("code"))
