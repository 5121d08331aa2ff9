"""What goes out of the house, built from settings: the lanes of each receiver."""

import base64
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
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
    """A key of this store's own, made when it is first needed; give it to the receiver.

    Two lanes may need it in the same moment: whole or not at all, and the first stays.
    """
    if not path.exists():
        with NamedTemporaryFile("w", dir=path.parent, prefix=".webhook", encoding="ascii") as fresh:
            fresh.write("whsec_" + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode())
            fresh.flush()
            os.fsync(fresh.fileno())
            with suppress(FileExistsError):
                os.link(fresh.name, path)
    return SecretStr(path.read_text(encoding="ascii").strip())
