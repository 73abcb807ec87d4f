"""People-level oracle of the disclosure risk assessment. It shares no code with the product.

`registers` enumerates registers, `releases` and `planted` make unions of releases, and `random_unions` draws them.
`groups` lists the groups of the definition, `exact_ends` finds the least and the most people of each group, and
`comparison` compares an assessment.
"""
