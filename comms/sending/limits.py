"""How much may go with a communication: each channel says how large its files may be together."""

from comms.channels import registry
from comms.models import Communication
from portfolio.models import CHANNELS

MB = 1024 * 1024


def over(communication: Communication, name: str) -> str:
    """Say in a sentence why the files of a communication cannot go by a channel; nothing where they can."""
    sizes = communication.attachments.values_list("content__size", flat=True)
    return refusal(name, sum(sizes)) if sizes else ""


def refusal(name: str, size: int) -> str:
    """Say in a sentence why files of so many bytes together cannot go by a channel; nothing where they can."""
    most, word = registry.get(name).attachments_most, CHANNELS.get(name, name)
    if not most:
        return f"{word} takes no files. Take them out, or choose another channel."
    if size > most:
        return (
            f"The files come to {size / MB:.1f} MB, and {word} takes {most / MB:.0f} MB. "
            "Leave one out, or link to it."
        )
    return ""
