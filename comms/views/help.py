"""What the words of the log mean, and by which addresses everything can be tried where nothing is delivered."""

from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from comms import simulated
from comms.channels import registry
from comms.models import Delivery
from comms.sending import compose
from portfolio.access import MemberRequest, member
from portfolio.models import Organisation


class Tried(NamedTuple):
    """A channel, and the addresses that try it out; none where its messages go to real people."""

    channel: str
    addresses: list[tuple[str, str]]


@member()
@require_safe
def help_page(request: MemberRequest) -> HttpResponse:
    """Explain each status, and list the simulated addresses of each channel that is switched on."""
    tried = list(_tried(request.organisation))
    context = {
        "statuses": Delivery.Status.values,
        "tried": [one for one in tried if one.addresses],
        "real": [one.channel for one in tried if not one.addresses],
        "domain": simulated.DOMAIN,
        "inbox": f"http://{settings.SIMULATOR_HTTP}/" if settings.SIMULATOR_HTTP else "",
    }
    return render(request, "comms/help.html", context)


def _tried(organisation: Organisation) -> Iterator[Tried]:
    on = registry.usable(organisation.channels)
    for channel, addresses in simulated.shown().items():
        if channel in on:
            yield Tried(channel, addresses if _is_simulated(channel, organisation) else [])


def _is_simulated(channel: str, organisation: Organisation) -> bool:
    """Say whether the settings lead a channel to the simulator."""
    dials = registry.get(channel, firm=compose.firm_of(organisation)).dials
    places = (settings.SIMULATOR_SMTP, settings.SIMULATOR_HTTP and f"http://{settings.SIMULATOR_HTTP}")
    return any(place and dials.startswith(place) for place in places)


urlpatterns = [path("help/", help_page, name="help")]
