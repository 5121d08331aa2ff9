"""Transfer of an alert between the systems of two forces: offer, acceptance, refusal, lapse; 2xx is the receipt.

It has the shape of MAIT (Multi-Agency Incident Transfer, British APCO) as far as that is known in public:
messages between agencies by their identifiers, an incident created, updated and closed, and an electronic
confirmation that the receiver has it. MAIT's own schema may not be derived from (CC BY-ND), so the
element names are ours, and nothing here conforms to MAIT.
"""

from types import MappingProxyType
from xml.etree.ElementTree import Element, SubElement, tostring

from consumers.channels.message import Message
from consumers.channels.posting import Form
from domain.alerts import ALERT_CLASS

NAMESPACE = "urn:spowatch:incident-transfer:1"
STEPS = MappingProxyType(
    {
        "transfer_offered": ("create", "offered"),
        "transfer_accepted": ("update", "accepted"),
        "transfer_rejected": ("close", "rejected"),
        "transfer_timed_out": ("close", "lapsed"),
    }
)
"""What of an alert is told here: what becomes of the incident on the other side, and why."""


def transfer_form(sender: str) -> Form:
    """`sender` is our agency's identifier, as agreed with the other."""

    def written(message: Message) -> str:
        return _written(message, sender)

    return Form("application/xml", written)


def _written(message: Message, sender: str) -> str:
    function, step = STEPS[message.what]
    transfer = Element("transfer", xmlns=NAMESPACE)
    for name, text in (
        ("message", str(message.id)),
        ("from", sender),
        ("to", message.with_force),
        ("sent", message.at.isoformat()),
        ("function", function),
        ("step", step),
        ("exercise", "true" if message.exercise else "false"),
    ):
        SubElement(transfer, name).text = text
    incident = SubElement(transfer, "incident")
    for name, text in (
        ("identifier", str(message.alert)),
        ("owner", message.held_by),
        ("order", message.raised.reference),
        ("kind", str(message.raised.code)),
        ("class", str(ALERT_CLASS[message.raised.code])),
        ("priority", str(message.priority)),
        ("raised", message.raised.raised_at.isoformat()),
    ):
        SubElement(incident, name).text = text
    return tostring(transfer, encoding="unicode", xml_declaration=True)
