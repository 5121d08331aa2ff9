"""The webhook's form: a thin body of JSON, with the message's id in it."""

import json

from consumers.channels.message import LINE_TEST, Message
from consumers.channels.posting import Form


def _written(message: Message) -> str:
    return json.dumps(
        {
            "type": LINE_TEST if message.what == LINE_TEST else f"alert.{message.what}",
            "id": str(message.id),
            "timestamp": message.at.isoformat(),
            "data": message.told(),
        }
    )


WEBHOOK = Form("application/json", _written)
