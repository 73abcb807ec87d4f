"""Models of the request for synthetic records and of the certificate file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, Strict, TypeAdapter, ValidationError, WithJsonSchema

from kerege.base.errors import from_validation
from kerege.base.file_model import FileModel, Otherwise, fault
from kerege.base.file_types import Amount, Count, Given, Hash, Integer, Number
from kerege.base.message_text import shown
from kerege.evidence.dp.loss_fields import Delta, Epsilon
from kerege.evidence.dp.zcdp import DELTA
from kerege.evidence.synthesis.presets import PRESETS

MOST_ORDER = 3


def _check_preset(value: Any) -> Any:
    if not isinstance(value, str) or value not in PRESETS:
        raise fault(f"there is no preset {shown(str(value))}", f"take one of: {', '.join(PRESETS)}")
    return value


PresetName = Annotated[str, BeforeValidator(_check_preset), WithJsonSchema({"enum": list(PRESETS)})]
Order = Annotated[
    int,
    Strict(),
    Field(ge=1, le=MOST_ORDER),
    Otherwise("combinations of that length are not measured", f"take an order from 1 to {MOST_ORDER}"),
]
Seed = Annotated[
    int,
    Strict(),
    Field(ge=0, lt=2**31),
    Otherwise("the seed is not a whole number from 0 to 2147483647", "give one such as 1"),
]


@dataclass(frozen=True)
class Request:
    """A request for synthetic records; `check` validates it.

    columns: () means all. epsilon, delta: the privacy loss; delta None means 1e-9. preset: a key of PRESETS. seed: seed
    of the fit to the noisy counts; the noise itself has none. period: the period whose budget is charged, '' means the
    default. order: length of the longest measured combinations, 1 to 3. auto: whether noisy counts of single values
    choose among the columns, lower the order, and decide between records and tables.
    """

    columns: tuple[str, ...] = ()
    epsilon: Epsilon = 4.0
    delta: Delta = None
    preset: PresetName = "balanced"
    seed: Seed = 0
    period: str = ""
    order: Order = MOST_ORDER
    auto: bool = False

    @property
    def loss_at(self) -> float:
        """Return the delta that belongs to epsilon."""
        return DELTA if self.delta is None else self.delta


_RULES = TypeAdapter(Request)


def check(request: Request) -> None:
    """Raise BadInput for values that the fields of a request do not allow."""
    try:
        _RULES.validate_python(vars(request))
    except ValidationError as error:
        raise from_validation(error, "") from None


class AskedColumn(FileModel):
    """A column of the synthetic records."""

    name: str
    multi: bool
    values: Annotated[Count | None, Given()] = None
    source: Annotated[str | None, Given()] = None


class AskedRequest(FileModel):
    """Parameters of the request: a privacy loss, with or without cohorts, or k of a k-anonymous file."""

    epsilon: Annotated[Number | None, Given()] = None
    delta: Annotated[Number | None, Given()] = None
    preset: Annotated[str | None, Given()] = None
    order: Integer
    cohorts: Annotated[str | None, Given()] = None
    values: list[str] = []
    k: Annotated[Count | None, Given()] = None
    columns: list[str] = []
    seed: Annotated[Integer | None, Given()] = None
    auto: Annotated[bool | None, Given()] = None


class Hashes(FileModel):
    """SHA-256 hashes of the schema, the code and the files that a certificate describes."""

    public: Annotated[Hash | None, Given(), Field(alias="schema")] = None
    code: Hash
    code_that_measured: Annotated[Hash | None, Given()] = None
    csv: Annotated[Hash | None, Given()] = None
    parquet: Annotated[Hash | None, Given()] = None
    counts: Annotated[Hash | None, Given()] = None


class Unlisted(FileModel):
    """Columns without a public list: their number, the most such values of a record, delta, the threshold."""

    columns: Count
    values: Annotated[Count | None, Given()] = None
    delta: Amount
    kept_from: Amount


class Certificate(FileModel):
    """The certificate of a file of synthetic records: differentially private, by cohorts, or k-anonymous.

    The steps of the guarantee, the expected errors and the rows on cohorts are untyped tables. Tests recompute their
    numbers.
    """

    format: Literal["kerege-synthetic/1"]
    version: str
    guarantee: dict[str, Any]
    columns: list[AskedColumn]
    people: Annotated[Count | None, Given()] = None
    people_error: Annotated[Amount | None, Given()] = None
    expected: list[dict[str, Any]] = []
    bias: list[dict[str, Number]] = []
    accuracy: list[dict[str, object]] = []
    formulas: dict[str, str] = {}
    unlisted: Annotated[Unlisted | None, Given()] = None
    worth: bool
    advice: str
    hashes: Hashes
    request: AskedRequest
    public: Annotated[dict[str, Any] | None, Given(), Field(alias="schema")] = None
    seed: Integer
    fit: list[dict[str, Any]] = []
    rows: Count
    figures: Annotated[dict[str, Any] | None, Given()] = None
    choice: Annotated[dict[str, object] | None, Given()] = None
    cohort: Annotated[dict[str, Any] | None, Given()] = None
    cohorts: list[dict[str, Any]] = []
    beside: Annotated[dict[str, Any] | None, Given()] = None
