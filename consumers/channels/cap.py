"""CAP 1.2: an alert as the Common Alerting Protocol has it, for the restricted feed of a partner.

Times are written with a numeric offset: the schema takes no Z (section 3.3.2), and London changes its own.
"""

from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from consumers.channels.message import LINE_TEST, Message
from consumers.channels.posting import Form
from domain.alerts import ALERT_CLASS, AlertClass
from domain.calendar import LONDON

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_KIND = {"raised": "Alert", "withdrawn": "Cancel", LINE_TEST: "Alert"}
_URGENCY = {1: "Immediate", 2: "Expected", 3: "Future", 4: "Future"}
_SEVERITY = {1: "Extreme", 2: "Severe", 3: "Moderate", 4: "Minor"}
_RESPONSE = {AlertClass.ARREST: "Execute", AlertClass.TEST: "None"}
_CERTAINTY = {AlertClass.ARREST: "Likely", AlertClass.REVIEW: "Possible"}


def cap_form(sender: str, addresses: tuple[str, ...]) -> Form:
    """As it is posted to a partner, by the media type that OASIS registered for it."""

    def written(message: Message) -> str:
        return cap_alert(message, sender=sender, addresses=addresses).decode()

    return Form("application/cap+xml", written)


def cap_alert(message: Message, *, sender: str, addresses: tuple[str, ...]) -> bytes:
    """The message as XML, valid against the OASIS schema. Everything but the first refers to the first.

    `sender` and `addresses` name services, not people.
    """
    alert = Element("alert", xmlns=NAMESPACE)
    for name, text in (
        ("identifier", _identifier(message)),
        ("sender", sender),
        ("sent", cap_time(message.at)),
        ("status", _status(message)),
        ("msgType", _KIND.get(message.what, "Update")),
        ("scope", "Private"),
        ("addresses", " ".join(f'"{each}"' if " " in each else each for each in addresses)),
    ):
        SubElement(alert, name).text = text
    if message.what not in ("raised", LINE_TEST):
        first = cap_time(message.first_at or message.raised.raised_at)
        SubElement(alert, "references").text = f"{sender},{message.alert},{first}"
    _describe(SubElement(alert, "info"), message)
    written: bytes = tostring(alert, encoding="utf-8", xml_declaration=True)
    return written


def cap_time(instant: datetime) -> str:
    """Local time in London with its offset, to the second."""
    return instant.astimezone(LONDON).isoformat(timespec="seconds")


def _status(message: Message) -> str:
    if message.what == LINE_TEST:
        return "Test"
    return "Exercise" if message.exercise else "Actual"


def _identifier(message: Message) -> str:
    """The alert's own id for the first message of it, so that later ones can refer to it."""
    return str(message.alert if message.what == "raised" else message.id)


def _describe(info: Element, message: Message) -> None:
    raised = message.raised
    for name, text in (
        ("language", "en-GB"),
        ("category", "Security"),
        ("event", str(raised.code)),
        ("responseType", _RESPONSE.get(ALERT_CLASS[raised.code], "Assess")),
        ("urgency", _URGENCY[message.priority]),
        ("severity", _SEVERITY[message.priority]),
        ("certainty", _CERTAINTY.get(ALERT_CLASS[raised.code], "Unknown")),
        ("headline", message.headline),
        ("description", message.instruction),
    ):
        SubElement(info, name).text = text
    for name, value in (("order", raised.reference), ("force", raised.force)):
        parameter = SubElement(info, "parameter")
        SubElement(parameter, "valueName").text = name
        SubElement(parameter, "value").text = value
