from django.contrib import admin
from django.urls import include, path

from config import health
from portfolio.views import home

urlpatterns = [
    path("", home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("o/<slug:slug>/", include("comms.urls")),
    path("o/<slug:slug>/", include("portfolio.urls")),
    path("o/<slug:slug>/", include("contacts.urls")),
]
