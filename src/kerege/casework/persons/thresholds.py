"""Thresholds for proposing a match and for asking a second reviewer."""

from __future__ import annotations

# match probabilities: a pair is proposed from JOIN and withdrawn below FRACTURE, so that clusters stay stable
JOIN = 0.5
FRACTURE = 0.2
# below this match probability, two reviewers are needed
SURE = 0.9
# most records of one person without a conflict flag
CLUSTER = 8
# one in SAMPLE links is drawn for a recheck
SAMPLE = 10
# answers "unsure" after which the reviewers discuss the pair
UNSURE = 3
# fewest pairs of a group on the quality board
SMALLEST = 5
# records in one batch of a matching run
BATCH = 100
# most records that a nightly rematch takes; the rest waits for the next night
MOST_A_NIGHT = 10_000
