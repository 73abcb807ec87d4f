"""The command lines whose output is frozen, without Django. Each scenario has a folder of its own."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

KEYS = {
    "home/keys/release-0001-aaaaaa.key": "11" * 32 + "\n",
    "home/keys/record-0001-bbbbbb.key": "22" * 32 + "\n",
    "home/ledger/ledger.key": "33" * 32 + "\n",
}
TITLE = '{ kk = "Есеп", ru = "Отчёт", en = "Report" }'
SPEC = f"""
title = {TITLE}
period = "2025"
threshold = 10

[[table]]
name = "sex"
of = "victims"
by = ["year", "sex"]
where = {{ programme = "iom" }}

[[table]]
name = "form"
of = "victims"
by = ["exploitation", "sex"]
method = "cellkey"
params = {{ D = 8, V = 3.0, smallest = 3 }}

[[table]]
name = "noised"
of = "victims"
by = ["sex"]
method = "dp"
params = {{ rho = 0.05 }}

[[table]]
name = "crimes"
of = "crimes"
by = ["year", "region"]
title = {TITLE}

[[table]]
name = "detected"
of = "victims"
by = []
where = {{ year = ["2024", "2025"] }}

[[microdata]]
name = "people"
of = "victims"
columns = ["year", "sex", "exploitation"]
epsilon = 1

[[estimate]]
name = "undetected"
of = "victims"
period = "2024/2025"
lists = ["ngo", "hotline", "crisis_centre", "internal_affairs"]
bootstrap = 200
"""
SECOND = f"""
title = {TITLE}
period = "2025"
embargo = "2026-07-30T10:00:00+05:00"
prose = {TITLE}

[[table]]
name = "programme"
of = "victims"
by = ["programme", "sex"]
"""
# differs from a total of SPEC by a small group that SPEC suppresses
REFUSED = f"""
title = {TITLE}
period = "2025"

[[table]]
name = "small"
of = "victims"
by = []
where = {{ programme = "iom", year = "2024", sex = ["female", "male"] }}
"""
SCHEMA = """
[columns.sex]
values = ["female", "male"]
[columns.region]
values = ["north", "south", "west", "east"]
[columns.form]
values = ["labour", "sexual", "other"]
[columns.help]
values = ["shelter", "legal", "medical"]
multi = true
[columns.year]
values = ["2023", "2024", "2025"]
"""
UNSAFE = """sex,region,count,status
_T,_T,50,ok
_T,north,30,ok
_T,south,20,ok
female,_T,47,ok
male,_T,,suppressed
female,north,30,ok
female,south,17,ok
male,north,,suppressed
male,south,,suppressed
"""
TOKENS_KEY = (
    '{"format": "kerege-tokens-key/2", "exercise": "overlap-2026", "made": "2026-01-15", "key": "' + "44" * 32 + '", '
    '"terms": {"lists": ["police", "shelter"], "threshold": 0.5, "epsilon": null}}\n'
)
RELEASE = "release victims.parquet crimes.parquet --created 2026-01-01T00:00:00Z"
COHORTS = "synthesize rows.csv --schema schema.toml --columns year,sex,form --epsilon 1 --cohorts year --through 2024"
LINK = "link police.csv shelter.csv --id id"
ESTIMATE = "estimate lists.csv --bootstrap 200 --seed 3 --json"


@dataclass(frozen=True)
class Scenario:
    """Commands that run one after another in a folder with these inputs and written files.

    sweeps: sweeps of each chain of the latent classes, 0 for the default of the command.
    """

    name: str
    inputs: tuple[str, ...]
    commands: tuple[str, ...]
    files: tuple[tuple[str, str], ...] = ()
    sweeps: int = 0

    @property
    def argv(self) -> list[list[str]]:
        """Return the commands as lists of arguments."""
        return [shlex.split(command) for command in self.commands]


SCENARIOS = (
    Scenario("usage", (), (
        "--help", "--version", "nothing", "table", "table none.csv --by sex", "estimate none.csv", "verify none",
        "attack none", "link none.csv --out pairs.csv", "release none.parquet --spec none.toml --out out",
    )),
    Scenario("table", ("rows.csv", "victims.parquet"), (
        "table rows.csv --by year,sex",
        "table rows.csv --by year,sex --csv",
        "table rows.csv --by sex,help --multi help --where year=2024 --where year=2023 --where form=labour --json",
        "table victims.parquet --by sex,detected_by --json",
        "table rows.csv --by region,form --protect suppress --csv",
        "table rows.csv --by region,sex --protect suppress --threshold 20 --sensitive sex --json",
        "table rows.csv --by region,form --protect cellkey --csv",
        "table rows.csv --by region,form --protect cellkey --D 5 --V 2 --smallest 2 --additive --json",
        "table victims.parquet --by year,sex --protect cellkey --csv",
        "table rows.csv --by sex,region --protect dp --rho 0.1 --csv",
        "table rows.csv --by sex,region --protect dp --rho 0.1 --json",
        "table rows.csv --by sex --protect dp --epsilon 1 --period 2025 --json",
        "table rows.csv --by help --multi help --max-values 2 --protect dp --rho 0.05 --csv",
        "table rows.csv --by sex --protect dp --rho 50",
        "table rows.csv --by sex --protect blur",
        "table rows.csv --by sex --protect suppress --threshold 4",
        "table rows.csv --by nothing",
        "table rows.csv --by sex --csv --json",
        "table rows.csv --by sex --where sex=nobody",
    ), tuple(KEYS.items())),
    Scenario("release", ("victims.parquet", "crimes.parquet"), (
        f"{RELEASE} --spec spec.toml --out first --json",
        "verify first --json",
        "verify first --snapshot victims.parquet",
        "verify first --public-key first/public_key.pem",
        "attack first --json",
        f"{RELEASE} --spec second.toml --out second",
        "verify second",
        "attack second --prior first --json",
        f"{RELEASE} --spec refused.toml --out refused --json",
        f"{RELEASE} --spec refused.toml --out refused",
        f"{RELEASE} --spec spec.toml --out again",
        "ledger --json",
        "ledger budget 2025 0.9 --json",
        "ledger budget all --epsilon 13",
        "ledger budget 2025 0.19 --json",
        "ledger budget all --epsilon 9 --reason decision",
        "ledger",
        "ledger verify --against first second/manifest.json",
        "ledger verify --against again --json",
    ), (*KEYS.items(), ("spec.toml", SPEC), ("second.toml", SECOND), ("refused.toml", REFUSED))),
    Scenario("attack", (), (
        "attack unsafe", "attack unsafe --json", "attack unsafe --threshold 5 --json", "attack unsafe --threshold 4",
    ), (("unsafe/people.csv", UNSAFE),)),
    Scenario("synthesize", ("rows.csv",), (
        "synthesize rows.csv --schema schema.toml --multi help --epsilon 2 --dry-run --people 400 --json",
        "synthesize rows.csv --schema schema.toml --multi help --epsilon 2 --seed 5 --out people.csv --json",
        "synthesize rows.csv --schema schema.toml --multi help --epsilon 2 --seed 5 --out people.parquet",
        f"{COHORTS} --series golden --out years.csv --json",
        "synthesize rows.csv --columns sex,region,form --k-anonymous 5 --series golden --out k.csv --json",
        "synthesize rows.csv --columns sex,region --epsilon 1 --period 2026 --preset careful --order 2 --out open.csv",
        "synthesize rows.csv --epsilon 1 --k-anonymous 5 --out both.csv",
        "synthesize rows.csv --columns sex --epsilon 90 --out much.csv",
        "ledger --json",
    ), (*KEYS.items(), ("schema.toml", SCHEMA))),
    Scenario("evaluate", ("rows.csv",), (
        "synthesize rows.csv --schema schema.toml --columns sex,region,form --epsilon 2 --seed 5 --out people.csv",
        "evaluate rows.csv people.csv --no-privacy --json",
        "evaluate rows.csv people.csv --control control.csv --seed 2 --json --html page.html --lang ru",
        "evaluate rows.csv people.csv --order 2 --control control.csv",
    ), (*KEYS.items(), ("schema.toml", SCHEMA))),
    Scenario("estimate", ("lists.csv", "victims.parquet"), (
        f"{ESTIMATE} --method stepwise --method bic --method independence --method lower_bound",
        f"{ESTIMATE} --method decomposable --method thresholding",
        f"{ESTIMATE} --method loglinear --miss 0.1 --miss A=0.05 --false-link 0.01",
        "estimate lists.csv --method bic --bootstrap 200 --lang kk --chart panel.svg",
        "estimate victims.parquet --period 2024/2025 --bootstrap 200 --method stepwise --method bic --json",
        "estimate lists.csv --method guess",
    )),
    Scenario("headline", ("lists.csv",), (
        f"{ESTIMATE} --referrals-out --linkage-reviewed --least-chance 0.2",
        'estimate lists.csv --bootstrap 200 --lists A,B,C --outside "RDS, 900, 700-1200" --lang ru --chart all.svg',
    ), sweeps=1_000),
    Scenario("latent_classes_short", ("lists.csv",), (f"{ESTIMATE} --method lcmcr",), sweeps=5_000),
    Scenario("link", ("police.csv", "shelter.csv"), (
        f"{LINK} --out pairs.csv --clusters clusters.csv --no-training --json",
        f"{LINK} --out trained.csv --seed 4 --save-model model.json --save-columns columns.parquet",
        f"{LINK} --out spark.csv --save-model spark.json --spark --no-training --json",
        f"{LINK} --out own.csv --model model.json --no-training --threshold 0.9 --json",
        f"{LINK} --out page.csv --no-training --pair a39,b9 --html page.html --lang kk",
        f"{LINK} --out mapped.csv --map given_name=given --map sex= --no-training --json",
        f"{LINK} --out pairs.csv --threshold 2",
    )),
    Scenario("tokens", ("police.csv", "shelter.csv"), (
        "tokens key --out new.json --exercise other-2026 --list police --list shelter --epsilon 2 --json",
        "tokens encode police.csv --key key.json --list police --id id --out police.parquet --rows rows.csv --json",
        "tokens encode police.csv --key key.json --list police --id id --out again.csv",
        "tokens encode shelter.csv --key key.json --list shelter --id id --out shelter-tokens.csv --json",
        "tokens overlap police.parquet shelter-tokens.csv --keep --out lists.csv --json",
        "tokens overlap police.parquet shelter-tokens.csv --out same.csv",
        "tokens encode police.csv --key new.json --list police --out noisy-police.csv --id id --over-budget audit",
        "tokens encode shelter.csv --key new.json --list shelter --out noisy-shelter.csv --id id --over-budget audit",
        "tokens overlap noisy-police.csv noisy-shelter.csv --out noisy.csv --json",
        "tokens runs --json",
        "tokens overlap police.parquet --out one.csv",
    ), (("key.json", TOKENS_KEY),)),
)  # fmt: skip

# `make proofs` compares these: they take many seconds
SLOW = (Scenario("latent_classes", ("lists.csv",), (f"{ESTIMATE} --method lcmcr",)),)

REGISTER = Scenario(
    "register",
    ("records.csv",),
    (
        "migrate",
        "doctor --json",
        "export ctdc --out none",
        "report --year 2025 --out none",
        "import records.csv --dry-run --json",
        "import records.csv",
        "import records.csv --json",
        "export htcds --out htcds --json",
        "export htcds --with-identity --out named --json",
        "export ctdc --records --out ctdc --json",
        "snapshot victims.parquet --as-of 2026-03-01 --json",
        "snapshot services.parquet --of services --as-of 2026-03-01",
        "snapshot crimes.parquet --of crimes --as-of 2026-03-01",
        "snapshot suspects.parquet --of suspects --as-of 2026-03-01",
        "snapshot contacts.parquet --of contacts --as-of 2026-03-01",
        "snapshot campaigns.parquet --of campaigns --as-of 2026-03-01",
        "table victims.parquet --by sex,exploitation --json",
        "figures --json",
        "audit verify",
        "snapshot late.parquet --as-of 2027-01-01",
    ),
)
