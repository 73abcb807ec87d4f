"""Files of the public site: data, images, citations, feed, calendar, and the pages that lead to them."""
