"""From a specification to a signed release folder."""
