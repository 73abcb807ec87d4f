"""Addresses of the JSON API v1 of the public site.

They have no language and come before the register's API.
"""

from __future__ import annotations

from kerege.core.pages.public_host import PUBLIC_API
from kerege.publishing.site.files.file_urls import api_urlpatterns

app_name = PUBLIC_API
urlpatterns = api_urlpatterns
