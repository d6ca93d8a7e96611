import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from portfolio.models import User
from tests.comms.logbook import happen, write


@pytest.fixture
def superuser(cast, client_of):
    return client_of(
        User.objects.create(email="root@larch.example", name="Root", is_staff=True, is_superuser=True)
    )


@pytest.mark.parametrize("model", ["logentry", "deliveryevent", "delivery"])
def test_a_superuser_reads_and_changes_nothing(inside, superuser, model):
    entry = write(inside.organisation)
    happen(entry, "sent")
    pk = entry.events.get().pk if model == "deliveryevent" else entry.pk

    with CaptureQueriesContext(connection) as queries:
        assert superuser.get(f"/admin/comms/{model}/").status_code == 200
    assert not any("COUNT(" in query["sql"] and "comms_" in query["sql"] for query in queries)
    assert superuser.get(f"/admin/comms/{model}/{pk}/change/").status_code == 200
    assert superuser.post(f"/admin/comms/{model}/{pk}/change/", {"title": "Other"}).status_code == 403
    assert superuser.get(f"/admin/comms/{model}/add/").status_code == 403
    assert superuser.post(f"/admin/comms/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_organisations_admin_reads_their_own_log_only(inside, client_of):
    ours = write(inside.organisation, title="About the lift")
    with scope(organisation=inside.other):
        theirs = write(inside.other, title="About the quay")
    inside.adam.is_staff = True
    inside.adam.save()
    client = client_of(inside.adam)

    page = client.get("/admin/comms/logentry/").content.decode()

    assert "About the lift" in page
    assert "About the quay" not in page
    assert client.get(f"/admin/comms/logentry/{ours.pk}/change/").status_code == 200
    assert (
        client.get(f"/admin/comms/logentry/{theirs.pk}/change/").status_code == 302
    )  # as if it were not there
    assert client.post(f"/admin/comms/logentry/{ours.pk}/change/", {"title": "Other"}).status_code == 403


def test_staff_of_the_admin_who_lead_no_organisation_see_nothing_of_the_log(inside, client_of):
    entry = write(inside.organisation)
    inside.sam.is_staff = True
    inside.sam.save()

    assert client_of(inside.sam).get("/admin/comms/logentry/").status_code == 403
    assert client_of(inside.sam).get(f"/admin/comms/logentry/{entry.pk}/change/").status_code == 403
