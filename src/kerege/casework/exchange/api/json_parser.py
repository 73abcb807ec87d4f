"""Parser of request bodies: JSON as RFC 8259 defines it, and nothing else."""

from __future__ import annotations

import json
from typing import NoReturn

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.parser import Parser
from ninja.types import DictStrAny

JSON = "application/json"


class StrictParser(Parser):
    """A parser that refuses other content types, and the words NaN and Infinity, which are not JSON."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """Return the parsed body. Raises HttpError 400 for another content type, ValueError for no JSON."""
        if request.content_type != JSON:
            raise HttpError(400, "wrong content type")
        parsed: DictStrAny = json.loads(request.body, parse_constant=_refuse)
        return parsed


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)
