"""Say what keeps mail from coming back to us: what the settings say always, what the server says where somebody asks."""

import imaplib
import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from imap_tools import ImapToolsError

from comms.channels.mime import ADDRESS
from comms.receipts import mailbox, maildir


def faults() -> Iterator[str]:
    """Say in sentences what in the settings cannot be used as it stands."""
    for name in ("BOUNCE_ADDRESS", "REPLY_ADDRESS"):
        address = getattr(settings, name)
        if not ADDRESS.fullmatch(address) and (address or name == "BOUNCE_ADDRESS"):
            yield f"{name} is not one email address."
    if settings.BOUNCE_MAILBOX and not _is_folder():
        try:
            yield from _of_server(urlsplit(settings.BOUNCE_MAILBOX))
        except ValueError:
            yield "BOUNCE_MAILBOX is no address. Write what is special in the user name and password with %."


def _is_folder() -> bool:
    return bool(settings.BOUNCE_MAILBOX.startswith(maildir.SCHEME))


def _of_server(parts: SplitResult) -> Iterator[str]:
    if parts.scheme not in ("imaps", "imap"):
        yield "BOUNCE_MAILBOX begins neither with imaps:// nor with maildir://."
    elif not (parts.hostname and parts.username and parts.password and parts.port != 0):
        yield "BOUNCE_MAILBOX does not name a server, a user and a password."


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def doubts() -> Iterator[str]:
    """Say what is no mistake everywhere: a folder that this process may not read, a line that others may."""
    if _is_folder():
        yield from _of_folder(Path(settings.BOUNCE_MAILBOX.removeprefix(maildir.SCHEME)))
    elif settings.BOUNCE_MAILBOX and not list(faults()):
        parts = urlsplit(settings.BOUNCE_MAILBOX)
        if parts.scheme == "imap" and not _here(parts.hostname or ""):
            yield "BOUNCE_MAILBOX sends its password over the network in the open. Write imaps://."


def _of_folder(path: Path) -> Iterator[str]:
    """Look whether the Maildir can be read. What is not there yet is made when it is read, not by looking."""
    if not path.is_absolute():
        yield "BOUNCE_MAILBOX needs the whole path of the Maildir, from / on."
        return
    for folder in (path / "new", path / "cur"):
        # os.path: what may not be looked at counts as not there, and the folder above it is what is shut.
        there = next(one for one in (folder, *folder.parents) if os.path.exists(one))
        if not there.is_dir() or not os.access(there, os.R_OK | os.W_OK | os.X_OK):
            yield f"The Maildir of BOUNCE_MAILBOX cannot be read: we may not write to {there}, or it is no folder."
            return


def refused() -> str:
    """Sign in at the mailbox and say what it says, or nothing where it lets us in. Takes 30 seconds at most a step."""
    if not settings.BOUNCE_MAILBOX or _is_folder() or list(faults()):
        return ""
    try:
        with mailbox.opened(settings.BOUNCE_MAILBOX):
            return ""
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as fault:
        return f"The mailbox of BOUNCE_MAILBOX does not let us in: {fault}"[:500]
