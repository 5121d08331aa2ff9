"""Everybody outside, built from settings: the channel, who is reached by it, and what they are told of."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from consumers.channels.cap import cap_form
from consumers.channels.hmpps import TOLD_OF, hmpps_form
from consumers.channels.mail import MailChannel, Mailer
from consumers.channels.message import Channel, Recipient
from consumers.channels.posting import Form, PostingChannel
from consumers.channels.signatures import Signer
from consumers.channels.text_message import TextMessageChannel
from consumers.channels.transfer import STEPS, transfer_form
from consumers.channels.webhook import WEBHOOK
from consumers.outward_receiver import Receiver
from consumers.recipients import Settled
from spowatch.own_key import own_key
from spowatch.settings.faults import PREFIX, SettingsError
from spowatch.settings.outward import (
    CapSettings,
    HmppsSettings,
    MailSettings,
    Signed,
    TextSettings,
    Told,
    TransferSettings,
    WebhookSettings,
    force_named,
)
from spowatch.settings.root import Settings

Clock = Callable[[], datetime]
Built = Callable[[Clock], Receiver]


def receivers(settings: Settings) -> Mapping[str, Built]:
    """How each is built, by its name. Building raises `SettingsError` for a wrong key."""
    return dict(_alone(settings)) | dict(_partners(settings))


def _alone(settings: Settings) -> Iterator[tuple[str, Built]]:
    if settings.webhook is not None:
        yield "webhook", partial(_webhook, settings, settings.webhook)
    if settings.mail is not None:
        yield "mail", partial(_mail, settings.mail)
    if settings.text is not None:
        yield "text", partial(_text, settings.text)
    if settings.hmpps is not None:
        yield "hmpps", partial(_hmpps, settings, settings.hmpps)


def _partners(settings: Settings) -> Iterator[tuple[str, Built]]:
    """Each endpoint is a receiver of its own, so that a dead one keeps no other waiting."""
    if settings.cap is not None:
        for name in settings.cap.to:
            yield f"cap-{name}", partial(_cap, settings, settings.cap, name)
    if settings.transfer is not None:
        for name in settings.transfer.to:
            yield f"transfer-{name}", partial(_transfer, settings, settings.transfer, name)


def _webhook(settings: Settings, webhook: WebhookSettings, clock: Clock) -> Receiver:
    channel = _posting("webhook", WEBHOOK, settings, webhook, webhook.url, clock)
    return _receiver("webhook", channel, webhook, {"webhook": webhook.url})


def _cap(settings: Settings, cap: CapSettings, name: str, clock: Clock) -> Receiver:
    form, url = cap_form(cap.sender, (name,)), cap.to[name]
    channel = _posting("cap", form, settings, cap, url, clock)
    return _receiver(f"cap-{name}", channel, cap, {name: url})


def _hmpps(settings: Settings, hmpps: HmppsSettings, clock: Clock) -> Receiver:
    form = hmpps_form(hmpps.detail_url)
    channel = _posting("hmpps", form, settings, hmpps, hmpps.url, clock)
    receiver = _receiver("hmpps", channel, hmpps, {"hmpps": hmpps.url})
    return replace(receiver, told_of=TOLD_OF)


def _transfer(settings: Settings, ours: TransferSettings, name: str, clock: Clock) -> Receiver:
    form, url = transfer_form(ours.sender), ours.to[name]
    channel = _posting("transfer", form, settings, ours, url, clock)
    receiver = _receiver(f"transfer-{name}", channel, ours, {name: url})
    return replace(receiver, told_of=frozenset(STEPS), takes_over_for=force_named(name))


def _mail(mail: MailSettings, _: Clock) -> Receiver:
    server = Mailer(mail.host, mail.port, mail.sender, mail.tls, mail.user, mail.password)
    return _receiver("mail", MailChannel("mail", server), mail, mail.to)


def _text(text: TextSettings, _: Clock) -> Receiver:
    return _receiver("text", text_channel(text), text, text.to)


def text_channel(text: TextSettings) -> TextMessageChannel:
    return TextMessageChannel("text", text.api_key, text.template, api=text.api)


def _receiver(
    name: str,
    channel: Channel,
    told: Told,
    to: Mapping[str, SecretStr],
) -> Receiver:
    recipients = Settled(tuple(Recipient(each, address) for each, address in to.items()))
    return Receiver(name, channel, recipients, told.of_forces, told.least)


def _posting(
    name: str,
    form: Form,
    settings: Settings,
    signed: Signed,
    url: SecretStr,
    clock: Clock,
) -> PostingChannel:
    prefix = name.upper()
    if signed.key is None:
        path = settings.data_dir / f"{name}.key"
        keys = [_checked(f"{prefix}__KEY", own_key(path), path)]
    else:
        keys = [_checked(f"{prefix}__KEY", signed.key)]
    if signed.next_key is not None:
        keys.append(_checked(f"{prefix}__NEXT_KEY", signed.next_key))
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
        msg = f"{PREFIX}{prefix}__AUTHORITY: no certificates can be read there; give a PEM file"
        raise SettingsError(msg) from fault


def _checked(name: str, key: SecretStr, path: Path | None = None) -> SecretStr:
    """Raises `SettingsError` with the setting's name and no word of the key."""
    try:
        Signer([key])
    except ValueError as fault:
        where = "" if path is None else f" in {path}, made when the setting is unset"
        msg = f"{PREFIX}{name}: {fault}{where}; see docs/reference/settings.md"
        raise SettingsError(msg) from None
    return key
