"""What goes out of the house, built from settings: the lanes of each receiver."""

import base64
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from consumers.channels.webhook import WebhookChannel
from consumers.outward_lane import Lane, Receiver
from spowatch.webhook_settings import WebhookSettings

if TYPE_CHECKING:
    from spowatch.open_store import Store

URGENT, OTHER = "outward-urgent", "outward"
OUTWARD = (URGENT, OTHER)
_NO_RECEIVER = "this role needs a receiver: set SPO_WEBHOOK__URL"
_KEY_BYTES = 32


@contextmanager
def lane(name: str, store: "Store", clock: Callable[[], datetime]) -> Iterator[Lane]:
    """Raises `ValueError` when the settings name no receiver."""
    webhook = store.settings.webhook
    if webhook is None:
        raise ValueError(_NO_RECEIVER)
    with closing(_channel(webhook, store.settings.data_dir, clock)) as channel:
        exercise = store.settings.for_training
        yield Lane(
            Receiver("webhook", channel),
            store.register,
            store.events,
            clock,
            urgent=name == URGENT,
            exercise=exercise,
        )


def _channel(
    webhook: WebhookSettings, data_dir: Path, clock: Callable[[], datetime]
) -> WebhookChannel:
    keys = [key for key in (webhook.key, webhook.next_key) if key is not None]
    return WebhookChannel(
        "webhook",
        webhook.url,
        keys or [_own_key(data_dir / "webhook.key")],
        clock,
        inside=webhook.may_be_inside,
        authority=webhook.authority,
    )


def _own_key(path: Path) -> SecretStr:
    """A key of this store's own, made when it is first needed; give it to the receiver."""
    fresh = "whsec_" + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
    with suppress(FileExistsError):
        made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(made, "w", encoding="ascii") as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
    return SecretStr(path.read_text(encoding="ascii").strip())
