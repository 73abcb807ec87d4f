"""Primary and complementary suppression, recoding and rounding."""
