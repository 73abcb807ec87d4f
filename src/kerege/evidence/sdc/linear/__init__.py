"""Linear systems of tables: bounds of every cell, the sums that tie the cells, and programs over them."""
