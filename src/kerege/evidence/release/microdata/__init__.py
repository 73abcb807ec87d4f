"""Synthetic microdata as a part of a release: what is asked for, how it is made, and the files that go with it."""
