"""Where the machine begins and ceases to propose, and when one pair of eyes is not enough."""

from __future__ import annotations

# a pair is proposed from the first on, and withdrawn only below the second: clusters do not flicker
JOIN = 0.5
FRACTURE = 0.2
# less sure than this, two people look
SURE = 0.9
# records that may belong to one person without somebody asking why
CLUSTER = 8
# of concluded links one in so many is looked at again
SAMPLE = 10
# so many cannot tell: they talk
UNSURE = 3
# no group of the quality board shows fewer pairs
SMALLEST = 5
# records matched in one part of a run
BATCH = 100
