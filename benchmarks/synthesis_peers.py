"""Peers of the synthesiser: how each is installed and called.

Each script is run as a process of its own, with the table, the output, epsilon, delta and its settings. The possible
values of a column are those of the table, except for pac-synth, which finds them itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.peer_environments import environment

PAC = """
import sys
import pandas as pd
from pacsynth import *
path, out, epsilon, delta, settings = sys.argv[1:]
table = Dataset.from_data_frame(pd.read_csv(path, dtype=str, keep_default_na=False))
asked = DpAggregateSeededParametersBuilder().reporting_length(3).epsilon(float(epsilon)).delta(float(delta))
if settings == "toolkit":
    asked = asked.percentile_percentage(99).percentile_epsilon_proportion(0.01)
    asked = asked.accuracy_mode(AccuracyMode.prioritize_long_combinations()).number_of_records_epsilon_proportion(0.005)
    asked = asked.fabrication_mode(FabricationMode.balanced()).empty_value("").weight_selection_percentile(95)
    asked = asked.use_synthetic_counts(True).aggregate_counts_scale_factor(1.0)
synthesizer = DpAggregateSeededSynthesizer(asked.build())
synthesizer.fit(table)
names, *rows = synthesizer.sample()
pd.DataFrame(rows, columns=names).to_csv(out, index=False)
"""
# JAX compiles anew for each shape of a model and keeps every result: without `clear_caches` AIM runs out of memory. To
# clear before every fit would compile the common parts anew in each.
SMARTNOISE = """
import itertools
import sys
import jax
import numpy as np
import pandas as pd
from mbi import estimation
from snsynth import Synthesizer
path, out, epsilon, delta, settings = sys.argv[1:]
name, *options = settings.split()
more = {key: int(value) for key, value in (option.split("=") for option in options)}
iterations, fit, fits = more.pop("iterations", 0), estimation.mirror_descent, itertools.count()
def clean_fit(*given, iters=1000, **named):
    if next(fits) % 8 == 0:
        jax.clear_caches()
    return fit(*given, iters=iterations or iters, **named)
estimation.mirror_descent = clean_fit
np.random.seed(7)
table = pd.read_csv(path, dtype=str, keep_default_na=False)
synthesizer = Synthesizer.create(name, epsilon=float(epsilon), delta=float(delta), **more)
synthesizer.fit(table, categorical_columns=list(table.columns), preprocessor_eps=0.0)
synthesizer.sample(len(table)).to_csv(out, index=False)
"""
CODED = """
import sys
import pandas as pd
path, out, epsilon, delta, settings = sys.argv[1:]
table = pd.read_csv(path, dtype=str, keep_default_na=False).astype("category")
values = {name: list(table[name].cat.categories) for name in table}
coded = table.apply(lambda column: column.cat.codes).astype(int)
def write(made):
    named = {name: [values[name][int(code)] for code in made[name]] for name in table}
    pd.DataFrame(named).to_csv(out, index=False)
"""
# privsyn-core 0.1.1 fits an array of records that starts with the first value everywhere, and returns a frame that the
# fit never changes; where the chosen pairs are a forest, it leaves the root of each tree at its first value. `mended`
# starts the array from the single counts, returns it, and fits all chosen pairs.
PRIVSYN = f"""{CODED}
import numpy as np
from privsyn import PrivSynModel
from privsyn.lib_synthesize.GUM import GUM_Mechanism
from privsyn.lib_synthesize.records_update import RecordUpdate
start, fit = RecordUpdate.initialize_records, GUM_Mechanism._update_records
def start_from_counts(self, *given, **named):
    start(self, *given, **named)
    self.records = self.df.to_numpy(dtype=np.uint32).copy()
def return_fitted(self, *given):
    fitted = fit(self, *given)
    fitted.update.df = pd.DataFrame(fitted.update.records, columns=fitted.update.df.columns)
    return fitted
if settings == "mended":
    RecordUpdate.initialize_records, GUM_Mechanism._update_records = start_from_counts, return_fitted
fitting = {{"append": False}} if settings == "mended" else {{}}
model = PrivSynModel(float(epsilon), float(delta), random_state=7, extra_params=fitting)
model.fit(coded, {{name: len(listed) for name, listed in values.items()}})
write(model.sample(len(table)))
"""
DPMM = f"""{CODED}
from dpmm.models.aim import AIMGM
from dpmm.models.mst import MSTGM
from dpmm.models.priv_bayes import PrivBayesGM
from dpmm.pipelines.base import GenerativePipeline
name, *options = settings.split()
more = {{key: int(value) for key, value in (option.split("=") for option in options)}}
model = {{"aim": AIMGM, "mst": MSTGM, "bayes": PrivBayesGM}}[name]
pipeline = GenerativePipeline(model(epsilon=float(epsilon), delta=float(delta), n_jobs=1, **more))
pipeline.fit(coded, domain={{name: len(listed) for name, listed in values.items()}}, random_state=7)
write(pipeline.generate(n_records=len(table), random_state=7))
"""
# The networks of smartnoise-synth need torch (3 GB); MST and AIM do not.
NO_NETWORKS = ("torch", "opacus")


@dataclass(frozen=True)
class Package:
    """A package of a peer: its version, the script that calls it, the Python that it needs."""

    name: str
    script: str
    requirements: tuple[str, ...]
    python: str = ""
    without: tuple[str, ...] = ()

    def command(self, folder: Path) -> list[str]:
        """Return the start of the command of a run; make the environment when it is not there."""
        python = environment(folder / self.name, *self.requirements, python=self.python, without=self.without)
        return [str(python), "-c", self.script]


PACKAGES = {
    package.name: package
    for package in (
        Package("pacsynth", PAC, ("pac-synth==0.0.8", "pandas<3")),
        Package("smartnoise", SMARTNOISE, ("smartnoise-synth==1.0.8",), without=NO_NETWORKS),
        Package("privsyn", PRIVSYN, ("privsyn-core==0.1.1",)),
        Package("dpmm", DPMM, ("dpmm==0.1.9",), python="3.11"),
    )
}
PEERS = {
    "pacsynth": {"pac-synth 0.0.8, Toolkit": "toolkit", "pac-synth 0.0.8, defaults": "default"},
    "mst": {"MST (smartnoise-synth 1.0.8)": "mst"},
    "privsyn": {"PrivSyn (privsyn-core 0.1.1)": "", "PrivSyn (privsyn-core 0.1.1), mended": "mended"},
    "aim": {
        "AIM (smartnoise-synth 1.0.8), 64 rounds, 1 MB": "aim rounds=64 max_model_size=1 iterations=200",
    },
    "aim-full": {"AIM (smartnoise-synth 1.0.8), defaults": "aim"},
    "dpmm": {"PrivBayes (dpmm 0.1.9)": "bayes"},
    "aim-dpmm": {"AIM (dpmm 0.1.9), 64 rounds, 1 MB": "aim rounds=64 max_model_size=1 n_iters=200"},
    "mst-dpmm": {"MST (dpmm 0.1.9)": "mst"},
}
_HOMES = {"mst": "smartnoise", "aim": "smartnoise", "aim-full": "smartnoise", "aim-dpmm": "dpmm", "mst-dpmm": "dpmm"}


def package_of(peer: str) -> Package:
    """Return the package that a peer is called from."""
    return PACKAGES[_HOMES.get(peer, peer)]
