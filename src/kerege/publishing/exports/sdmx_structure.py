"""SDMX 3 structures of an export: concepts, code lists, and a data structure definition per dataflow.

The structures are Kerege's own. Concept and code ids follow the cross-domain lists of the UN and of SDMX where these
have them, so that a registry can map them one to one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pysdmx.model import (
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataStructureDefinition,
    DataType,
    ItemReference,
    Role,
    Schema,
)

from kerege.vocabulary import sdg

AGENCY, VERSION, CONCEPTS = "KEREGE", "1.0.0", "CS_KEREGE"
TIME, VALUE = "TIME_PERIOD", "OBS_VALUE"
NAMES = {
    "FREQ": "Frequency",
    "REF_AREA": "Reference area",
    TIME: "Time period",
    VALUE: "Observation value",
    "OBS_STATUS": "Observation status",
    "CONF_STATUS": "Confidentiality status",
    "COMMENT_OBS": "Comment",
    "UPPER_BOUND": "Upper bound",
    "LOWER_BOUND": "Lower bound",
    "SOURCE_DETAIL": "Source",
    "COMMENT_DSET": "Coverage",
    "REPORTING_TYPE": "Reporting type",
    "SERIES": "Series",
    "SEX": "Sex",
    "AGE": "Age",
    "UNIT_MULT": "Unit multiplier",
    "UNIT_MEASURE": "Unit of measure",
    "NATURE": "Nature of data points",
}
STANDING = {
    "CL_FREQ": {"A": "Annual"},
    "CL_OBS_STATUS": sdg.STATUSES,
    "CL_CONF_STATUS": sdg.CONFIDENTIALITY,
}
LISTS = {"FREQ": "CL_FREQ", "REF_AREA": "CL_AREA", "OBS_STATUS": "CL_OBS_STATUS", "CONF_STATUS": "CL_CONF_STATUS"}
BOUNDS = {"UPPER_BOUND", "LOWER_BOUND"}

Artefact = Codelist | ConceptScheme | DataStructureDefinition | Dataflow


@dataclass(frozen=True)
class DataflowSpec:
    """Dataflow to describe: code list by dimension id, and attributes of observations and of the data set."""

    id: str
    name: str
    dimensions: Mapping[str, str]
    attributes: Sequence[str]
    of_dataset: Sequence[str] = ()
    whole: bool = True  # whether the observations are integers
    names: Mapping[str, str] = field(default_factory=dict)  # titles of the dimensions, by id


def sdmx_id(text: str) -> str:
    """Return a text as an SDMX id: letters, digits, `_`, `-`, `$`, `@`; other signs become `-`."""
    return re.sub(r"[^A-Za-z0-9_$@-]", "-", text)


def dimension_id(column: str) -> str:
    """Return the dimension id of a column."""
    name = sdmx_id(column).upper()
    return name if name[:1].isalpha() and name not in NAMES.keys() - {"SEX"} else f"C_{name}"


def codelists(*labels: Mapping[str, Mapping[str, str]]) -> dict[str, Codelist]:
    """Return the code lists by id; the labels that several dataflows give to one list are merged."""
    merged: dict[str, dict[str, str]] = {}
    for flow_labels in labels:
        for name, known in flow_labels.items():
            merged.setdefault(name, {}).update(known)
    return {name: _codelist(name, known) for name, known in merged.items()}


def _codelist(name: str, labels: Mapping[str, str]) -> Codelist:
    items = [Code(id=sdmx_id(code), name=label) for code, label in labels.items()]
    title = name.removeprefix("CL_").replace("_", " ").capitalize()
    return Codelist(id=name, name=title, agency=AGENCY, version=VERSION, items=items)


def concepts(*flows: DataflowSpec) -> ConceptScheme:
    """Return the concept scheme of all dataflows."""
    names = dict(NAMES)
    for flow in flows:
        names |= {name: name.replace("_", " ").capitalize() for name in flow.dimensions if name not in names}
        names |= {name: title for name, title in flow.names.items() if name not in NAMES}
    items = [Concept(id=name, name=title) for name, title in names.items()]
    return ConceptScheme(id=CONCEPTS, name="Kerege concepts", agency=AGENCY, version=VERSION, items=items)


def data_structure(flow: DataflowSpec, lists: Mapping[str, Codelist]) -> DataStructureDefinition:
    """Return the data structure definition of a dataflow."""
    components = [_component(name, Role.DIMENSION, lists[name_of]) for name, name_of in flow.dimensions.items()]
    components.append(_component(TIME, Role.DIMENSION, dtype=DataType.PERIOD))
    components.append(_component(VALUE, Role.MEASURE, dtype=DataType.INTEGER if flow.whole else DataType.DOUBLE))
    for name in (*flow.attributes, *flow.of_dataset):
        dtype = None if name in LISTS else DataType.DOUBLE if name in BOUNDS else DataType.STRING
        level = "D" if name in flow.of_dataset else "O"
        components.append(_component(name, Role.ATTRIBUTE, lists.get(LISTS.get(name, "")), dtype=dtype, level=level))
    return DataStructureDefinition(
        id=f"DSD_{flow.id}", name=flow.name, agency=AGENCY, version=VERSION, components=Components(components)
    )


def _component(
    name: str, role: Role, listed: Codelist | None = None, *, dtype: DataType | None = None, level: str | None = None
) -> Component:
    concept = ItemReference(sdmx_type="Concept", agency=AGENCY, id=CONCEPTS, version=VERSION, item_id=name)
    required = role == Role.DIMENSION or name == "OBS_STATUS"
    enumeration = f"urn:sdmx:org.sdmx.infomodel.codelist.{listed.short_urn}" if listed else None
    return Component(
        id=name,
        required=required,
        role=role,
        concept=concept,
        local_codes=listed,
        local_dtype=dtype,
        attachment_level=level,
        local_enum_ref=enumeration,
    )


def dataflow(definition: DataStructureDefinition) -> Dataflow:
    """Return the dataflow of a data structure definition."""
    name = definition.id.replace("DSD_", "DF_", 1)
    return Dataflow(id=name, name=definition.name, agency=AGENCY, version=VERSION, structure=definition)


def schema(definition: DataStructureDefinition) -> Schema:
    """Return the schema of a dataflow's messages."""
    flow = dataflow(definition)
    return Schema("dataflow", AGENCY, flow.id, definition.components, version=VERSION, name=flow.name)


def artefacts(
    scheme: ConceptScheme, lists: Mapping[str, Codelist], definitions: Sequence[DataStructureDefinition]
) -> list[Artefact]:
    """Return all maintainable artefacts, each before those that refer to it."""
    return [*lists.values(), scheme, *definitions, *[dataflow(definition) for definition in definitions]]
