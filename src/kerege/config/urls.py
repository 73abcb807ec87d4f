"""URL configuration: every page is under its language; `/` redirects to the user's language."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path, re_path

from kerege.casework.exchange.api import addresses, nowhere

# apps with pages; the vault has none on purpose
ROOMS = [
    "kerege.coordination.risk",
    "kerege.coordination.commissions",
    "kerege.coordination.measures",
    "kerege.casework.desk",
    "kerege.casework.exchange",
    "kerege.casework.persons",
    "kerege.casework.rights",
    "kerege.casework.intake",
    "kerege.casework.assistance",
    "kerege.casework.justice",
    "kerege.casework.awareness",
    "kerege.casework.cases",
    "kerege.publishing.site",
]
PUBLIC = ["kerege.casework.intake.public_urls", "kerege.coordination.measures.public_urls"]
MODULES = ["kerege.core.admin.law.urls", *PUBLIC, *(f"{room}.urls" for room in ROOMS)]
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("kerege.publishing.site.files.api_urls")),
    path("api/v1/", addresses),
    re_path("^api(?:/.*)?$", nowhere, name="no-interface"),
]
urlpatterns += i18n_patterns(
    path("account/", include("kerege.core.admin.accounts.urls")),
    path("", include("kerege.core.integrations.urls")),
    path("", include("kerege.core.admin.audit.urls")),
    path("", include("kerege.publishing.composer.urls")),
    *(path("", include(module)) for module in MODULES),
)
