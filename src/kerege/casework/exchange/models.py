"""Model of the maps that an agency keeps for its files."""

from __future__ import annotations

import uuid

from django.db import models

LONGEST_NAME = 60


class NamedMap(models.Model):
    """Map of an agency's own file under a name. `content` is that of a map file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=LONGEST_NAME)
    content = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="one_map_of_a_name_and_agency")]
