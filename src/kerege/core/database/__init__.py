"""Fields, bulk inserts and migration operations that several rooms share."""
