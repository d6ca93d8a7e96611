"""The first organisation of an installation, and the way in of its first admin."""

import re

import pytest
from django.core.management import CommandError, call_command

from portfolio.models import Membership, Organisation, User
from tests import sink as smtp


def test_the_first_admin_sets_a_password_by_mail_and_is_in(committed, client, settings, capsys):
    call_command("organisation", "Larch Management Ltd", "Adam@larch.example", admin_name="Adam Frost")
    assert "adam@larch.example sets a password at" in capsys.readouterr().out
    with smtp.running() as sink:
        settings.EMAIL_BACKEND = "comms.sending.system_mail.LoggedBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        client.post("/accounts/password/reset/", {"email": "adam@larch.example"})
    text = sink.kept[0].data.decode().replace("=\r\n", "").replace("=3D", "=")
    path = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", text)[1]
    page = client.get(path, follow=True)
    client.post(
        page.request["PATH_INFO"], {"password1": "a long enough one", "password2": "a long enough one"}
    )
    client.post("/accounts/login/", {"login": "adam@larch.example", "password": "a long enough one"})

    assert client.get("/o/larch-management-ltd/settings/people/").status_code == 200
    assert Membership.objects.get().role == "admin"


def test_somebody_who_is_there_is_made_admin_of_another_one(db):
    User.objects.create_user("adam@larch.example", "a long enough one", name="Adam")
    call_command("organisation", "Larch", "adam@larch.example")
    call_command("organisation", "Harbour", "ADAM@larch.example")

    assert User.objects.count() == 1 and Membership.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("Oak", "nobody"), "is not an email address"),
        (("…", "adam@larch.example"), "Give a --slug"),
        (("larch", "adam@larch.example"), "There is an organisation at /o/larch/"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(cast, arguments, sentence):
    before = Organisation.objects.count()
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("organisation", *arguments)

    assert Organisation.objects.count() == before
