"""Report as HTML, PDF, press files and an article check."""
