"""Settings. They only read the environment; .env.example lists every variable with its meaning."""

from pathlib import Path

import environ
from csp.constants import NONCE

from config.stores import content_store

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BASE_URL = env.str("BASE_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_filters",
    "django_htmx",
    "django_prose_editor",
    "django_tables2",
    "import_export",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "pghistory",
    "csp",
    "allauth",
    "allauth.account",
    "portfolio",
    "contacts",
    "comms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
PGHISTORY_CREATED_AT_FUNCTION = "clock_timestamp()"  # so that the changes of one transaction have an order

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portfolio.access.place",
            ],
            "builtins": ["django.templatetags.static", "portfolio.templatetags.look"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# The application's role: it can add to the permanent tables and no more. `migrate` is run with the owner's URL.
DATABASES = {"default": env.db_url("DATABASE_URL")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASE_APP_ROLE = env.str("DATABASE_APP_ROLE", "blockpost_app")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "blockpost",
    }
}

# Celery only rings the bell: the database is the outbox, so nothing is lost with the broker.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 15,
    "health_check_interval": 25,
    "global_keyprefix": "blockpost:",
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TIMEZONE = "UTC"

AUTH_USER_MODEL = "portfolio.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "portfolio.accounts.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody can have mail sent to an address that is not ours
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 12 * 60 * 60

# Mail. Both channels use the same server: communications through comms.channels.email, Django's own
# (password resets, alerts) through the logging backend.
EMAIL = env.email_url("EMAIL_URL", default="smtp://127.0.0.1:1025")
EMAIL_HOST = EMAIL["EMAIL_HOST"]
EMAIL_PORT = EMAIL["EMAIL_PORT"]
EMAIL_HOST_USER = EMAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = bool(EMAIL.get("EMAIL_USE_TLS", False))
EMAIL_USE_SSL = bool(EMAIL.get("EMAIL_USE_SSL", False))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 60)
EMAIL_BACKEND = "comms.sending.system_mail.LoggedBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Blockpost <blockpost@demo.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", "bounces@demo.example")
REPLY_ADDRESS = env.str("REPLY_ADDRESS", "")
MESSAGE_ID_DOMAIN = env.str("MESSAGE_ID_DOMAIN", "demo.example")

# Mail that comes back or is answered: imaps://user:password@host/Folder, what is special in them %-encoded
BOUNCE_MAILBOX = env.str("BOUNCE_MAILBOX", "")
EMAIL_DELIVERY_REPORTS = env.bool("EMAIL_DELIVERY_REPORTS", bool(BOUNCE_MAILBOX))
MAIL_ORGANISATION = env.str("MAIL_ORGANISATION", "")

# Sending. Lease > the longest dial, so that a lapsed lease means a lost worker.
SENDING_LEASE_SECONDS = env.int("SENDING_LEASE_SECONDS", 300)
SENDING_BATCH = env.int("SENDING_BATCH", 100)
SENDING_SLOTS = env.int("SENDING_SLOTS", 4)
SENDING_RUN_SECONDS = env.int("SENDING_RUN_SECONDS", 60)
RETRY_FOR_HOURS = env.int("RETRY_FOR_HOURS", 72)
RETRY_PAUSES_SECONDS = env.list("RETRY_PAUSES_SECONDS", cast=int, default=[60, 300, 900, 3600, 4 * 3600])
# What is done by itself where a provider is down or asks us to go slowly, and when a person is asked.
SENDING_RATES = {word: float(rate) for word, rate in env.dict("SENDING_RATES", default={}).items()}
PAUSE_AFTER_FAULTS = env.int("PAUSE_AFTER_FAULTS", 3)
PAUSES_SECONDS = env.list("PAUSES_SECONDS", cast=int, default=[60, 120, 300, 600, 900])
TICKET_DUE_WORKING_DAYS = env.int("TICKET_DUE_WORKING_DAYS", 2)
TICKET_UNCONFIRMED_MINUTES = env.int("TICKET_UNCONFIRMED_MINUTES", 15)
TICKET_DEFERRED_HOURS = env.int("TICKET_DEFERRED_HOURS", 24)
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", 10 * 1024 * 1024)
ATTACHMENTS_MAX_BYTES = env.int("ATTACHMENTS_MAX_BYTES", 20 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 25_000  # each ticked flat is one

# Hybrid mail: a provider that prints and posts letters. Off unless both are set; then a person posts them.
HYBRID_MAIL_URL = env.str("HYBRID_MAIL_URL", "")
HYBRID_MAIL_KEY = env.str("HYBRID_MAIL_KEY", "")
HYBRID_MAIL_TIMEOUT = env.int("HYBRID_MAIL_TIMEOUT", 60)

# Texts, WhatsApp and push. Each channel is off until what it needs is set; comms/channels/configured.py reads them.
TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", "")
TWILIO_FROM = env.str("TWILIO_FROM", "")
TWILIO_MESSAGING_SERVICE = env.str("TWILIO_MESSAGING_SERVICE", "")
TWILIO_API_BASE = env.str("TWILIO_API_BASE", "https://api.twilio.com")
TWILIO_STATUS_CALLBACK = env.str("TWILIO_STATUS_CALLBACK", "")
SMS_PENCE_PER_SEGMENT = env.str("SMS_PENCE_PER_SEGMENT", "4")
WHATSAPP_FROM = env.str("WHATSAPP_FROM", "")
WHATSAPP_TEMPLATE = env.str("WHATSAPP_TEMPLATE", "")
WHATSAPP_PENCE = env.str("WHATSAPP_PENCE", "")
WHATSAPP_PLACES = env.dict("WHATSAPP_PLACES", default={})
VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", "")
VAPID_SUBJECT = env.str("VAPID_SUBJECT", "")
PUSH_SERVICES = env.list("PUSH_SERVICES", default=[])
PUSH_TTL_SECONDS = env.int("PUSH_TTL_SECONDS", 3 * 24 * 60 * 60)
FCM_SERVICE_ACCOUNT = env.str("FCM_SERVICE_ACCOUNT", "")
FCM_API_BASE = env.str("FCM_API_BASE", "https://fcm.googleapis.com")
PROVIDER_TIMEOUT = env.int("PROVIDER_TIMEOUT", 30)

# Residents' pages. A key of its own, so that SECRET_KEY can be changed without ending the links in old mails.
PORTAL_KEY = env.str("PORTAL_KEY", "") or SECRET_KEY

# Providers of mail (comms/channels/accounts.py) and what they post to us (comms/channels/hook_address.py).
EMAIL_PROVIDER = env.str("EMAIL_PROVIDER", "smtp")
PROVIDER_VALUES = {
    name.removeprefix("ANYMAIL_"): value for name, value in env.ENVIRON.items() if name.startswith("ANYMAIL_")
}
ORGANISATION_PROVIDERS = env.json("ORGANISATION_PROVIDERS", default={})
RECEIPT_SLOTS = env.int("RECEIPT_SLOTS", 2)  # workers that read receipts at the same time
HOOKS_KEY = env.str("HOOKS_KEY", "") or PORTAL_KEY
HOOKS_KEY_OLD = env.str("HOOKS_KEY_OLD", "")
HOOK_MAX_BYTES = env.int("HOOK_MAX_BYTES", 1024 * 1024)
HOOK_INBOUND_MAX_BYTES = env.int("HOOK_INBOUND_MAX_BYTES", 100 * 1024 * 1024)
TWILIO_AUTH_TOKEN_OLD = env.str("TWILIO_AUTH_TOKEN_OLD", "")

# Where the simulator is, if there is one: the help page then lists its addresses. `make run` sets both.
SIMULATOR_SMTP = env.str("SIMULATOR_SMTP", "")
SIMULATOR_HTTP = env.str("SIMULATOR_HTTP", "")

# The sealed record (comms/ledger). The key and the sealer's memory are outside the database.
SEALING_KEY_FILE = env.str("SEALING_KEY_FILE", "")
SEALING_KEY = env.str("SEALING_KEY", "")
SEALER_MEMORY = env.str("SEALER_MEMORY", "")
CHECKPOINT_SECONDS = env.int("CHECKPOINT_SECONDS", 55)  # a ring of 10 seconds rounds it up to a minute
LOG_HOST = env.str("LOG_HOST", "")
# Heads outside (comms/witness): an authority that puts its time to them (RFC 3161), and the certificates that it leads to.
TIMESTAMP_URL = env.str("TIMESTAMP_URL", "")
TIMESTAMP_CA = env.str("TIMESTAMP_CA", "")
TIMESTAMP_TIMEOUT = env.int("TIMESTAMP_TIMEOUT", 20)  # seconds

# Outgoing webhooks (comms/webhooks): hosts with their ports that may be private and without TLS, for development.
WEBHOOK_PRIVATE = env.list("WEBHOOK_PRIVATE", default=[])

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed names need `collectstatic`; without it files are served as they lie in the tree.
STATIC_MANIFEST = env.bool("STATIC_MANIFEST", True)
WHITENOISE_USE_FINDERS = not STATIC_MANIFEST
WHITENOISE_AUTOREFRESH = not STATIC_MANIFEST
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_MANIFEST
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Where large files are kept: in the database, or in a store by its URL (file:///srv/blockpost, or s3://bucket, with the
# key, its secret and the endpoint in the URL's query or in AWS's own variables).
CONTENT_STORE = env.str("CONTENT_STORE", "")
CONTENT_STORE_FROM_BYTES = env.int("CONTENT_STORE_FROM_BYTES", 64 * 1024)
if CONTENT_STORE:
    STORAGES["content"] = content_store(CONTENT_STORE)

# Files that are made in the background (comms/exports): kept so many days for who asked, in a folder of this machine
# or, where web and workers run on several, in a store by its URL.
EXPORT_STORE = env.str("EXPORT_STORE", "")
EXPORT_DAYS = env.int("EXPORT_DAYS", 30)
EXPORT_SLOTS = env.int("EXPORT_SLOTS", 1)
SCHEDULE_ATTACH_MAX_BYTES = env.int("SCHEDULE_ATTACH_MAX_BYTES", 5 * 1024 * 1024)
EXPORT_NOW_ROWS = env.int("EXPORT_NOW_ROWS", 10_000)
STORAGES["exports"] = content_store(EXPORT_STORE or f"file://{BASE_DIR}/.local/exports")

# Evidence packs (comms/pack): how many messages one holds at most, and of how many the statement prints each one's page.
PACK_MOST = env.int("PACK_MOST", 50_000)
PACK_PRINTED = env.int("PACK_PRINTED", 2_000)

HTTPS = env.bool("HTTPS", True)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = False
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"  # but for our own preview frames, whose views say so
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

DJANGO_TABLES2_TABLE_ATTRS = {"class": "ledger"}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secret_paths": {"()": "config.redact.SecretPaths"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secret_paths"]}
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO"), "propagate": False},
        "mail.log": {"level": "WARNING"},  # the simulator's: it would print addresses
        "celery.app.trace": {"level": "WARNING"},  # a line per tick says nothing
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}

# The API (portfolio/api). Tokens are hashed with knox's SHA-512; its own table and views are not used.
API_RATE = env.str("API_RATE", "600/min")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["portfolio.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["portfolio.api.authentication.MayDo"],
    "DEFAULT_THROTTLE_CLASSES": ["portfolio.api.throttling.TokenThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["portfolio.api.wire.Json"],
    "DEFAULT_PARSER_CLASSES": ["portfolio.api.wire.Body"],
    "DEFAULT_SCHEMA_CLASS": "portfolio.api.schema.Schema",
    "EXCEPTION_HANDLER": "portfolio.api.problems.handler",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Blockpost",
    "DESCRIPTION": "Communications, the log, contacts, blocks and units of one organisation: that of the token.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "CommunicationStatus": "comms.models.communication.Communication.Status",
        "FinerStatus": "comms.models.log.Delivery.Status",
        "ContactKind": "contacts.models.contact.Contact.Kind",
        "EventKind": "comms.models.log.DeliveryEvent.Kind",
        "AnyCommunicationType": "comms.models.communication.Communication.Type",
        "WrittenCommunicationType": "comms.api.words.WRITTEN",
    },
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": None,
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "displayOperationId": False},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "portfolio.api.description.refusals",
    ],
}
