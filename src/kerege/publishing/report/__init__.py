"""The public report of 30 July: from the releases of a year to pages, PDF, press release and downloads."""
