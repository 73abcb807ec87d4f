"""Reading of person tables into comparison columns."""
