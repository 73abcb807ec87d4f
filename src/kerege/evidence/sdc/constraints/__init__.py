"""The constraints that published tables place on the register.

Terms of this package and of `groups`:

- A *family* is a column, or several of which one groups the values of another, such as a form of exploitation and its
  kind. An *atom* is a possible combination of values in a family. A *combination* takes an atom from each of several
  families.
- An *unknown* is the number of people in a combination. A *rule* bounds a signed sum of unknowns.
- A *clique* is a set of families whose combinations are counted together; the cliques form a junction tree.
- A *register* is a set of people that fits all published tables. It is a *witness* of every count that it shows.
- A count is *settled* when its bounds prove that it is never small, or certainly 0. It is *wide* when witnesses show as
  many possible values as the threshold, one of which is not small. A settled or wide count is safe.
"""
