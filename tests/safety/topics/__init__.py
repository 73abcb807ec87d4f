"""Topics of the small world of the safety tests, and what is special about their pages."""
