# make run: the whole product with demo data.  make test: every check and every test.
PYTHON ?= python3
export PORT ?= 8000
PY := .venv/bin/python
SERVERS := $(PY) -m config.embedded --
# What `make run` and the tests set where the environment does not; production sets its own (.env.example).
export SECRET_KEY ?= for-development-only
export HTTPS ?= 0
export STATIC_MANIFEST ?= 0
export BASE_URL ?= http://127.0.0.1:$(PORT)
export BEAT_SCHEDULE ?= .local/beat
export SIMULATOR_SMTP ?= 127.0.0.1:1025
export SIMULATOR_HTTP ?= 127.0.0.1:8025
export EMAIL_URL ?= smtp://$(SIMULATOR_SMTP)

setup: .venv/ready

.venv/ready: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Blockpost needs Python 3.11 or newer; set PYTHON=… to one."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is not whole; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Setting up .venv: this takes some minutes, once."
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: setup
	@mkdir -p .local
	@$(SERVERS) $(MAKE) --no-print-directory up

# The simulator stands behind mail that comes back, texts, WhatsApp, push and hybrid mail; none of this is a secret.
up manage: export TWILIO_API_BASE ?= http://$(SIMULATOR_HTTP)
up manage: export TWILIO_ACCOUNT_SID ?= AC00000000000000000000000000000000
up manage: export TWILIO_AUTH_TOKEN ?= simulated
up manage: export TWILIO_FROM ?= +447700900999
up manage: export WHATSAPP_FROM ?= +447700900998
up manage: export WHATSAPP_TEMPLATE ?= HX00000000000000000000000000000000
up manage: export VAPID_PRIVATE_KEY ?= AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE
up manage: export VAPID_SUBJECT ?= mailto:blockpost@demo.example
up manage: export PUSH_SERVICES ?= http://$(SIMULATOR_HTTP),fcm.googleapis.com,push.services.mozilla.com,notify.windows.com,push.apple.com
up manage: export SIMULATOR_MAILDIR ?= $(CURDIR)/.local/returned
up manage: export BOUNCE_MAILBOX ?= maildir://$(SIMULATOR_MAILDIR)
up manage: export MAIL_ORGANISATION ?= larchfield
up manage: export HYBRID_MAIL_URL ?= http://$(SIMULATOR_HTTP)/hybrid
up manage: export HYBRID_MAIL_KEY ?= simulated
up manage: export SEALING_KEY_FILE ?= $(CURDIR)/.local/sealing-key
up:  # inside the servers; the checks are for the application's role, so they come after the owner's migrate
	@DATABASE_URL="$${OWNER_DATABASE_URL:-$$DATABASE_URL}" $(PY) manage.py migrate --skip-checks --verbosity 0
	@$(PY) manage.py check --database default
	@$(PY) manage.py make_leaves
	@$(PY) manage.py make_sealing_key --unless-there
	@$(PY) manage.py demo
	@printf '%s\n' '' 'Blockpost is at $(BASE_URL)' 'Sign in as admin@, manager@, staff@ or auditor@demo.example, or manager@other.example;' \
		'password: blockpost-demo. What left: http://$(SIMULATOR_HTTP). Ctrl-C stops it all.' ''
	@exec .venv/bin/honcho start --no-prefix

manage: setup  # a command in the same surroundings, also while it runs: make -s manage DO="verify_log --full"
	@$(SERVERS) $(PY) manage.py $(DO)

check: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(SERVERS) .venv/bin/mypy
	.venv/bin/djlint templates --lint --quiet
	$(SERVERS) $(PY) manage.py makemigrations --check --dry-run
	HTTPS=1 STATIC_MANIFEST=1 SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))') \
		$(SERVERS) $(PY) manage.py check --deploy --fail-level WARNING

test: check
	$(SERVERS) $(PY) -m pytest -n 2 --ignore tests/faults
	$(SERVERS) $(PY) -m pytest tests/faults

# The full sizes, for some hours; `make test` runs the same at sizes for every change. FAULT_PEOPLE=… and so on change them.
faults: export FAULT_PEOPLE ?= 10000
faults: export FAULT_KILLS ?= 1000
faults: export FAULT_CRASHES ?= 5
faults: export FAULT_EVENTS ?= 15000
faults: export FAULT_STEADY ?= 12000
faults: export FAULT_BOUNCES ?= 1000
faults: export FAULT_FORGED ?= 10000
faults: export FAULT_REPLAYS ?= 10000
faults: export FAULT_SHUFFLES ?= 10000
faults: export FAULT_TIMES ?= 100
faults: export FAULT_MESSAGES ?= 10000
faults: setup
	$(SERVERS) $(PY) -m pytest -s tests/faults

fuzz: setup  # requests made from the description of the API, with each role's token; FUZZ_CASES=… of each kind
	FUZZ_CASES=$${FUZZ_CASES:-25} $(SERVERS) $(PY) -m pytest -s -n 0 tests/api/test_fuzz.py

.PHONY: setup run up manage check test faults fuzz
