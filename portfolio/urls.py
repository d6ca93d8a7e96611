from django.urls import path

from portfolio import (
    activity_views,
    block_views,
    invitation_views,
    letterhead_views,
    people_views,
    settings_views,
    unit_views,
)

BLOCK = "blocks/<uuid:public_id>/"
UNIT = "units/<uuid:public_id>/"
INVITATION = "settings/invitations/<uuid:public_id>/"

app_name = "portfolio"
urlpatterns = [
    path("blocks/", block_views.blocks, name="blocks"),
    path("blocks/new/", block_views.block_new, name="block-new"),
    path(BLOCK, block_views.block, name="block"),
    path(f"{BLOCK}edit/", block_views.block_edit, name="block-edit"),
    path(f"{BLOCK}archive/", block_views.block_archive, name="block-archive"),
    path(f"{BLOCK}restore/", block_views.block_restore, name="block-restore"),
    path(f"{BLOCK}activity/", activity_views.block_activity, name="block-activity"),
    path(f"{BLOCK}units/new/", block_views.units_new, name="units-new"),
    path(f"{BLOCK}units/new/one/", unit_views.unit_new, name="unit-new"),
    path(UNIT, unit_views.unit, name="unit"),
    path(f"{UNIT}edit/", unit_views.unit_edit, name="unit-edit"),
    path(f"{UNIT}archive/", unit_views.unit_archive, name="unit-archive"),
    path("settings/", settings_views.organisation, name="settings"),
    path("settings/channels/", settings_views.channels, name="settings-channels"),
    path("settings/references/", settings_views.references, name="settings-references"),
    path("settings/letterhead/", letterhead_views.letterhead, name="settings-letterhead"),
    path("settings/letterhead/remove/", letterhead_views.logo_remove, name="logo-remove"),
    path("settings/logo/<uuid:public_id>/", letterhead_views.logo, name="logo"),
    path("settings/people/", people_views.people, name="people"),
    path("settings/people/invite/", invitation_views.invite, name="invite"),
    path("settings/people/<int:person>/", people_views.person, name="person"),
    path("settings/people/<int:person>/remove/", people_views.person_remove, name="person-remove"),
    path(f"{INVITATION}resend/", invitation_views.resend, name="invitation-resend"),
    path(f"{INVITATION}withdraw/", invitation_views.withdraw, name="invitation-withdraw"),
]
