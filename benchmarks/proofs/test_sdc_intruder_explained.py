"""The report of a disclosure is correct.

The check is that of tests/evidence/sdc/disclosure/test_intruder_explained.py on more releases.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evidence.sdc.disclosure.test_intruder_explained import check_explanations
from tests.evidence.sdc.disclosure.test_intruder_oracle import SCHEMES


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6), scheme=st.sampled_from(sorted(SCHEMES)), mode=st.sampled_from(["one", "same"]))
def test_the_sources_suffice_and_the_remedy_stops_the_disclosure(seed: int, scheme: str, mode: str) -> None:
    check_explanations(seed, scheme, mode)
