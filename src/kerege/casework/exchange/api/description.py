"""Headers of requests and answers in the OpenAPI description."""

from __future__ import annotations

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.types import DictStrAny

from kerege.casework.exchange.api import idempotency
from kerege.casework.exchange.api.cursors import LONGEST, NEXT_CURSOR

TEXT = {"type": "string"}
SECONDS = {"type": "integer", "minimum": 1}
LANGUAGE_NAME = "Accept-Language"
LANGUAGE = {
    "in": "header",
    "name": LANGUAGE_NAME,
    "description": "Language of the messages: kk, ru or en.",
    "required": False,
    "schema": TEXT,
}
KEY = {
    "in": "header",
    "name": idempotency.HEADER,
    "description": "A random value of the caller. The same request with the same key is done once.",
    "required": True,
    "schema": TEXT | {"minLength": 1, "maxLength": idempotency.LONGEST},
}
# headers of every answer
EVERYWHERE = {
    "Cache-Control": "No copy of the answer may be kept.",
    "Content-Language": "Language of the messages.",
    "Content-Length": "Length of the body in bytes.",
    "Content-Security-Policy": "What a browser may load for the answer.",
    "Cross-Origin-Opener-Policy": "Pages of other sites get no handle of the answer.",
    "Cross-Origin-Resource-Policy": "Pages of other sites may not load the answer.",
    "Expires": "The time of the answer.",
    "Permissions-Policy": "The answer may use no device of a browser.",
    "Referrer-Policy": "A browser names this address to no other site.",
    "Vary": "Headers of the request on which the answer depends.",
    "X-Content-Type-Options": "A browser may not guess another content type.",
    "X-Frame-Options": "No page may show the answer in a frame.",
}
RETRY = {"description": "Seconds to wait before the next request.", "required": True, "schema": SECONDS}
NEXT = {
    "description": "Cursor of the next page; absent on the last page.",
    "required": False,
    "schema": TEXT | {"maxLength": LONGEST},
}


class DescribedAPI(NinjaAPI):
    """An API whose description names the headers of every request and every answer."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: DictStrAny | None = None
    ) -> OpenAPISchema:
        """Return the description with its headers."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        described = {name: {"description": text, "required": True, "schema": TEXT} for name, text in EVERYWHERE.items()}
        schema["components"]["headers"] = described
        for methods in schema["paths"].values():
            for method, operation in methods.items():
                _describe_headers(operation, changes=method == "post")
        return schema


def _describe_headers(operation: DictStrAny, *, changes: bool) -> None:
    """Add the headers of one operation to its description."""
    operation["parameters"] += [LANGUAGE, KEY] if changes else [LANGUAGE]
    is_list = any(parameter["name"] == "cursor" for parameter in operation["parameters"])
    for status, answer in operation["responses"].items():
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in EVERYWHERE}
        if int(status) == 429:
            answer["headers"]["Retry-After"] = RETRY
        if int(status) == 200 and is_list:
            answer["headers"][NEXT_CURSOR] = NEXT
