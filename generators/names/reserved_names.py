"""The names that a language, a library or Prisma reserves, each with its source.

Lists are written out and not read from the running interpreter or library: the same schema must give the
same package whatever versions are installed. Tests compare them with the installed ones.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: https://docs.python.org/3/reference/lexical_analysis.html#keywords (soft keywords are usable as names)
PYTHON_KEYWORDS = _names(
    """
    False None True and as assert async await break class continue def del elif else except finally
    for from global if import in is lambda nonlocal not or pass raise return try while with yield
    """
)

#: Built-in types that annotations name; a class of that name would change their meaning.
PYTHON_TYPES = _names(
    """
    bool bytes classmethod dict float frozenset int list object property set staticmethod str tuple
    type
    """
)

#: Public attributes of pydantic 2's BaseModel: a field of that name would hide them.
PYDANTIC_ATTRIBUTES = _names(
    """
    construct copy dict from_orm json model_computed_fields model_config model_construct model_copy
    model_dump model_dump_json model_extra model_fields model_fields_set model_json_schema
    model_parametrized_name model_post_init model_rebuild model_validate model_validate_json
    model_validate_strings parse_file parse_obj parse_raw schema schema_json update_forward_refs
    validate
    """
)

#: What a generated Python model has besides its fields (Prisma Client Python's documented names).
PYTHON_MODEL_ATTRIBUTES = frozenset(["create_partial", "prisma", "relation_counts"])

#: Attributes of the generated Python client (Prisma Client Python's documented names and ours).
PYTHON_CLIENT_ATTRIBUTES = _names(
    """
    batch_ close commit connect disconnect execute_raw explain is_connected is_registered listen
    model_accessor notify primary query_first query_raw tx tx_retry
    """
)

#: Public attributes of ``str`` and ``enum.Enum``: an enum's member of that name would hide a method that
#: libraries call on text.
PYTHON_ENUM_ATTRIBUTES = _names(
    """
    capitalize casefold center count encode endswith expandtabs find format format_map index isalnum
    isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle
    isupper join ljust lower lstrip maketrans mro name partition removeprefix removesuffix replace
    rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title
    translate upper value zfill
    """
)

#: Object.prototype (ECMA-262, 20.1.3): every JavaScript object has these.
JAVASCRIPT_OBJECT_MEMBERS = _names(
    """
    constructor hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf
    """
)

#: Names that strict JavaScript and TypeScript don't let code declare, though Prisma accepts them.
TYPESCRIPT_RESERVED = _names(
    """
    any arguments bigint boolean eval exports Infinity module NaN never null number object require
    string symbol undefined unknown
    """
)

#: Globals that Prisma's generated declarations use by these names, so that a model or enum would break them.
#: Found by generating a client with a model and an enum of each name, compiling it and running it.
PRISMA_CLIENT_GLOBALS = _names("Array Date Exclude Omit Required ReturnType")

#: Prisma's generator refuses these as models and enums (its validator doesn't), or declares them itself.
PRISMA_RESERVED = frozenset(["AND", "NOT", "OR", "Prisma", "PrismaPromise"])

#: Values that Prisma's client exports: an enum of that name would be overwritten. (Models are types only.)
PRISMA_CLIENT_EXPORTS = _names(
    """
    AnyNull DbNull JsonNull JsonNullValueFilter JsonNullValueInput ModelName NullTypes
    NullableJsonNullValueInput NullsOrder PrismaClientInitializationError PrismaClientKnownRequestError
    PrismaClientRustPanicError PrismaClientUnknownRequestError PrismaClientValidationError QueryMode Sql
    SortOrder Symbol TransactionIsolationLevel defineExtension empty getExtensionContext join
    prismaVersion raw runtime sql validator
    """
)

#: With a model's name in front, the enums that Prisma's client exports for each model.
PRISMA_ENUM_SUFFIXES = ("ScalarFieldEnum", "OrderByRelevanceFieldEnum")

#: What the Node client exports besides the schema's enums.
NODE_CLIENT_EXPORTS = frozenset(["PrismaPg", "SCHEMA_DIGEST", "SCHEMA_VERSION", "createClient"])

#: https://nodejs.org/api/modules.html#built-in-modules: npm accepts no new package with such a name.
NODE_MODULES = _names(
    """
    assert async_hooks buffer child_process cluster console constants crypto dgram
    diagnostics_channel dns domain events fs http http2 https inspector module net os path
    perf_hooks process punycode querystring readline repl stream string_decoder sys timers tls
    trace_events tty url util v8 vm wasi worker_threads zlib
    """
)
