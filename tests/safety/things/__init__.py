"""What each topic adds to the small world of the safety tests, and what is special about its pages."""
