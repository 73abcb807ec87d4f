"""Groups that planned tables let a reader compute, found before anything is counted."""
