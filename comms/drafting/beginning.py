"""How a communication begins: for the page, the API and what other systems send."""

from typing import Any

from comms.models import Communication, Template, Translation
from portfolio.models import Organisation, User


def begin(organisation: Organisation, by: User, words: dict[str, Any]) -> Communication:
    """Make a draft of what the form of the beginning found; a template brings its words in all its languages."""
    communication: Communication = Communication.objects.create(
        organisation=organisation,
        created_by=by,
        statutory=words["type"] in Communication.STATUTORY_TYPES,
        **words,
    )
    if communication.template_version:
        _translate(communication, communication.template_version.template)
    return communication


def _translate(communication: Communication, template: Template) -> None:
    """Begin in each other language that the template is written in."""
    newest = template.newest()
    Translation.objects.bulk_create(
        Translation(
            organisation=communication.organisation,
            communication=communication,
            language=language,
            subject=version.subject,
            body=version.body,
            template_version=version,
        )
        for language, version in newest.items()
        if language != communication.organisation.language
    )
