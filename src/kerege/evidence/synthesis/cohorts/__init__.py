"""Series of releases by cohort and their shared privacy budget."""
