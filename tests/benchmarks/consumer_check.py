"""What both pipelines have to end with: packages that install from the registries, and say what they are."""

from __future__ import annotations

from generators.target import GenerationRequest
from registry.consumers.throwaway_environments import NpmProject, PythonEnvironment

_PYTHON = """
import importlib, sys
print(*(importlib.import_module(name).SCHEMA_VERSION for name in sys.argv[1:]))
"""
_NODE = """
const client = await import(process.env.CLIENT);
const types = await import(process.env.TYPES);
const values = Object.keys(types[process.env.ENUM]);
console.log(typeof client.PrismaClient, values.join());
"""


def check_python(environment: PythonEnvironment, request: GenerationRequest) -> None:
    """Both wheels are importable and carry the version."""
    names = request.names
    said = environment.run(_PYTHON, names.python_import, names.python_migrations_import)
    assert said.split() == [str(request.version)] * 2


def check_node(project: NpmProject, request: GenerationRequest) -> None:
    """The client has its class, and the types package the values of the schema's first enum."""
    enum, names = request.schema.enums[0], request.names
    variables = {"CLIENT": names.node_client, "TYPES": names.typescript_types, "ENUM": enum.name}
    values = ",".join(value.name for value in enum.values)
    assert project.run(_NODE, variables=variables).split() == ["function", values]
