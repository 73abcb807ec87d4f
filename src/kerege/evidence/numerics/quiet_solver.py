"""The solver HiGHS without its banner."""

from __future__ import annotations

import highspy


def silent() -> highspy.Highs:
    """Return a solver that prints nothing; the public class prints a banner before it can be silenced."""
    core: type[highspy.Highs] = vars(highspy)["_Highs"]
    solver = core()
    solver.setOptionValue("output_flag", False)
    return solver
