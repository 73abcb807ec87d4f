"""Answers by stratum: floor and top of each sex, age group or form, with rates per 100,000."""
