"""Chat and mail through apprise, which knows over a hundred services, each by an address of its own."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from ..catalogue import Delivery
from ..config.channels import ChatTable
from .channel import Failure
from .message import message
from .places import required, unusable
from .time_limit import within

_WHOLE_SECONDS = 30


class ChatChannel:
    """The address of ``[notify.chat.<name>]``."""

    def __init__(self, name: str, table: ChatTable) -> None:
        self._setting = f"[notify] channel {name}"
        self._table = table

    def require(self) -> None:
        self._service()

    def send(self, delivery: Delivery, at: datetime) -> Failure | None:  # noqa: ARG002 - it dates its messages itself
        service = self._service()
        told = message(delivery.body)
        try:
            arrived = within(
                _WHOLE_SECONDS,
                lambda: service.notify(title=told.title, body=told.text, body_format="text"),
            )
        except TimeoutError:
            return Failure(why="no answer in time")
        except Exception as error:  # whatever a service does; its text may have the address in it
            return Failure(why=f"apprise failed ({type(error).__name__})")
        return None if arrived else Failure(why="apprise could not deliver it")

    def _service(self) -> Any:
        import apprise  # noqa: PLC0415 - slow to import, and only needed where there is such a channel

        # What it logs may have parts of an address in it.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        place = self._table.url
        asset = apprise.AppriseAsset(http_redirects=False, storage_mode="memory", secure_logging=True)
        asset.app_id = asset.app_desc = "Schema Service"
        service = apprise.Apprise(asset=asset)
        if not service.add(required(place, self._setting).reveal()):
            raise unusable(
                place, "is no address that apprise can use", "correct it; apprise's pages have each form"
            )
        return service
