"""Wording to begin with, one for each type of communication. None of it is legal advice: it is to be checked."""

from typing import NamedTuple

CAUTION = (
    "Wording that the law prescribes changes, and leases differ. "
    "Have statutory wording checked before it is relied on."
)


class Shipped(NamedTuple):
    type: str
    name: str
    subject: str
    body: str


DEFAULTS = (
    Shipped(
        "circular",
        "Works in the building",
        "Works at {{block_name}}",
        "<p>Dear {{salutation}},</p><p>We write to let you know of works at {{block_name}}.</p>"
        "<p>What is done: …<br>When: …<br>What it means for you: …</p>"
        "<p>If this is difficult for you, tell us at {{organisation_email}} or {{organisation_phone}}.</p>"
        "<p>Yours sincerely,<br>{{sender_name}}<br>{{organisation_name}}</p>",
    ),
    Shipped(
        "notice",
        "Notice of intention to carry out works",
        "Notice of intention to carry out works at {{block_name}}",
        "<p>{{date}}</p><p>To: {{full_name}}, leaseholder of {{unit_name}}, {{block_name}}</p>"
        "<p>This notice is given under section 20 of the Landlord and Tenant Act 1985.</p>"
        "<p>1. It is the intention to carry out these works: …</p><p>2. The works are considered necessary because …</p>"
        "<p>3. Written observations are invited, to {{organisation_name}} at {{organisation_email}}. "
        "They must be delivered by …, which is the end of the period for consultation.</p>"
        "<p>4. You may propose the name of a person from whom an estimate should be sought.</p>"
        "<p>{{sender_name}}<br>for {{organisation_name}}</p>",
    ),
    Shipped(
        "demand_letter",
        "Service charge demand",
        "Service charge demand for {{unit_name}}, {{block_name}}",
        "<p>Dear {{salutation}},</p><p>The service charge for {{unit_name}}, {{block_name}} is now due: £…, by ….</p>"
        "<p>How to pay: …</p><p>The name and address of the landlord for the purposes of sections 47 and 48 of the "
        "Landlord and Tenant Act 1987: …</p><p>The summary of rights and obligations is attached.</p>"
        "<p>Yours sincerely,<br>{{sender_name}}<br>{{organisation_name}}</p>",
    ),
    Shipped(
        "agm_notice",
        "Notice of annual general meeting",
        "Annual general meeting of {{block_name}}",
        "<p>{{date}}</p><p>Dear {{salutation}},</p><p>Notice is given that the annual general meeting of … will be held "
        "on … at …, at ….</p><p>Agenda:</p><ol><li>Apologies</li><li>Accounts</li><li>Election of directors</li>"
        "<li>Any other business</li></ol><p>A member who cannot come may appoint a proxy; the form is attached.</p>"
        "<p>By order of the board<br>{{sender_name}}</p>",
    ),
    Shipped(
        "message",
        "Short message",
        "Your flat, {{unit_name}}",
        "<p>Dear {{salutation}},</p><p>…</p><p>Yours sincerely,<br>{{sender_name}}<br>{{organisation_name}}</p>",
    ),
)
