"""API endpoint that lists the agencies."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from kerege.casework.exchange.api.authentication import Bearer
from kerege.casework.exchange.api.cursors import PageIn, take_page
from kerege.casework.exchange.api.endpoint_types import REFUSED
from kerege.core.accounts.models import Agency

router = Router(tags=["agencies"], auth=Bearer())
# small rows: a system that knows no cursor still reads the agencies of a country in one answer
UNLESS_NAMED = 1000


class AgencyOut(Schema):
    """An agency by its code.

    `names` is by language. `name_kk`, `name_ru` and `name_en` repeat it; the next version lacks them.
    """

    code: str
    kind: str
    region: str
    names: dict[str, str]
    name_kk: str
    name_ru: str
    name_en: str

    @staticmethod
    def resolve_name_kk(agency: Agency) -> str:
        """Return the name in Kazakh."""
        return agency.name_in("kk")

    @staticmethod
    def resolve_name_ru(agency: Agency) -> str:
        """Return the name in Russian."""
        return agency.name_in("ru")

    @staticmethod
    def resolve_name_en(agency: Agency) -> str:
        """Return the name in English."""
        return agency.name_in("en")


@router.get("/", response={200: list[AgencyOut], **REFUSED}, summary="Agencies that take part")
def agencies(request: HttpRequest, response: HttpResponse, page: Query[PageIn]) -> list[Agency]:
    """List the active agencies, by code; `limit` is 1,000 by default."""
    return take_page(request, response, Agency.objects.filter(active=True), ["code"], page, unless_named=UNLESS_NAMED)
