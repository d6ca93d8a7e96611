from django.urls import path

from comms.api import communications, exports, log, messages, recipients, templates, verification

COMMUNICATION, RECIPIENT = "communications/<uuid:public_id>/", "recipients/<uuid:public_id>/"
Communications, Recipients = communications.Communications, recipients.Recipients

urlpatterns = [
    path("communications/", Communications.as_view({"get": "list", "post": "create"}), name="communications"),
    path(
        COMMUNICATION,
        Communications.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="communication",
    ),
    path(f"{COMMUNICATION}mark-sent/", Communications.as_view({"post": "mark_sent"}), name="mark-sent"),
    path(
        f"{COMMUNICATION}recipients/",
        Recipients.as_view({"get": "list", "post": "create"}),
        name="recipients",
    ),
    path("log/", log.Log.as_view({"get": "list", "post": "create"}), name="log"),
    path("log/<uuid:public_id>/", log.Log.as_view({"get": "retrieve"}), name="entry"),
    path(
        "verification/", verification.Status.as_view({"get": "list", "post": "create"}), name="verification"
    ),
    path("exports/", exports.Exports.as_view({"get": "list", "post": "create"}), name="exports"),
    path("exports/taken/", exports.Taken.as_view({"get": "list"}), name="exports-taken"),
    path(
        "exports/<uuid:public_id>/",
        exports.Exports.as_view({"get": "retrieve", "delete": "destroy"}),
        name="export",
    ),
    path("exports/<uuid:public_id>/file/", exports.File.as_view({"get": "retrieve"}), name="export-file"),
    path("templates/", templates.Templates.as_view({"get": "list"}), name="templates"),
    path("templates/<uuid:public_id>/", templates.Templates.as_view({"get": "retrieve"}), name="template"),
    path("messages/refused/", messages.Messages.as_view({"get": "refused"}), name="messages-refused"),
    path("messages/", messages.Messages.as_view({"post": "create"}), name="messages"),
    path(RECIPIENT, Recipients.as_view({"get": "retrieve", "patch": "set_status"}), name="recipient"),
]
