"""Who may do what through the API: for each route whose id its address has, and the roles for each method."""

EVERYONE = {"staff", "auditor", "manager", "admin"}
EXPORTERS = {"auditor", "manager", "admin"}
RECORDERS = {"staff", "manager", "admin"}
WRITERS = {"manager", "admin"}
ADMINS = {"admin"}
AUDITORS = {"auditor", "admin"}

LIST = {"get": EVERYONE, "post": WRITERS}
ONE = {"get": EVERYONE, "patch": WRITERS}

API = {
    "api:communications": ("", LIST),
    "api:communication": ("communication", ONE | {"delete": WRITERS}),
    "api:mark-sent": ("communication", {"post": WRITERS}),
    "api:recipients": ("communication", LIST),
    "api:recipient": ("recipient", ONE),
    "api:messages": ("", {"post": WRITERS}),
    "api:messages-refused": ("", {"get": EVERYONE}),
    "api:log": ("", {"get": EVERYONE, "post": RECORDERS}),
    "api:entry": ("entry", {"get": EVERYONE}),
    "api:exports": ("", {"get": EXPORTERS, "post": EXPORTERS}),
    "api:exports-taken": ("", {"get": EXPORTERS}),
    "api:export": ("export", {"get": EXPORTERS, "delete": EXPORTERS}),  # one's own
    "api:export-file": ("export", {"get": EXPORTERS}),
    "api:templates": ("", {"get": EVERYONE}),
    "api:template": ("template", {"get": EVERYONE}),
    "api:verification": ("", {"get": AUDITORS, "post": AUDITORS}),
    "api:blocks": ("", LIST),
    "api:block": ("block", ONE),
    "api:units": ("", LIST),
    "api:unit": ("unit", ONE),
    "api:contacts": ("", LIST),
    "api:contact": ("contact", ONE),
    "api:occupancies": ("", LIST),
    "api:occupancy": ("occupancy", ONE | {"delete": WRITERS}),
    "api:tokens": ("", {"get": ADMINS}),
    "api:token": ("token", {"delete": ADMINS}),
    "api:nowhere": ("", {}),
}
METHODS = ("get", "post", "put", "patch", "delete")
