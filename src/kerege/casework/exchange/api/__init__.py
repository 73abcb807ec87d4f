"""API for other systems: `/api/v1`, described by OpenAPI 3.1 at `/api/v1/openapi.json`."""

from __future__ import annotations

from kerege.casework.exchange.api.routes import addresses, api, nowhere

__all__ = ["addresses", "api", "nowhere"]
