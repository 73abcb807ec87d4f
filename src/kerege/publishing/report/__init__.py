"""Public annual report of 30 July: from the releases of a year to pages, PDF and press release."""
