"""An admin changes what the organisation is called and how it is reached; mistakes are said at their fields."""

import pytest

from portfolio.models import Organisation

PAGE = "/o/larch/settings/"


@pytest.fixture
def adam(cast, client_of):
    return client_of(cast.adam)


@pytest.fixture
def typed() -> dict[str, str]:
    return {
        "name": "Larch & Daughters",
        "phone": "0113 496 0199",
        "address": "5 Mill Lane\r\n\r\n  Leeds  \r\nLS1 4AB",
        "time_zone": "Europe/Lisbon",
        "language": "en",
        "letter_foot": "Registered in England, 1234567",
        "sender_name": "Larch office",
        "sender_email": "post@larch.example",
        "reply_to": "answers@larch.example",
    }


def test_everything_is_saved_and_shown(adam, cast, typed):
    response = adam.post(PAGE, typed, follow=True)

    saved = Organisation.objects.get(pk=cast.organisation.pk)
    assert (saved.name, saved.time_zone) == ("Larch & Daughters", "Europe/Lisbon")
    assert saved.address == "5 Mill Lane\nLeeds\nLS1 4AB"
    assert (saved.sender_email, saved.reply_to) == ("post@larch.example", "answers@larch.example")
    assert saved.slug == "larch"
    assert "The settings are saved." in response.content.decode()
    assert "Larch &amp; Daughters" in response.content.decode()


def test_what_other_pages_set_stays(adam, cast, typed):
    adam.post(PAGE, {**typed, "channels": "post", "reference_urls": "{}", "slug": "pine"})

    saved = Organisation.objects.get(pk=cast.organisation.pk)
    assert saved.channels == ["email"]
    assert saved.reference_urls == {"invoice": "https://accounts.example/invoices/{reference}"}


LINE = "Put it on one line. Take the line break out."
NO_ADDRESS = "This is not an email address. One looks like office@larch.example."
MISTAKES = [
    ("name", "", "Give the name."),
    ("name", "Larch\nBcc: all@else.example", LINE),
    ("name", "x" * 201, "at most 200 characters"),
    ("sender_name", "Larch\r\nBcc: all@else.example", LINE),
    ("sender_name", "", "Give the name that recipients see."),
    ("sender_email", "", "Give the address."),
    ("sender_email", "office@larch.example\nBcc: all@else.example", LINE),
    ("sender_email", "office at larch", NO_ADDRESS),
    ("reply_to", "a@b.example\r\nTo: c@d.example", LINE),
    ("reply_to", "nobody", NO_ADDRESS),
    ("phone", "ask Sam", "Give the number in digits, such as 0113 496 0100."),
    ("phone", "0113\n496", LINE),
    ("address", "\n".join("1234567"), "That is 7 lines; 6 is the most that fits."),
    ("address", "x" * 61, "is longer than 60 characters. Break the line."),
    ("letter_foot", "\n".join("1234567"), "That is 7 lines; 6 is the most that fits."),
    ("letter_foot", "x" * 121, "is longer than 120 characters. Break the line."),
    ("time_zone", "Mars/Olympus", "Choose a time zone from the list."),
    ("time_zone", "", "Choose the time zone."),
]


@pytest.mark.parametrize(("field", "value", "sentence"), MISTAKES)
def test_a_mistake_is_said_at_its_field_and_nothing_is_saved(field, value, sentence, adam, cast, typed):
    response = adam.post(PAGE, {**typed, field: value})

    assert response.status_code == 422
    assert sentence in " ".join(response.context["form"].errors[field])
    assert Organisation.objects.get(pk=cast.organisation.pk).name == "Larch Management"


def test_what_was_typed_is_kept_and_the_bar_names_what_is_saved(adam, typed):
    page = adam.post(PAGE, {**typed, "sender_email": "office at larch"}).content.decode()

    assert 'value="office at larch"' in page
    assert 'value="Larch &amp; Daughters"' in page
    assert "</b>Larch Management" in page


def test_sixty_characters_in_six_lines_fit(adam, cast, typed):
    adam.post(PAGE, {**typed, "address": "\n".join(["x" * 60] * 6)})

    assert Organisation.objects.get(pk=cast.organisation.pk).address.count("x") == 360


def test_london_is_the_first_zone_and_one_that_is_not_listed_is_kept(adam, cast):
    cast.organisation.time_zone = "GB"
    cast.organisation.save()

    options = adam.get(PAGE).context["form"]["time_zone"].field.choices

    assert [name for name, _ in options[:2]] == ["GB", "Europe/London"]


@pytest.mark.parametrize("who", ["alice", "sam", "audrey"])
def test_others_have_no_settings(who, cast, client_of):
    client = client_of(getattr(cast, who))

    assert client.get(PAGE).status_code == client.post(PAGE).status_code == 403
    assert "Settings" not in client.get("/o/larch/blocks/").content.decode()


def test_the_menu_leads_there_and_not_from_an_organisation_where_one_is_no_admin(adam):
    assert f'href="{PAGE}"' in adam.get("/o/larch/blocks/").content.decode()


def test_an_admin_elsewhere_finds_nothing(cast, client_of):
    cast.other.memberships.update(role="admin")

    assert client_of(cast.mallory).get(PAGE).status_code == 404


def test_where_answers_go_is_said_as_the_installation_has_it(adam, settings):
    settings.REPLY_ADDRESS = ""
    before = adam.get(PAGE).content.decode()
    settings.REPLY_ADDRESS = "replies@demo.example"
    after = adam.get(PAGE).content.decode()

    assert "Left empty, answers go to the address that mail comes from." in before
    assert "Answers to mail come to the ticket of the message." in after
