"""Parser of request bodies: JSON that every reader understands alike, and nothing else."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser
from ninja.types import DictStrAny

from kerege.base import strict_json

JSON = "application/json"


class StrictParser(Parser):
    """A parser that refuses other content types and ambiguous JSON, such as NaN or a repeated name."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """Return the parsed body. Raises HttpError 400 for another content type, ValueError for no JSON."""
        if request.content_type != JSON:
            raise HttpError(400, "wrong content type")
        return cast("DictStrAny", strict_json.parse(request.body))
