"""Tables of persons read into comparison columns."""
