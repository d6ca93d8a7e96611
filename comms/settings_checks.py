"""Start-up check: what in the settings keeps a channel from working."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from comms.channels import configured


@register()
def channels(**kwargs: Any) -> list[CheckMessage]:
    """Name what is half set or cannot be read; a channel without settings is off, and that is no fault."""
    hint = "docs/operations.md, Channels that reach a phone. Until then the channel is off."
    return [Error(fault, hint=hint, id="comms.E020") for fault in dict.fromkeys(configured.faults())]
