"""All targets, in the order in which they are shown. A new target is added here."""

from __future__ import annotations

from schemas.prisma.bridge import PrismaBridge

from .migrations_package.generate import MigrationsTarget
from .node_client.generate import NodeClientTarget
from .python_client.generate import PythonClientTarget
from .target import Target
from .typescript_types.generate import TypesTarget


def all_targets(bridge: PrismaBridge) -> tuple[Target, ...]:
    """The targets of one release; the Node client's generator runs behind ``bridge``."""
    return (PythonClientTarget(), NodeClientTarget(bridge), TypesTarget(), MigrationsTarget())
