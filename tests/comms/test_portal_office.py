"""The office's side of a resident's page: everybody sees whether a link stands, writers make, show and end it."""

import logging

import pytest
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from comms.models import PortalLink
from comms.portal import links
from config.redact import SecretPaths
from contacts.models import Contact
from tests.comms.residents import link_of, page, phone


@pytest.fixture
def ada(inside):
    return inside.contacts[0]


def address(contact, name="portal-link"):
    return reverse(f"comms:{name}", args=["larch", contact.public_id])


def test_the_contact_leads_to_it(ada, inside, client_of):
    shown = client_of(inside.sam).get(ada.get_absolute_url()).content.decode()

    assert address(ada) in shown


def test_a_writer_makes_a_link_and_has_it_shown_again(ada, inside, client_of):
    alice, unit = client_of(inside.alice), {"unit": str(inside.units[0].public_id)}
    assert "No link stands." in alice.get(address(ada)).content.decode()

    made = alice.post(address(ada), unit)

    link = PortalLink.objects.get()
    assert (link.contact, link.unit, link.created_by) == (ada, inside.units[0], inside.alice)
    url = links.portal_url(link)
    assert url in made.content.decode() and made["Cache-Control"] == "no-store, private"
    assert url not in alice.get(address(ada)).content.decode()  # only where it was asked for
    again = alice.post(address(ada), unit).content.decode()
    assert url in again and PortalLink.objects.count() == 1


def test_everybody_sees_whether_a_link_stands_and_nobody_else_sees_the_link(ada, inside, client_of):
    link = link_of(inside)
    phone().get(page(link))

    for user in (inside.sam, inside.audrey):
        shown = client_of(user).get(address(ada)).content.decode()
        assert "Stands since" in shown and "made by Alice Marsh" in shown
        assert "Show the link" not in shown and "Revoke" not in shown and links.token_of(link) not in shown
        assert client_of(user).post(address(ada), {"unit": ""}).status_code == 403
        assert client_of(user).post(address(ada, "portal-link-revoke")).status_code == 403


def test_a_writer_revokes_it(ada, inside, client_of):
    link, alice = link_of(inside), client_of(inside.alice)
    opened, unit = page(link), {"unit": str(inside.units[0].public_id)}

    for _ in range(2):
        alice.post(address(ada, "portal-link-revoke"), unit)

    link.refresh_from_db()
    assert link.revoked_by == inside.alice
    assert phone().get(opened).status_code == 410
    assert "No link stands." in alice.get(address(ada)).content.decode()


def test_a_link_is_made_for_a_flat_that_is_theirs_only(ada, inside, client_of):
    alice = client_of(inside.alice)

    for unit in (str(inside.units[1].public_id), "", "nonsense"):
        assert alice.post(address(ada), {"unit": unit}).status_code == 302

    assert not PortalLink.objects.exists()


def test_somebody_without_a_flat_can_have_a_page(inside, client_of):
    agent = Contact.objects.create(organisation=inside.organisation, name="Pennine Agents")

    client_of(inside.alice).post(address(agent), {"unit": ""})

    assert PortalLink.objects.get().unit is None


def test_no_link_is_made_for_who_is_archived_but_one_that_stands_can_be_ended(ada, inside, client_of):
    alice, unit = client_of(inside.alice), {"unit": str(inside.units[0].public_id)}
    Contact.objects.filter(pk=ada.pk).update(archived_at=timezone.now())

    alice.post(address(ada), unit)
    assert not PortalLink.objects.exists()
    link_of(inside)
    assert "Revoke" in alice.get(address(ada)).content.decode()
    alice.post(address(ada, "portal-link-revoke"), unit)
    assert not PortalLink.objects.standing().exists()


def test_mallory_finds_nothing(ada, cast, client_of):
    mallory = client_of(cast.mallory)

    for name in ("portal-link", "portal-link-revoke"):
        assert mallory.post(address(ada, name), {"unit": ""}).status_code == 404
        theirs = reverse(f"comms:{name}", args=["harbour", ada.public_id])
        assert mallory.post(theirs, {"unit": ""}).status_code == 404
    with scope(organisation=cast.organisation):
        assert not PortalLink.objects.exists()


def test_no_log_line_has_the_secret(inside, caplog):
    link = link_of(inside)
    token, keep = links.token_of(link), SecretPaths()
    with caplog.at_level(logging.WARNING, "django.request"):
        caplog.handler.addFilter(keep)
        logging.getLogger("django.request").addHandler(caplog.handler)
        phone().post(page(link))  # not allowed there
        phone().get(f"{page(link)}posts/{link.public_id}/?next=1")
        logging.getLogger("django.request").removeHandler(caplog.handler)
        caplog.handler.removeFilter(keep)

    assert "/p/…" in caplog.text
    assert token not in caplog.text
