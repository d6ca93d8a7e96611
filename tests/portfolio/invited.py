"""How the tests invite somebody, and find the link in the mail."""

import re

from django.test import Client

from tests.sink import Sink

PEOPLE = "/o/larch/settings/people/"
INVITE = f"{PEOPLE}invite/"
NINA = {"name": "Nina Wold", "email": "nina@new.example", "role": "manager"}
PASSWORD = "a-long-walk-at-dusk"
NEWCOMER = {"name": "Nina Wold", "password": PASSWORD, "again": PASSWORD}


def link_to(sink: Sink, email: str = NINA["email"]) -> str:
    """Give the path of the link in the newest mail to an address."""
    text = sink.to(email)[-1].message.get_payload(decode=True).decode()
    return re.search(r"https?://[^/\s]+(/invitations/\S+)", text).group(1)


def invite(admin: Client, sink: Sink, **changed: str) -> str:
    """Invite Nina, or somebody like her; give the path of the link."""
    whom = NINA | changed
    assert admin.post(INVITE, whom).status_code == 302
    return link_to(sink, whom["email"])
