"""Published tables as an intruder finds them: cells, bounds, dates, units, columns, of any publisher."""
