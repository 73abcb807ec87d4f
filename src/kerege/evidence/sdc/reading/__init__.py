"""Files of any publisher: figures, marks, totals, crosstabs, workbooks and hierarchies."""
