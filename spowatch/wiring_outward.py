"""What goes out of the house, built from settings: two lanes for each receiver, each a role of its own."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from consumers.channels.cap import cap_form
from consumers.channels.mail import MailChannel, Mailer
from consumers.channels.message import Channel, Recipient
from consumers.channels.posting import Form, PostingChannel
from consumers.channels.signatures import Signer
from consumers.channels.text_message import TextMessageChannel
from consumers.channels.webhook import WEBHOOK
from consumers.outward_lane import Lane, Receiver
from consumers.recipients import Settled
from spowatch.outward_settings import CapSettings, MailSettings, TextSettings, WebhookSettings
from spowatch.own_key import own_key
from spowatch.settings import Settings
from spowatch.settings_faults import PREFIX, SettingsError

if TYPE_CHECKING:
    from spowatch.open_store import Store

URGENT, OTHER = "outward-urgent", "outward"
OUTWARD = (URGENT, OTHER)
_NO_RECEIVER = (
    "this role needs a receiver: set SPO_WEBHOOK__URL, or SPO_MAIL__, SPO_TEXT__ or SPO_CAP__ "
    "settings; see docs/how-to/tell-people-outside.md"
)
Clock = Callable[[], datetime]
Built = Callable[[Clock], Receiver]


def is_lane(name: str) -> bool:
    return name.partition(":")[0] in OUTWARD


def lanes_of(settings: Settings) -> tuple[str, ...]:
    """Every lane the settings ask for; from a store for training nothing goes out."""
    if settings.for_training:
        return ()
    return tuple(f"{urgency}:{name}" for urgency in OUTWARD for name in _receivers(settings))


def lanes_named(name: str, settings: Settings) -> tuple[str, ...]:
    """`outward` is the lane of every receiver; any other role is itself."""
    if not is_lane(name):
        return (name,)
    known = tuple(f"{name.partition(':')[0]}:{each}" for each in _receivers(settings))
    if not known:
        raise SettingsError(_NO_RECEIVER)
    if ":" in name and name not in known:
        msg = f"no role {name!r}; with these settings there are {', '.join(known)}"
        raise SettingsError(msg)
    return (name,) if ":" in name else known


@contextmanager
def lane(name: str, store: "Store", clock: Clock) -> Iterator[Lane]:
    """Raises `SettingsError` when the settings name no such receiver, or a wrong key."""
    urgency, _, receiver_name = name.partition(":")
    lanes_named(name, store.settings)
    receiver = _receivers(store.settings)[receiver_name](clock)
    with closing(receiver.channel):
        exercise = store.settings.for_training
        yield Lane(
            receiver,
            store.register,
            store.events,
            clock,
            urgent=urgency == URGENT,
            exercise=exercise,
        )


def _receivers(settings: Settings) -> Mapping[str, Built]:
    """How each is built, by its name."""
    built: dict[str, Built] = {}
    if settings.webhook is not None:
        built["webhook"] = partial(_webhook, settings, settings.webhook)
    if settings.mail is not None:
        built["mail"] = partial(_mail, settings.mail)
    if settings.text is not None:
        built["text"] = partial(_text, settings.text)
    if settings.cap is not None:
        for name in settings.cap.to:
            built[f"cap-{name}"] = partial(_cap, settings, settings.cap, name)
    return built


def _webhook(settings: Settings, webhook: WebhookSettings, clock: Clock) -> Receiver:
    channel = _posting("webhook", WEBHOOK, settings, webhook, webhook.url, clock)
    return _receiver("webhook", channel, webhook, {"webhook": webhook.url})


def _cap(settings: Settings, cap: CapSettings, name: str, clock: Clock) -> Receiver:
    form, url = cap_form(cap.sender, (name,)), cap.to[name]
    channel = _posting("cap", form, settings, cap, url, clock)
    return _receiver(f"cap-{name}", channel, cap, {name: url})


def _mail(mail: MailSettings, _: Clock) -> Receiver:
    server = Mailer(mail.host, mail.port, mail.sender, mail.tls, mail.user, mail.password)
    return _receiver("mail", MailChannel("mail", server), mail, mail.to)


def _text(text: TextSettings, _: Clock) -> Receiver:
    channel = TextMessageChannel("text", text.api_key, text.template, api=text.api)
    return _receiver("text", channel, text, text.to)


def _receiver(
    name: str,
    channel: Channel,
    told: WebhookSettings | MailSettings | TextSettings | CapSettings,
    to: Mapping[str, SecretStr],
) -> Receiver:
    recipients = Settled(tuple(Recipient(each, address) for each, address in to.items()))
    return Receiver(name, channel, recipients, told.of_forces, told.least)


def _posting(
    name: str,
    form: Form,
    settings: Settings,
    signed: WebhookSettings | CapSettings,
    url: SecretStr,
    clock: Clock,
) -> PostingChannel:
    given = {"KEY": signed.key, "NEXT_KEY": signed.next_key}
    keys = [_checked(f"{name}__{each}", key) for each, key in given.items() if key is not None]
    if not keys:
        path = settings.data_dir / f"{name}.key"
        keys = [_checked(f"{name}__KEY", own_key(path), path)]
    try:
        return PostingChannel(
            name,
            form,
            keys,
            clock,
            inside=signed.may_be_inside(url),
            authority=signed.authority,
        )
    except (ssl.SSLError, OSError) as fault:
        msg = (
            f"{PREFIX}{name.upper()}__AUTHORITY: no certificates can be read there; give a PEM file"
        )
        raise SettingsError(msg) from fault


def _checked(name: str, key: SecretStr, path: Path | None = None) -> SecretStr:
    """Raises `SettingsError` with the setting's name and no word of the key."""
    try:
        Signer([key])
    except ValueError as fault:
        where = "" if path is None else f" in {path}, made when the setting is unset"
        msg = f"{PREFIX}{name.upper()}: {fault}{where}; see docs/reference/settings.md"
        raise SettingsError(msg) from None
    return key
