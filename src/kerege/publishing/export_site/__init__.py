"""Static export of the public site of one moment as signed files, with files for web servers."""
