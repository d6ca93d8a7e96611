"""A logo is checked, drawn anew, shown to members, replaced and removed; its rows stay."""

import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_scopes import scope
from PIL import Image

from portfolio.models import Logo
from tests.portfolio import pictures

PAGE = "/o/larch/settings/letterhead/"
UNREADABLE = "This is no picture that we can read. Choose a PNG or a JPEG."
NOT_WHOLE = "The picture is not whole. Save it again, then choose the new file."


@pytest.fixture
def adam(cast, client_of):
    return client_of(cast.adam)


def choose(client, data: bytes, name: str = "logo.png"):
    return client.post(PAGE, {"picture": SimpleUploadedFile(name, data)}, follow=True)


def address(logo: Logo, slug: str = "larch") -> str:
    return f"/o/{slug}/settings/logo/{logo.public_id}/"


def test_a_logo_is_kept_and_shown_at_the_head_of_a_letter(adam, inside):
    page = choose(adam, pictures.png()).content.decode()

    logo = Logo.objects.get(removed_at=None)
    assert (logo.width, logo.height) == (40, 20)
    assert logo.sha256 == hashlib.sha256(logo.data).hexdigest()
    assert address(logo) in page
    assert "4 Mill Lane<br>Leeds" in page


def test_nothing_else_that_was_in_the_file_is_kept(adam, inside):
    for data in (pictures.talkative_png(), pictures.turned_jpeg()):
        assert b"SECRET" in data
        choose(adam, data)

        logo = Logo.objects.get(removed_at=None)
        assert b"SECRET" not in bytes(logo.data)
        assert not Image.open(io.BytesIO(logo.data)).info


def test_a_picture_on_its_side_is_set_upright(adam, inside):
    choose(adam, pictures.turned_jpeg(), "logo.jpg")

    logo = Logo.objects.get()
    assert (logo.width, logo.height) == (20, 40)
    assert bytes(logo.data).startswith(b"\x89PNG")


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(mode, adam, inside):
    choose(adam, pictures.png(mode=mode))

    assert Logo.objects.get().width == 40


def test_the_largest_is_taken_and_made_smaller(adam, inside):
    choose(adam, pictures.png(4000, 2000))

    logo = Logo.objects.get()
    assert (logo.width, logo.height) == (1600, 800)


BAD = {
    "text": (b"Hello, I am a picture.", UNREADABLE),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', UNREADABLE),
    "gif": (pictures.other("GIF"), UNREADABLE),
    "tiff": (pictures.other("TIFF"), UNREADABLE),
    "webp": (pictures.other("WEBP"), UNREADABLE),
    "moving": (pictures.moving_png(), "The picture moves. Choose one that stands still."),
    "cut short": (pictures.png(400, 400)[:-40], NOT_WHOLE),
    "cut shorter": (pictures.png(400, 400)[:40], UNREADABLE),
    "cut JPEG": (pictures.turned_jpeg()[:-60], NOT_WHOLE),
    "claims more than it has": (pictures.claiming(3000, 3000), NOT_WHOLE),
    "many words": (pictures.wordy(), NOT_WHOLE),
    "wide": (pictures.png(4001, 1), "The picture has 4001 × 1 pixels; 4000 × 4000 is the most."),
    "bomb": (pictures.claiming(10_000, 10_000), "The picture has 10000 × 10000 pixels;"),
    "large bomb": (pictures.claiming(60_000, 60_000), "The picture has more than 4000 × 4000 pixels."),
    "heavy": (pictures.png() + bytes(2_000_000), "The file has 2.0 MB; 2 MB is the most."),
    "empty": (b"", "The file is empty. Choose another."),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_logo_is_refused_in_a_sentence(what, adam, inside):
    data, sentence = BAD[what]

    response = choose(adam, data)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Logo.objects.exists()


def test_no_file_is_a_mistake(adam, inside):
    response = adam.post(PAGE, {})

    assert response.status_code == 422
    assert "Choose a file." in response.content.decode()


def test_a_new_one_replaces_it_and_the_row_stays(adam, inside):
    choose(adam, pictures.png(40, 20))
    choose(adam, pictures.png(50, 20))

    assert [(logo.width, logo.removed_at is None) for logo in Logo.objects.order_by("pk")] == [
        (40, False),
        (50, True),
    ]


def test_the_same_picture_twice_is_one_logo(adam, inside):
    choose(adam, pictures.png())
    choose(adam, pictures.png())

    assert Logo.objects.count() == 1


def test_it_is_removed_and_its_row_stays(adam, inside):
    choose(adam, pictures.png())

    for _ in range(2):
        page = adam.post(f"{PAGE}remove/", follow=True).content.decode()

    logo = Logo.objects.get()
    assert logo.removed_at
    assert address(logo) not in page
    assert adam.get(address(logo)).status_code == 200


@pytest.mark.parametrize("who", ["alice", "sam", "audrey", "adam"])
def test_every_member_sees_the_picture_and_nobody_takes_it_for_anything_else(who, adam, inside, client_of):
    choose(adam, pictures.png())

    response = client_of(getattr(inside, who)).get(address(Logo.objects.get()))

    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=86400"
    assert Image.open(io.BytesIO(response.content)).size == (40, 20)


def test_another_organisation_does_not_see_it(adam, cast, client_of):
    choose(adam, pictures.png())
    with scope(organisation=cast.organisation):
        logo = Logo.objects.get()

    for slug in ("larch", "harbour"):
        assert client_of(cast.mallory).get(address(logo, slug)).status_code == 404


@pytest.mark.parametrize("who", ["alice", "sam", "audrey"])
def test_others_do_not_choose_it(who, cast, client_of):
    client = client_of(getattr(cast, who))

    assert choose(client, pictures.png()).status_code == 403
    assert client.post(f"{PAGE}remove/").status_code == 403
