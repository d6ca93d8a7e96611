"""What the pages of one communication have in common."""

import uuid
from typing import Any, NamedTuple

from django.db.models import Count
from django.shortcuts import get_object_or_404

from comms.channels import registry
from comms.models import Communication
from portfolio.languages import LANGUAGES
from portfolio.models import CHANNELS

OFFERED = 1000  # recipients to look at it as; a list that long is searched by typing a name into it
ONE = "communications/<uuid:public_id>/"


def found(public_id: uuid.UUID, *related: str) -> Communication:
    """Get one communication of this organisation, or answer 404."""
    related = related or ("organisation", "block", "unit", "created_by", "scheduled_by")
    return get_object_or_404(Communication.objects.select_related(*related), public_id=public_id)


def shown(one: Communication) -> dict[str, Any]:
    recipients = one.recipients.select_related("unit").order_by("id")
    return {
        "nav": "communications",
        "communication": one,
        "people": recipients.count(),
        "previewed": previewed(one),
        "first_people": recipients[:OFFERED],
        "attached": one.attachments.select_related("content").defer("content__data"),
    }


class InLanguage(NamedTuple):
    """A language that a communication is written in, or that some of its recipients would read."""

    code: str
    name: str
    people: int
    written: bool


def languages_of(one: Communication) -> list[InLanguage]:
    """List the other languages of a communication and of its recipients, with how many they are."""
    people = dict(
        one.recipients.order_by()
        .values_list("wishes__language")
        .annotate(many=Count("pk"))
        .values_list("wishes__language", "many")
    )
    written = one.languages()
    own = one.organisation.language
    codes = sorted((set(people) | set(written)) & set(LANGUAGES) - {own}, key=LANGUAGES.__getitem__)
    return [InLanguage(code, LANGUAGES[code], people.get(code, 0), code in written) for code in codes]


def others_of(one: Communication) -> dict[str, str]:
    """Name the languages that it could be written in beside those that are listed."""
    listed = {row.code for row in languages_of(one)} | {one.organisation.language}
    return {code: name for code, name in LANGUAGES.items() if code not in listed}


def previewed(one: Communication) -> dict[str, str]:
    """Name the channels that a communication can be looked at by: its own, and those it could go by."""
    words = dict.fromkeys([*one.channels, *registry.usable(one.organisation.channels), "hand"])
    return {word: CHANNELS.get(word, word) for word in words}
