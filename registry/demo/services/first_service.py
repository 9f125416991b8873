"""A service pinned to schema-client 1.0.0: it fills the first tables."""

from datetime import UTC, datetime
from hashlib import sha256

from schema_client import Client

with Client() as db:
    shelf = db.category.create({"slug": "kettles", "name": "Kettles"})
    source = db.source.create({"name": "Shop reviews", "baseUrl": "https://shop.example/reviews"})
    kettle = db.product.create(
        {"sku": "KET-1", "name": "Blue kettle", "price": "49.90", "currency": "EUR", "categoryId": shelf.id}
    )
    for number, stars in enumerate((5, 4, 2), start=1):
        db.review.create(
            {
                "productId": kettle.id,
                "sourceId": source.id,
                "externalId": f"r-{number}",
                "stars": stars,
                "fingerprint": sha256(f"review {number}".encode()).digest(),
                "publishedAt": datetime(2026, 1, number, tzinfo=UTC),
            }
        )
    print(f"wrote {db.review.count()} reviews of {kettle.name} at {kettle.price} {kettle.currency}")
