"""Generated from version 1.2.0-rc.1 of the orders schema."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, NotRequired, TypeAlias, TypedDict

from . import enums
from ._runtime.public import filters
from ._runtime.public.client_types import DatasourceOverride as DatasourceOverride
from ._runtime.public.client_types import HttpConfig as HttpConfig
from ._runtime.public.client_types import MetricsFormat as MetricsFormat
from ._runtime.public.fields import DateTimeInput, DecimalInput, JsonFieldInput, JsonValue
from ._runtime.public.filters import AtomicBigIntInput as AtomicBigIntInput
from ._runtime.public.filters import AtomicFloatInput as AtomicFloatInput
from ._runtime.public.filters import AtomicIntInput as AtomicIntInput
from ._runtime.public.filters import BigIntFilter as BigIntFilter
from ._runtime.public.filters import BigIntListFilter as BigIntListFilter
from ._runtime.public.filters import BigIntListUpdate as BigIntListUpdate
from ._runtime.public.filters import BigIntWithAggregatesFilter as BigIntWithAggregatesFilter
from ._runtime.public.filters import BooleanFilter as BooleanFilter
from ._runtime.public.filters import BooleanListFilter as BooleanListFilter
from ._runtime.public.filters import BooleanListUpdate as BooleanListUpdate
from ._runtime.public.filters import BooleanWithAggregatesFilter as BooleanWithAggregatesFilter
from ._runtime.public.filters import BytesFilter as BytesFilter
from ._runtime.public.filters import BytesListFilter as BytesListFilter
from ._runtime.public.filters import BytesListUpdate as BytesListUpdate
from ._runtime.public.filters import BytesWithAggregatesFilter as BytesWithAggregatesFilter
from ._runtime.public.filters import DateTimeFilter as DateTimeFilter
from ._runtime.public.filters import DateTimeListFilter as DateTimeListFilter
from ._runtime.public.filters import DateTimeListUpdate as DateTimeListUpdate
from ._runtime.public.filters import DateTimeWithAggregatesFilter as DateTimeWithAggregatesFilter
from ._runtime.public.filters import DecimalFilter as DecimalFilter
from ._runtime.public.filters import DecimalListFilter as DecimalListFilter
from ._runtime.public.filters import DecimalListUpdate as DecimalListUpdate
from ._runtime.public.filters import DecimalWithAggregatesFilter as DecimalWithAggregatesFilter
from ._runtime.public.filters import FloatFilter as FloatFilter
from ._runtime.public.filters import FloatListFilter as FloatListFilter
from ._runtime.public.filters import FloatListUpdate as FloatListUpdate
from ._runtime.public.filters import FloatWithAggregatesFilter as FloatWithAggregatesFilter
from ._runtime.public.filters import IntFilter as IntFilter
from ._runtime.public.filters import IntListFilter as IntListFilter
from ._runtime.public.filters import IntListUpdate as IntListUpdate
from ._runtime.public.filters import IntWithAggregatesFilter as IntWithAggregatesFilter
from ._runtime.public.filters import JsonFilter as JsonFilter
from ._runtime.public.filters import JsonListFilter as JsonListFilter
from ._runtime.public.filters import JsonListUpdate as JsonListUpdate
from ._runtime.public.filters import JsonWithAggregatesFilter as JsonWithAggregatesFilter
from ._runtime.public.filters import Serializable as Serializable
from ._runtime.public.filters import SortMode as SortMode
from ._runtime.public.filters import SortOrder as SortOrder
from ._runtime.public.filters import StringFilter as StringFilter
from ._runtime.public.filters import StringListFilter as StringListFilter
from ._runtime.public.filters import StringListUpdate as StringListUpdate
from ._runtime.public.filters import StringWithAggregatesFilter as StringWithAggregatesFilter

OrderStateLiteral: TypeAlias = Literal[
    "OPEN",
    "SENT",
    "None",
]


OrderStateOrName: TypeAlias = "enums.OrderState | OrderStateLiteral"


OrderStateConditions = TypedDict(
    "OrderStateConditions",
    {
        "equals": "OrderStateOrName | None",
        "in": "Collection[OrderStateOrName]",
        "not_in": "Collection[OrderStateOrName]",
        "notIn": "Collection[OrderStateOrName]",
    },
    total=False,
)


OrderStateFilter = TypedDict(
    "OrderStateFilter",
    {
        "equals": "OrderStateOrName | None",
        "in": "Collection[OrderStateOrName]",
        "not_in": "Collection[OrderStateOrName]",
        "notIn": "Collection[OrderStateOrName]",
        "not": "OrderStateOrName | OrderStateFilter | None",
    },
    total=False,
)


OrderScalarFieldKeys: TypeAlias = Literal[
    "id",
    "ref",
    "state",
    "weight",
    "from",
    "tags",
    "extra",
    "at",
]


OrderWhereInput = TypedDict(
    "OrderWhereInput",
    {
        "AND": "filters.OneOrMore[OrderWhereInput]",
        "OR": "filters.OneOrMore[OrderWhereInput]",
        "NOT": "filters.OneOrMore[OrderWhereInput]",
        "id": "int | filters.IntFilter",
        "ref": "str | filters.StringFilter",
        "state": "OrderStateOrName | OrderStateFilter",
        "weight": "DecimalInput | filters.DecimalFilter | None",
        "from": "str | filters.StringFilter | None",
        "tags": "list[str] | filters.StringListFilter | None",
        "extra": "JsonFieldInput | filters.JsonFilter | None",
        "lines": "OrderLineListRelationFilter",
        "at": "DateTimeInput | filters.DateTimeFilter",
    },
    total=False,
)


class OrderRelevanceOrder(TypedDict, total=True):
    """How well a search, in ``to_tsquery``'s syntax, finds some fields."""

    fields: list[OrderScalarFieldKeys]
    search: str
    sort: NotRequired[filters.SortOrder]


OrderOrderByInput = TypedDict(
    "OrderOrderByInput",
    {
        "id": "filters.SortOrder | filters.SortNulls",
        "ref": "filters.SortOrder | filters.SortNulls",
        "state": "filters.SortOrder | filters.SortNulls",
        "weight": "filters.SortOrder | filters.SortNulls",
        "from": "filters.SortOrder | filters.SortNulls",
        "tags": "filters.SortOrder | filters.SortNulls",
        "extra": "filters.SortOrder | filters.SortNulls",
        "lines": "filters.CountOrder",
        "at": "filters.SortOrder | filters.SortNulls",
        "_relevance": "OrderRelevanceOrder",
    },
    total=False,
)


class OrderWhereUniqueInput(TypedDict, total=False):
    """One ``Order``, by one of its keys."""

    id: int
    ref: str


OrderCreateInput = TypedDict(
    "OrderCreateInput",
    {
        "id": "NotRequired[int]",
        "ref": "NotRequired[str]",
        "state": "NotRequired[OrderStateOrName]",
        "weight": "NotRequired[DecimalInput | None]",
        "from": "NotRequired[str | None]",
        "tags": "NotRequired[list[str] | filters.StringListSet]",
        "extra": "NotRequired[JsonFieldInput | None]",
        "lines": "NotRequired[OrderLineCreateManyNestedWithoutRelationsInput]",
        "at": "NotRequired[DateTimeInput]",
    },
    total=True,
)


OrderUpdateManyMutationInput = TypedDict(
    "OrderUpdateManyMutationInput",
    {
        "id": "int | filters.NumberUpdate[int]",
        "ref": "str | filters.ValueUpdate[str]",
        "state": "OrderStateOrName | filters.ValueUpdate[OrderStateOrName]",
        "weight": "DecimalInput | filters.NumberUpdate[DecimalInput] | None",
        "from": "str | filters.ValueUpdate[str | None] | None",
        "tags": "list[str] | filters.StringListUpdate",
        "extra": "JsonFieldInput | None",
        "at": "DateTimeInput | filters.ValueUpdate[DateTimeInput]",
    },
    total=False,
)


class OrderUpdateInput(OrderUpdateManyMutationInput, total=False):
    """Changes to a ``Order``, and to what is linked to it."""

    lines: OrderLineUpdateManyWithoutRelationsInput


class OrderUpsertInput(TypedDict, total=True):
    """A new ``Order``, or changes if it exists."""

    create: OrderCreateInput
    update: OrderUpdateInput


OrderNumberFieldKeys: TypeAlias = Literal[
    "id",
    "weight",
]


OrderScalarWhereWithAggregatesInput = TypedDict(
    "OrderScalarWhereWithAggregatesInput",
    {
        "AND": "list[OrderScalarWhereWithAggregatesInput]",
        "OR": "list[OrderScalarWhereWithAggregatesInput]",
        "NOT": "list[OrderScalarWhereWithAggregatesInput]",
        "id": "int | filters.IntAggregates",
        "ref": "str | filters.StringAggregates",
        "state": "OrderStateOrName | OrderStateFilter | filters.CountAggregates",
        "weight": "DecimalInput | filters.DecimalAggregates | None",
        "from": "str | filters.StringAggregates | None",
        "extra": "JsonFieldInput | filters.JsonAggregates | None",
        "at": "DateTimeInput | filters.DateTimeAggregates",
    },
    total=False,
)


class OrderAvgAggregateOutput(TypedDict, total=True):
    """Averages of ``Order`` rows; None where no row has a value."""

    id: float | None
    weight: Decimal | None


class OrderSumAggregateOutput(TypedDict, total=True):
    """Sums of ``Order`` rows; None where no row has a value."""

    id: int | None
    weight: Decimal | None


OrderScalarAggregateOutput = TypedDict(
    "OrderScalarAggregateOutput",
    {
        "id": "int | None",
        "ref": "str | None",
        "state": "enums.OrderState | None",
        "weight": "Decimal | None",
        "from": "str | None",
        "extra": "JsonValue | None",
        "at": "datetime | None",
    },
    total=True,
)


class OrderAggregateOutput(TypedDict, total=True):
    """Numbers about ``Order`` rows: those that were asked for."""

    _count: dict[str, int]
    _avg: OrderAvgAggregateOutput
    _sum: OrderSumAggregateOutput
    _min: OrderScalarAggregateOutput
    _max: OrderScalarAggregateOutput


OrderGroupByOutput = TypedDict(
    "OrderGroupByOutput",
    {
        "_count": "dict[str, int]",
        "_avg": "OrderAvgAggregateOutput",
        "_sum": "OrderSumAggregateOutput",
        "_min": "OrderScalarAggregateOutput",
        "_max": "OrderScalarAggregateOutput",
        "id": "int",
        "ref": "str",
        "state": "enums.OrderState",
        "weight": "Decimal | None",
        "from": "str | None",
        "tags": "list[str]",
        "extra": "JsonValue | None",
        "at": "datetime",
    },
    total=True,
)


class OrderCountInclude(TypedDict, total=False):
    """Which relations of ``Order`` to count, all rows or those that match."""

    lines: bool | filters.CountWhere[OrderLineWhereInput]


class OrderInclude(TypedDict, total=False):
    """What to read with a ``Order``."""

    lines: bool | FindManyOrderLineArgs
    _count: bool | OrderCountInclude


OrderRelationFilter = TypedDict(
    "OrderRelationFilter",
    {
        "is": "OrderWhereInput | None",
        "is_not": "OrderWhereInput | None",
        "isNot": "OrderWhereInput | None",
    },
    total=False,
)


class OrderListRelationFilter(TypedDict, total=False):
    """Conditions on all, some or none of the ``Order`` rows of a relation."""

    some: OrderWhereInput
    none: OrderWhereInput
    every: OrderWhereInput


class OrderArgs(TypedDict, total=False):
    """What to read of a related ``Order``."""

    include: OrderInclude
    omit: Sequence[OrderScalarFieldKeys]


class FindManyOrderArgs(TypedDict, total=False):
    """Which related ``Order`` rows to read, and what of them."""

    take: int
    skip: int
    where: OrderWhereInput
    cursor: OrderWhereUniqueInput
    order: OrderOrderByInput | list[OrderOrderByInput]
    order_by: OrderOrderByInput | list[OrderOrderByInput]
    distinct: Sequence[OrderScalarFieldKeys]
    include: OrderInclude
    omit: Sequence[OrderScalarFieldKeys]


class OrderConnectOrCreateWithoutRelationsInput(TypedDict, total=True):
    """A ``Order`` to link, made if it does not exist."""

    where: OrderWhereUniqueInput
    create: OrderCreateInput


class OrderCreateNestedWithoutRelationsInput(TypedDict, total=False):
    """The ``Order`` of a new row."""

    create: OrderCreateInput
    connect: OrderWhereUniqueInput
    connect_or_create: OrderConnectOrCreateWithoutRelationsInput


class OrderCreateManyNestedWithoutRelationsInput(TypedDict, total=False):
    """The ``Order`` rows of a new row."""

    create: filters.OneOrMore[OrderCreateInput]
    connect: filters.OneOrMore[OrderWhereUniqueInput]
    connect_or_create: filters.OneOrMore[OrderConnectOrCreateWithoutRelationsInput]


class OrderUpdateWithWhereUniqueInput(TypedDict, total=True):
    """Changes to one of the linked ``Order`` rows."""

    where: OrderWhereUniqueInput
    data: OrderUpdateInput


class OrderUpdateManyWithWhereInput(TypedDict, total=True):
    """Changes to those linked ``Order`` rows that match."""

    where: OrderWhereInput
    data: OrderUpdateManyMutationInput


class OrderUpsertWithWhereUniqueInput(TypedDict, total=True):
    """Changes to one of the linked ``Order`` rows, or a new one."""

    where: OrderWhereUniqueInput
    create: OrderCreateInput
    update: OrderUpdateInput


class OrderUpdateOneWithoutRelationsInput(TypedDict, total=False):
    """Changes to the ``Order`` of a row, or which it is."""

    create: OrderCreateInput
    connect: OrderWhereUniqueInput
    connect_or_create: OrderConnectOrCreateWithoutRelationsInput
    disconnect: bool
    delete: bool
    update: OrderUpdateInput
    upsert: OrderUpsertInput


class OrderUpdateManyWithoutRelationsInput(TypedDict, total=False):
    """Changes to the ``Order`` rows of a row, or which they are."""

    create: filters.OneOrMore[OrderCreateInput]
    connect: filters.OneOrMore[OrderWhereUniqueInput]
    connect_or_create: filters.OneOrMore[OrderConnectOrCreateWithoutRelationsInput]
    set: filters.OneOrMore[OrderWhereUniqueInput]
    disconnect: filters.OneOrMore[OrderWhereUniqueInput]
    delete: filters.OneOrMore[OrderWhereUniqueInput]
    update: filters.OneOrMore[OrderUpdateWithWhereUniqueInput]
    upsert: filters.OneOrMore[OrderUpsertWithWhereUniqueInput]
    update_many: filters.OneOrMore[OrderUpdateManyWithWhereInput]
    delete_many: filters.OneOrMore[OrderWhereInput]


OrderKeys: TypeAlias = "OrderScalarFieldKeys | OrderRelationalFieldKeys"


OrderRelationalFieldKeys: TypeAlias = Literal["lines"]


OrderOptionalCreateInput: TypeAlias = "OrderCreateInput"


OrderCreateWithoutRelationsInput: TypeAlias = "OrderCreateInput"


OrderOptionalCreateWithoutRelationsInput: TypeAlias = "OrderCreateInput"


FindFirstOrderArgs: TypeAlias = "FindManyOrderArgs"


FindManyOrderArgsFromOrder: TypeAlias = "FindManyOrderArgs"


OrderArgsFromOrder: TypeAlias = "OrderArgs"


OrderIncludeFromOrder: TypeAlias = "OrderInclude"


OrderMinAggregateOutput: TypeAlias = "OrderScalarAggregateOutput"


OrderMaxAggregateOutput: TypeAlias = "OrderScalarAggregateOutput"


OrderCountAggregateOutput: TypeAlias = "dict[str, int]"


OrderCountAggregateInput: TypeAlias = "Mapping[OrderScalarFieldKeys | Literal['_all'], bool]"


OrderMinAggregateInput: TypeAlias = "Mapping[OrderScalarFieldKeys, bool]"


OrderMaxAggregateInput: TypeAlias = "Mapping[OrderScalarFieldKeys, bool]"


OrderNumberAggregateInput: TypeAlias = "Mapping[OrderNumberFieldKeys, bool]"


OrderAvgAggregateInput: TypeAlias = "Mapping[OrderNumberFieldKeys, bool]"


OrderSumAggregateInput: TypeAlias = "Mapping[OrderNumberFieldKeys, bool]"


OrderLineScalarFieldKeys: TypeAlias = Literal[
    "orderId",
    "number",
]


class OrderLineWhereInput(TypedDict, total=False):
    """Conditions on ``OrderLine``: a value, or a dict of operators, for each field."""

    AND: filters.OneOrMore[OrderLineWhereInput]
    OR: filters.OneOrMore[OrderLineWhereInput]
    NOT: filters.OneOrMore[OrderLineWhereInput]
    orderId: int | filters.IntFilter
    number: int | filters.IntFilter
    order: OrderRelationFilter


class OrderLineOrderByInput(TypedDict, total=False):
    """An order of ``OrderLine`` rows."""

    orderId: filters.SortOrder | filters.SortNulls
    number: filters.SortOrder | filters.SortNulls
    order: OrderOrderByInput


class _OrderLineWhereUnique1Key(TypedDict, total=True):
    """One ``OrderLine`` by orderId, number."""

    orderId: int
    number: int


class OrderLineWhereUniqueInput(TypedDict, total=True):
    """One ``OrderLine``, by one of its keys."""

    orderId_number: _OrderLineWhereUnique1Key


class OrderLineCreateInput(TypedDict, total=True):
    """A new ``OrderLine``. A required key may come from its relation instead."""

    orderId: NotRequired[int]
    number: int
    order: NotRequired[OrderCreateNestedWithoutRelationsInput]


class OrderLineUpdateManyMutationInput(TypedDict, total=False):
    """Changes to the own fields of ``OrderLine`` rows."""

    orderId: int | filters.NumberUpdate[int]
    number: int | filters.NumberUpdate[int]


class OrderLineUpdateInput(OrderLineUpdateManyMutationInput, total=False):
    """Changes to a ``OrderLine``, and to what is linked to it."""

    order: OrderUpdateOneWithoutRelationsInput


class OrderLineUpsertInput(TypedDict, total=True):
    """A new ``OrderLine``, or changes if it exists."""

    create: OrderLineCreateInput
    update: OrderLineUpdateInput


OrderLineNumberFieldKeys: TypeAlias = Literal[
    "orderId",
    "number",
]


class OrderLineScalarWhereWithAggregatesInput(TypedDict, total=False):
    """Conditions on groups of ``OrderLine`` rows."""

    AND: list[OrderLineScalarWhereWithAggregatesInput]
    OR: list[OrderLineScalarWhereWithAggregatesInput]
    NOT: list[OrderLineScalarWhereWithAggregatesInput]
    orderId: int | filters.IntAggregates
    number: int | filters.IntAggregates


class OrderLineAvgAggregateOutput(TypedDict, total=True):
    """Averages of ``OrderLine`` rows; None where no row has a value."""

    orderId: float | None
    number: float | None


class OrderLineSumAggregateOutput(TypedDict, total=True):
    """Sums of ``OrderLine`` rows; None where no row has a value."""

    orderId: int | None
    number: int | None


class OrderLineScalarAggregateOutput(TypedDict, total=True):
    """The least or greatest values of ``OrderLine`` rows."""

    orderId: int | None
    number: int | None


class OrderLineAggregateOutput(TypedDict, total=True):
    """Numbers about ``OrderLine`` rows: those that were asked for."""

    _count: dict[str, int]
    _avg: OrderLineAvgAggregateOutput
    _sum: OrderLineSumAggregateOutput
    _min: OrderLineScalarAggregateOutput
    _max: OrderLineScalarAggregateOutput


class OrderLineGroupByOutput(OrderLineAggregateOutput, total=True):
    """A group of ``OrderLine`` rows: the fields it is made by, and what was asked for."""

    orderId: int
    number: int


class OrderLineInclude(TypedDict, total=False):
    """What to read with a ``OrderLine``."""

    order: bool | OrderArgs


OrderLineRelationFilter = TypedDict(
    "OrderLineRelationFilter",
    {
        "is": "OrderLineWhereInput | None",
        "is_not": "OrderLineWhereInput | None",
        "isNot": "OrderLineWhereInput | None",
    },
    total=False,
)


class OrderLineListRelationFilter(TypedDict, total=False):
    """Conditions on all, some or none of the ``OrderLine`` rows of a relation."""

    some: OrderLineWhereInput
    none: OrderLineWhereInput
    every: OrderLineWhereInput


class OrderLineArgs(TypedDict, total=False):
    """What to read of a related ``OrderLine``."""

    include: OrderLineInclude
    omit: Sequence[OrderLineScalarFieldKeys]


class FindManyOrderLineArgs(TypedDict, total=False):
    """Which related ``OrderLine`` rows to read, and what of them."""

    take: int
    skip: int
    where: OrderLineWhereInput
    cursor: OrderLineWhereUniqueInput
    order: OrderLineOrderByInput | list[OrderLineOrderByInput]
    order_by: OrderLineOrderByInput | list[OrderLineOrderByInput]
    distinct: Sequence[OrderLineScalarFieldKeys]
    include: OrderLineInclude
    omit: Sequence[OrderLineScalarFieldKeys]


class OrderLineConnectOrCreateWithoutRelationsInput(TypedDict, total=True):
    """A ``OrderLine`` to link, made if it does not exist."""

    where: OrderLineWhereUniqueInput
    create: OrderLineCreateInput


class OrderLineCreateNestedWithoutRelationsInput(TypedDict, total=False):
    """The ``OrderLine`` of a new row."""

    create: OrderLineCreateInput
    connect: OrderLineWhereUniqueInput
    connect_or_create: OrderLineConnectOrCreateWithoutRelationsInput


class OrderLineCreateManyNestedWithoutRelationsInput(TypedDict, total=False):
    """The ``OrderLine`` rows of a new row."""

    create: filters.OneOrMore[OrderLineCreateInput]
    connect: filters.OneOrMore[OrderLineWhereUniqueInput]
    connect_or_create: filters.OneOrMore[OrderLineConnectOrCreateWithoutRelationsInput]


class OrderLineUpdateWithWhereUniqueInput(TypedDict, total=True):
    """Changes to one of the linked ``OrderLine`` rows."""

    where: OrderLineWhereUniqueInput
    data: OrderLineUpdateInput


class OrderLineUpdateManyWithWhereInput(TypedDict, total=True):
    """Changes to those linked ``OrderLine`` rows that match."""

    where: OrderLineWhereInput
    data: OrderLineUpdateManyMutationInput


class OrderLineUpsertWithWhereUniqueInput(TypedDict, total=True):
    """Changes to one of the linked ``OrderLine`` rows, or a new one."""

    where: OrderLineWhereUniqueInput
    create: OrderLineCreateInput
    update: OrderLineUpdateInput


class OrderLineUpdateOneWithoutRelationsInput(TypedDict, total=False):
    """Changes to the ``OrderLine`` of a row, or which it is."""

    create: OrderLineCreateInput
    connect: OrderLineWhereUniqueInput
    connect_or_create: OrderLineConnectOrCreateWithoutRelationsInput
    disconnect: bool
    delete: bool
    update: OrderLineUpdateInput
    upsert: OrderLineUpsertInput


class OrderLineUpdateManyWithoutRelationsInput(TypedDict, total=False):
    """Changes to the ``OrderLine`` rows of a row, or which they are."""

    create: filters.OneOrMore[OrderLineCreateInput]
    connect: filters.OneOrMore[OrderLineWhereUniqueInput]
    connect_or_create: filters.OneOrMore[OrderLineConnectOrCreateWithoutRelationsInput]
    set: filters.OneOrMore[OrderLineWhereUniqueInput]
    disconnect: filters.OneOrMore[OrderLineWhereUniqueInput]
    delete: filters.OneOrMore[OrderLineWhereUniqueInput]
    update: filters.OneOrMore[OrderLineUpdateWithWhereUniqueInput]
    upsert: filters.OneOrMore[OrderLineUpsertWithWhereUniqueInput]
    update_many: filters.OneOrMore[OrderLineUpdateManyWithWhereInput]
    delete_many: filters.OneOrMore[OrderLineWhereInput]


OrderLineKeys: TypeAlias = "OrderLineScalarFieldKeys | OrderLineRelationalFieldKeys"


OrderLineRelationalFieldKeys: TypeAlias = Literal["order"]


OrderLineOptionalCreateInput: TypeAlias = "OrderLineCreateInput"


OrderLineCreateWithoutRelationsInput: TypeAlias = "OrderLineCreateInput"


OrderLineOptionalCreateWithoutRelationsInput: TypeAlias = "OrderLineCreateInput"


FindFirstOrderLineArgs: TypeAlias = "FindManyOrderLineArgs"


FindManyOrderLineArgsFromOrderLine: TypeAlias = "FindManyOrderLineArgs"


OrderLineArgsFromOrderLine: TypeAlias = "OrderLineArgs"


OrderLineIncludeFromOrderLine: TypeAlias = "OrderLineInclude"


OrderLineMinAggregateOutput: TypeAlias = "OrderLineScalarAggregateOutput"


OrderLineMaxAggregateOutput: TypeAlias = "OrderLineScalarAggregateOutput"


OrderLineCountAggregateOutput: TypeAlias = "dict[str, int]"


OrderLineCountAggregateInput: TypeAlias = "Mapping[OrderLineScalarFieldKeys | Literal['_all'], bool]"


OrderLineMinAggregateInput: TypeAlias = "Mapping[OrderLineScalarFieldKeys, bool]"


OrderLineMaxAggregateInput: TypeAlias = "Mapping[OrderLineScalarFieldKeys, bool]"


OrderLineNumberAggregateInput: TypeAlias = "Mapping[OrderLineNumberFieldKeys, bool]"


OrderLineAvgAggregateInput: TypeAlias = "Mapping[OrderLineNumberFieldKeys, bool]"


OrderLineSumAggregateInput: TypeAlias = "Mapping[OrderLineNumberFieldKeys, bool]"
