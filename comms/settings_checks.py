"""Start-up check: what in the settings keeps a channel from working, or mail from coming back."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django_scopes import scopes_disabled

from comms.channels import configured
from comms.receipts import reachable, whose

BACK = "docs/operations.md, Mail that comes back. Until then no bounce is heard of and no answer is read."

NOBODY = "docs/operations.md, Mail that comes back. Until then only admins of the oldest organisation see it, as a receipt."


@register()
def channels(**kwargs: Any) -> list[CheckMessage]:
    """Name what is half set or cannot be read; a channel without settings is off, and that is no fault."""
    hint = "docs/operations.md, Channels that reach a phone. Until then the channel is off."
    return [Error(fault, hint=hint, id="comms.E020") for fault in dict.fromkeys(configured.faults())]


@register()
def mail_that_comes_back(**kwargs: Any) -> list[CheckMessage]:
    """Name what no worker could use; a folder that only this process may not read is no reason to stop it."""
    return [
        *(Error(fault, hint=BACK, id="comms.E021") for fault in reachable.faults()),
        *(Warning(doubt, hint=BACK, id="comms.W021") for doubt in reachable.doubts()),
    ]


@register(Tags.database)
def mail_of_nobody(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Say where several firms share a mailbox and none is named for mail of which nobody can tell whose it is."""
    with scopes_disabled():
        doubts = list(whose.doubts()) if databases and settings.BOUNCE_MAILBOX else []
    return [Warning(doubt, hint=NOBODY, id="comms.W023") for doubt in doubts]


@register(deploy=True)
def sign_in_at_the_mailbox(**kwargs: Any) -> list[CheckMessage]:
    """Try the mailbox, when somebody checks a deployment: a start must not wait for another server."""
    refusal = reachable.refused()
    return [Warning(refusal, hint=BACK, id="comms.W022")] if refusal else []
