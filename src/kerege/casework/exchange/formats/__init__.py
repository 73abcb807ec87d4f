"""Recognition and reading of workbooks and of the exports of other systems."""
