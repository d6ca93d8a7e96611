"""The files that go with a communication: only through here, and only to be saved."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from comms.models import Attachment
from portfolio.access import MemberRequest, member


@member()
@require_GET
def download(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    attachment: Attachment = get_object_or_404(
        Attachment.objects.select_related("content"), public_id=public_id
    )
    response = HttpResponse(attachment.content.read(), content_type=attachment.media_type)
    response.headers["Content-Disposition"] = (
        content_disposition_header(True, attachment.name) or "attachment"
    )
    return response


urlpatterns = [
    path("attachments/<uuid:public_id>/", download, name="attachment"),
]
