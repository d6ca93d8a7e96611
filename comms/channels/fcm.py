"""Push messages to a firm's own app, by Firebase Cloud Messaging's HTTP v1 interface.

https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from comms.channels import devices
from comms.channels.base import Channel, Form, Line, Message, Part, Snapshot, Unreachable
from comms.channels.push import card, check_length

MOST = 4000  # bytes: a message may have 4096, counted on the far side with keys of its own
API = "https://fcm.googleapis.com"


@dataclass(frozen=True, slots=True)
class FcmSettings:
    """A service account of a project, as its JSON file has it, and where a tap leads."""

    project: str
    account: str
    private_key: str = field(repr=False)
    key_id: str = ""
    token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address)
    api: str = API
    link: str = "/"
    ttl: int = 3 * 24 * 60 * 60  # seconds
    timeout: float = 30  # seconds

    @classmethod
    def of(cls, service_account: str, **others: str | int | float) -> "FcmSettings":
        """Read the JSON of a service account. Raises ValueError with a sentence."""
        try:
            given = json.loads(service_account)
            return cls(
                project=given["project_id"],
                account=given["client_email"],
                private_key=given["private_key"],
                key_id=given.get("private_key_id", ""),
                token_uri=given["token_uri"],
                **others,  # type: ignore[arg-type]
            )
        except (ValueError, TypeError, KeyError):
            raise ValueError("FCM_SERVICE_ACCOUNT is not the JSON file of a service account.") from None


class FcmChannel(Channel):
    name = "app"
    needs = ""
    leads_home = "always"
    needs_opt_in = False  # the app asked before it registered
    by_person = False
    form = Form("json", "application/json", "card")

    def __init__(self, settings: FcmSettings) -> None:
        self.settings = settings

    def address(self, snapshot: Snapshot) -> str:
        """Give the registration tokens of the app on their phones. Raises Unreachable."""
        given = snapshot.devices.get(self.name, ())
        if not given:
            raise Unreachable("The app is on none of their phones.")
        return devices.joined(given)

    def shown(self, address: str) -> str:
        """Say how many phones it is: a token is a secret between the app and its sender."""
        return f"The app on {devices.several(address.count(devices.APART) + 1, 'one phone', 'phones')}"

    def compose(self, message: Message) -> list[Part]:
        """Make the request that is sent to each phone, beside the phone's own token. Raises ValueError."""
        shown = card(message, self.settings.link)
        check_length("".join(shown.values()).encode(), MOST)
        entry = message.message_id.strip("<>").partition("@")[0]
        body = {
            "notification": {"title": shown["title"], "body": shown["body"]},
            "data": {"url": shown["url"], "entry": entry},
            "android": {"ttl": f"{self.settings.ttl}s"},
        }
        written = json.dumps({"message": body}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return [Part(written.encode())]

    @contextmanager
    def line(self) -> Iterator[Line]:
        """Hold a connection and an access token for as long as there is something to send."""
        from comms.channels.fcm_line import FcmLine

        line = FcmLine(self.settings)
        try:
            yield devices.EachDevice(line)
        finally:
            line.close()
