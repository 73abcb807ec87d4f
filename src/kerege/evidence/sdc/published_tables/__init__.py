"""Published tables as an intruder finds them: cells, bounds, dates, units and columns, of any publisher."""
