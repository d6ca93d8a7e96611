"""What another system asks for: one message to one contact or one address, sent at once by the usual way."""

from django.utils import timezone
from django.utils.html import linebreaks
from django.utils.text import Truncator

from comms.channels import registry
from comms.drafting import audience, merge
from comms.models import Communication, Recipient
from comms.models.communication import Refused
from comms.sending import compose
from comms.sending.routing import Route, Router
from contacts import address as postal
from contacts import email, phone
from contacts.mistake import Mistake
from contacts.models import Contact
from portfolio.models import CHANNELS, User

SUBJECT = 80  # characters of a text that stand for its subject
NO_ADDRESS = "{channel} goes to people who are known here. Give contact_id."
# What nobody can put right by waiting. A suppressed address is recorded as dropped, like anybody's.
IN_THE_WAY = ("unreachable", "empty_field", "unmakable")


def first_words(text: str) -> str:
    """Give what stands for the subject of a text that has none: texts and posts have no subject line."""
    found = Truncator(" ".join(text.split())).chars(SUBJECT)
    if merge.unclosed(found) and not merge.unclosed(text):  # a field was cut in two
        found = found.rpartition("{{")[0].strip()
    return found or "Message"


def paragraphs(text: str) -> str:
    return linebreaks(text, autoescape=True)


def address_to(one: Communication, contact: Contact) -> None:
    """Address it to a contact; whoever gets copies of what is sent to them gets one."""
    audience.add(audience.plan_for(one, contact))


def address(one: Communication, to: str, name: str) -> None:
    """Address it to an address of its channel. Raises Mistake where it is none, Refused where the channel has none."""
    needs = registry.get(one.channel).needs
    if needs not in ("email", "phone", "address"):
        raise Refused(NO_ADDRESS.format(channel=CHANNELS.get(one.channel, one.channel)))
    read = {"email": email.parse, "phone": lambda text: phone.parse(text).e164, "address": _postal}[needs]
    written = read(to.strip())
    # Nobody is added to the contacts: this one lives as long as it takes to fill the fields.
    stranger = Contact(organisation=one.organisation, name=name or to)
    values = audience.values(one, stranger, one.unit)
    if not name:
        values |= dict.fromkeys(("salutation", "first_name", "last_name", "full_name"), "")
    Recipient.objects.create(
        organisation=one.organisation,
        communication=one,
        unit=one.unit,
        name=(name or written.partition("\n")[0])[:200],
        merge_values=values | ({"email": written} if needs == "email" else {}),
        **{needs: written},
    )


def _postal(text: str) -> str:
    found = postal.parse(text)
    if not str(found).strip():
        raise Mistake("Give the address, a line for each part.")
    return str(found)


def send(one: Communication, by: User) -> None:
    """Send it now. Raises Refused with the reason where it could not be made or reaches nobody."""
    routes = Router(one, one.recipients.select_related("contact", "unit", "regarding")).routes()
    compose.unmakable(one, routes)
    for route in routes:
        if route.word in IN_THE_WAY and not _is_copy(route):
            raise Refused(route.why)
    one.schedule(at=timezone.now(), by=by)


def _is_copy(route: Route) -> bool:
    """Say whether it is a copy for somebody else: one that reaches nobody shows in the log and stops nothing."""
    return route.recipient.regarding_id is not None
