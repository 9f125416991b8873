"""A service pinned to schema-client 2.0.0: it finds the old rows where 2.0.0 keeps them, and writes more."""

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

from schema_client import AsyncClient, Json


async def main() -> None:
    async with AsyncClient() as db:
        kettle = await db.product.find_unique({"sku": "KET-1"})
        assert kettle is not None
        prices = await db.productprice.find_many(where={"productId": kettle.id})
        assert [price.amount for price in prices] == [Decimal("49.90")], "the price moved to its own table"
        source = await db.source.find_first(where={"name": "Shop reviews"})
        assert source is not None
        payload = {"stars": 5, "text": "Boils fast."}
        review = await db.review.create(
            {
                "productId": kettle.id,
                "sourceId": source.id,
                "externalId": "r-4",
                "rating": 5,
                "body": "Boils fast.",
                "keywords": ["fast", "hot"],
                "payload": Json(payload),
                "fingerprint": sha256(json.dumps(payload).encode()).digest(),
                "publishedAt": datetime(2026, 2, 1, tzinfo=UTC),
            }
        )
        run = await db.ingestrun.create({"sourceId": source.id, "seenCount": 1, "newCount": 1})
        await db.ingestrun.update(
            where={"id": run.id}, data={"status": "FAILED", "errorMessage": "the shop hung up"}
        )
        reviews = await db.review.find_many(order={"id": "asc"})
        alerts = await db.alert.count()
        print(f"wrote review {review.id}; a trigger raised {alerts} alert")
        rows = [[str(row.id), row.rating, row.fingerprint.decode().hex()] for row in reviews]
        print(json.dumps(rows))


asyncio.run(main())
