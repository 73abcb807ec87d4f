"""Number of records that have each code of a list, over all tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.apps import apps
from django.db.models import Count, Model

from kerege.core.database.fields import CodeField, CodesField


def count_uses(list_name: str) -> Counter[str]:
    """Return how many values of records have each code of a list."""
    uses: Counter[str] = Counter()
    for model, field in list_fields(list_name):
        groups = model._base_manager.order_by().values_list(field).annotate(Count("pk"))
        for value, number in groups.iterator():
            for code in value if isinstance(value, list) else [value]:
                uses[code] += number
    del uses[""]
    return uses


def list_fields(list_name: str) -> Iterator[tuple[type[Model], str]]:
    """Yield the columns of all tables that hold codes of a list."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, CodeField | CodesField) and field.list_name == list_name:
                yield model, field.name
