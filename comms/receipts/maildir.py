"""Take mail in from a Maildir on this machine (https://cr.yp.to/proto/maildir.html), where a mail server puts it.

A file that is in `new` is whole. Once it is kept it goes to `cur` as seen; what stays for a person is flagged.
"""

import os
from pathlib import Path

from comms.receipts import mailbox
from comms.receipts.mailbox import AT_ONCE, BEGINNING, LARGEST, Kept, Taken

SCHEME = "maildir://"


def take(path: Path) -> Taken:
    """Take what is new, the oldest first. Raises OSError, and django.db.Error where a mail could not be kept."""
    taken = Taken()
    for file in sorted(_new(path), key=lambda one: (one.stat().st_mtime, one.name))[:AT_ONCE]:
        size = file.stat().st_size
        whole = size <= LARGEST
        with file.open("rb") as opened:
            data = opened.read(LARGEST if whole else BEGINNING)
        kept = mailbox.keep(data, size=0 if whole else size)
        taken.add(kept)
        flags = "S" if whole and kept is not Kept.NOBODYS else "FS"
        file.rename(path / "cur" / f"{file.name}:2,{flags}")
    return taken


def _new(path: Path) -> list[Path]:
    """List the files of `new`; the folders are made where the mail server has not been there yet."""
    for folder in ("tmp", "new", "cur"):
        (path / folder).mkdir(parents=True, exist_ok=True)
    with os.scandir(path / "new") as found:
        return [Path(one.path) for one in found if one.is_file() and not one.name.startswith(".")]
