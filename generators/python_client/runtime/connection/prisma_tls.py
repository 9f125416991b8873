"""The TLS options of Prisma's URLs as libpq's.

https://www.prisma.io/docs/orm/overview/databases/postgresql#configuring-an-ssl-connection
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..public.errors import DatabaseConnectionError


def take_over_tls(parameters: dict[str, Any], foreign: Mapping[str, str]) -> None:
    """Complete libpq's parameters: whoever asked for strictness must not be connected without it.

    Raises DatabaseConnectionError for what libpq has no like of.
    """
    if "sslidentity" in foreign:
        raise DatabaseConnectionError(
            "sslidentity: no PKCS 12 file can be read here; have openssl pkcs12 make PEM files of it, "
            "and name them as sslcert and sslkey"
        )
    if "sslaccept" not in foreign:
        return
    # Beside sslaccept and without a key, it is Prisma's sslcert: the authority's, not the client's.
    authority = None if "sslkey" in parameters else parameters.pop("sslcert", None)
    if foreign["sslaccept"] == "strict" and parameters.get("sslmode") != "disable":
        parameters["sslmode"] = "verify-full"
        if authority is not None or not os.environ.get("PGSSLROOTCERT"):
            parameters.setdefault("sslrootcert", authority or "system")
