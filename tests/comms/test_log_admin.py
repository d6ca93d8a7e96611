import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

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


def test_staff_of_the_admin_who_are_no_superusers_see_nothing_of_the_log(inside, client_of):
    entry = write(inside.organisation)
    inside.adam.is_staff = True
    inside.adam.save()

    assert client_of(inside.adam).get("/admin/comms/logentry/").status_code == 403
    assert client_of(inside.adam).get(f"/admin/comms/logentry/{entry.pk}/change/").status_code == 403
