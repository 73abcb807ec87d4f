"""Services that write links: matching, review, merge and unmerge."""
