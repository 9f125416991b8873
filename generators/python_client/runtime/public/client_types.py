"""The types of a client's own arguments."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

MetricsFormat: TypeAlias = Literal["json", "prometheus"]


class DatasourceOverride(TypedDict):
    """The connection string of ``datasource=``, instead of DATABASE_URL. The other two are ignored."""

    url: str
    env: NotRequired[str]
    name: NotRequired[str]


class HttpConfig(TypedDict, total=False):
    """What Prisma Client Python takes as ``http=``. There is no HTTP here, so it is ignored."""

    app: Any
    http1: bool
    http2: bool
    limits: Any
    timeout: Any
    trust_env: bool
    max_redirects: int
