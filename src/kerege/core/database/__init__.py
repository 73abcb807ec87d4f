"""Fields, bulk inserts and migration operations that several apps share."""
