"""The ingestor: reads files of a feed folder, and writes the products, reviews and prospects in them.

One file is one transaction: all of it is written, or none. A file that was written goes to ``done/``, one
that can't be to ``failed/``, with the reason beside it. A document that was read before is passed over, so
that nothing is lost or written twice where the ingestor is killed between the two. Who puts a file there
writes it under another name first, and renames it to ``….json``.

Settings: DATABASE_URL, FEED (the folder). It looks when it is notified on the channel ``feed``, and every two
seconds; what it wrote it tells on the channel ``reviews``. With ``--once`` it ends after one look.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from schema_client import SCHEMA_VERSION, AsyncClient, Json, errors

FEED = Path(os.environ.get("FEED", "feed"))
_PAUSE = timedelta(seconds=2)
_RECONNECT = timedelta(minutes=5)
_ALIVE = Path(tempfile.gettempdir()) / "ingestor-alive"
_ALIVE_SECONDS = 30


async def ingest(db: AsyncClient, file: Path) -> None:
    """Write what ``file`` holds, and move it out of the way."""
    try:
        feed = json.loads(file.read_text(encoding="utf-8"))
        source = await db.source.upsert(
            where={"name": feed["source"]["name"]},
            data={"create": feed["source"], "update": {"baseUrl": feed["source"]["baseUrl"]}},
        )
    except (ValueError, KeyError, TypeError, errors.DataError) as error:
        _move(file, "failed", reason=f"no feed: {error!r}")
        return
    run = await db.ingestrun.create({"sourceId": source.id})
    try:
        async with db.tx(timeout=timedelta(minutes=1)) as tx:
            for product in feed.get("products", []):
                await _write_product(tx, product)
            written = [
                row for review in feed.get("reviews", []) if (row := await _write(tx, source.id, review))
            ]
            for prospect in feed.get("prospects", []):
                await _write_prospect(tx, prospect)
            await tx.ingestrun.update(
                where={"id": run.id},
                data={
                    "status": "SUCCEEDED",
                    "finishedAt": datetime.now().astimezone(),
                    "seenCount": len(feed.get("reviews", [])),
                    "newCount": len(written),
                },
            )
            await tx.notify("reviews", str(len(written)))
    except errors.DatabaseConnectionError:
        raise  # the file stays where it is, for the next look
    except (ValueError, KeyError, TypeError, ArithmeticError, errors.DataError) as error:
        await db.ingestrun.update(
            where={"id": run.id}, data={"status": "FAILED", "errorMessage": f"{file.name}: {error}"}
        )
        _move(file, "failed", reason=str(error))
        return
    _move(file, "done")
    for row in written:
        _tell("written", **row)


async def _write(tx: AsyncClient, source: int, review: Mapping[str, Any]) -> dict[str, Any] | None:
    """The new review, or None where the same document was written before."""
    fingerprint = sha256(json.dumps(review, sort_keys=True).encode()).digest()
    if await tx.review.find_unique({"fingerprint": fingerprint}) is not None:
        return None
    product = await tx.product.find_unique({"sku": review["sku"]})
    if product is None:
        raise ValueError(f"there is no product {review['sku']!r}")
    row = await tx.review.create(
        {
            "productId": product.id,
            "sourceId": source,
            "externalId": review["id"],
            "rating": review["rating"],
            "title": review.get("title"),
            "body": review["body"],
            "keywords": review.get("keywords", []),
            "payload": Json(dict(review)),
            "fingerprint": fingerprint,
            "publishedAt": datetime.fromisoformat(review["publishedAt"]),
        }
    )
    return {"id": str(row.id), "rating": row.rating, "fingerprint": fingerprint.hex()}


async def _write_product(tx: AsyncClient, product: Mapping[str, Any]) -> None:
    """A product that isn't there yet, with its first price."""
    shelf = {"slug": product["shelf"], "name": product["shelf"]}
    category = await tx.category.upsert(
        where={"slug": shelf["slug"]}, data={"create": shelf, "update": {"slug": shelf["slug"]}}
    )
    price = {"currency": product["currency"], "amount": Decimal(product["price"])}
    row = {"sku": product["sku"], "name": product["name"], "status": "ACTIVE", "categoryId": category.id}
    if await tx.product.find_unique({"sku": product["sku"]}) is None:
        await tx.product.create({**row, "prices": {"create": price}})


async def _write_prospect(tx: AsyncClient, prospect: Mapping[str, Any]) -> None:
    if await tx.prospect.find_first(where={"company": prospect["company"]}) is None:
        value = prospect.get("expectedValue")
        await tx.prospect.create(
            {"company": prospect["company"], "expectedValue": None if value is None else Decimal(value)}
        )


def _move(file: Path, folder: str, *, reason: str | None = None) -> None:
    target = file.parent / folder
    target.mkdir(exist_ok=True)
    if reason is not None:
        (target / f"{file.name}.reason").write_text(f"{reason}\n", encoding="utf-8")
    file.replace(target / file.name)
    _tell(folder, file=file.name, **({"reason": reason} if reason else {}))


def _tell(event: str, **values: Any) -> None:
    print(json.dumps({"event": event, **values}), flush=True)


async def look(db: AsyncClient) -> None:
    """Ingest every file that is there, oldest name first."""
    for file in sorted(FEED.glob("*.json")):
        await ingest(db, file)
    _ALIVE.touch()


async def run() -> None:
    """Look whenever somebody asks, and every two seconds, until a signal comes."""
    async with AsyncClient() as db, db.listen("feed", reconnect=_RECONNECT) as notifications:
        _tell("listening", schema=SCHEMA_VERSION)
        while True:
            try:
                await look(db)
            except errors.DatabaseConnectionError as error:
                _tell("waiting", reason=type(error).__name__)
            async for _ in notifications(timeout=_PAUSE):
                break


async def run_once() -> None:
    """Look one time."""
    async with AsyncClient() as db:
        await look(db)


def is_alive() -> bool:
    """Whether a running ingestor looked within the last half minute."""
    try:
        return time.time() - _ALIVE.stat().st_mtime < _ALIVE_SECONDS
    except FileNotFoundError:
        return False


def main() -> int:
    """Run, or answer the health check."""
    if "--is-alive" in sys.argv[1:]:
        return 0 if is_alive() else 1
    if "--once" in sys.argv[1:]:
        asyncio.run(run_once())
        return 0
    # As PID 1 a process has no default for SIGTERM: end as Ctrl-C does, with what runs rolled back.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
