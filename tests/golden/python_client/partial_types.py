"""What the orders' services show: read by the generator, and never run."""

from orders_db.models import Order, OrderLine

PRIVATE = {"extra", "tags"}

# A line, and the order that it is of.
OrderLine.create_partial("LineNumber", include=["number"])
Order.create_partial(
    "OrderPublic",
    exclude=PRIVATE | {"at"},
    required={"weight"},
    optional=("state",),
    relations={"lines": "LineNumber"},
)
Order.create_partial("OrderBare", exclude_relational_fields=True)
OrderLine.create_partial("LineOfOrder", required={"order"}, relations={"order": "OrderBare"})
OrderLine.create_partial("order", relations={"order": "order_"})
Order.create_partial("order_", include={"from", "lines"}, relations={"lines": "order"})
