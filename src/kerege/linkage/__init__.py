"""Record linkage across spellings, scripts and agencies."""
