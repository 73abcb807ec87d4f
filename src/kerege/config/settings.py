"""Django settings from environment variables, with safe defaults. Data are stored under KEREGE_HOME."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from kerege.base import files
from kerege.base.accepted_risks import accepted_risks
from kerege.config import catalogues, connections, hosts, logs, mail
from kerege.config.env import env_bool, env_int, env_list, env_str
from kerege.core.security.keyring import keyring
from kerege.vocabulary import languages
from kerege.vocabulary.pack.name_tables import use_name_tables

HOME = files.home()
HOME.mkdir(mode=0o700, parents=True, exist_ok=True)  # other users of the machine must not read it
PACKAGE = Path(__file__).resolve().parent.parent
use_name_tables()

DEBUG = False
# risks that the operator accepts by name; all others of kerege.base.accepted_risks are refused
ACCEPTED_RISKS = accepted_risks()
# Synthetic microdata, and sign-in with one button for each role. Only on loopback, and in a register marked as a demo.
DEMO = env_bool("KEREGE_DEMO", False)
# TLS is the default: cookies and redirects depend on it.
HTTPS = env_bool("KEREGE_HTTPS", not DEMO)
# host of the public site, where no page of staff answers; without it, both share the hosts above
PUBLIC_HOST = env_str("KEREGE_PUBLIC_HOST", "").lower()
ALLOWED_HOSTS = hosts.list_served_hosts(env_list("KEREGE_HOSTS", ["localhost", "127.0.0.1", "[::1]"]), PUBLIC_HOST)
CSRF_TRUSTED_ORIGINS = env_list("KEREGE_ORIGINS", [])
SECRET_KEY = keyring().current("django")[1].hex()
SECRET_KEY_FALLBACKS = [keyring().get("django", key).hex() for key in keyring().ids("django")[:-1]]

# -- apps and middleware -----------------------------------------------------------------------------------------------
ROOMS = [
    "kerege.coordination.risk",
    "kerege.coordination.commissions",
    "kerege.coordination.measures",
    "kerege.casework.desk",
    "kerege.casework.persons",
    "kerege.casework.exchange",
    "kerege.casework.rights",
    "kerege.casework.intake",
    "kerege.casework.assistance",
    "kerege.casework.justice",
    "kerege.casework.awareness",
    "kerege.casework.cases",
    "kerege.casework.vault",
    "kerege.publishing",
]
INSTALLED_APPS = [
    "kerege.web",  # first, so that its templates take precedence
    *ROOMS,
    "kerege.core",
    "kerege.core.accounts",
    "kerege.core.audit",
    "kerege.core.jobs",
    "kerege.core.integrations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_cotton",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "kerege.core.pages.middleware.close_session_scope",
    "kerege.core.pages.middleware.client_place",
    "django.middleware.security.SecurityMiddleware",
    "kerege.web.compression.Compress",
    "csp.middleware.CSPMiddleware",  # outside WhiteNoise, so that static files have the policy too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kerege.core.pages.middleware.known_methods",
    "kerege.core.pages.public_host.SeparateHosts",
    "kerege.core.pages.session_cookie.KeepNewerCookie",
    "django.middleware.locale.LocaleMiddleware",
    "kerege.casework.exchange.api.transport.require_tls",
    "kerege.core.pages.middleware.too_large",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kerege.core.pages.middleware.safe_responses",
    "kerege.core.pages.middleware.session_limits",
    "kerege.core.pages.allauth_limits.limit_allauth",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "kerege.core.pages.middleware.second_factor",
    "kerege.core.pages.administration.AdministrationGuard",
    "kerege.core.pages.middleware.refusals",
    "kerege.publishing.site.missing_numbers.ExplainMissingNumbers",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "kerege.config.urls"
WSGI_APPLICATION = "kerege.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "kerege.core.pages.shell.shell",
                "kerege.core.pages.context_processors.house",
            ],
            "builtins": ["kerege.web.templatetags.language_attribute"],
            "libraries": {"session_tags": "kerege.core.pages.template_tags"},
        },
    }
]
FORM_RENDERER = "kerege.web.form_renderer.FormRenderer"

# -- database ----------------------------------------------------------------------------------------------------------
DATABASE_URL = connections.secure_database_url(
    env_str("DATABASE_URL", f"sqlite:///{HOME / 'kerege.sqlite3'}"), os.environ
)
DATABASES = {"default": dj_database_url.parse(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # writers queue at BEGIN instead of failing in the middle; the audit chain relies on it
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: a power cut loses no write that a page has confirmed
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-64000;",
    }
else:
    # Django's backend, extended to set the actor for row-level security
    DATABASES["default"]["ENGINE"] = "kerege.core.row_security.postgresql"
    # options in the address, such as sslmode, stay
    DATABASES["default"]["OPTIONS"] = {
        # queries of pages are short, but row security makes the planner estimate high costs: with JIT, PostgreSQL would
        # compile for a second a query that runs for 10 ms
        "options": "-c jit=off",
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": env_int("KEREGE_DB_POOL", 10)},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# -- sign-in -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "kerege.core.accounts.breached_passwords.BreachedPasswordValidator"},
    {"NAME": "kerege.core.accounts.context_words.ContextWordsValidator", "OPTIONS": {"min_length": 12}},
]
BREACHED_PASSWORDS = env_str("KEREGE_BREACHED_PASSWORDS", "")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:start"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "kerege.core.accounts.allauth_adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
# kerege.core.accounts.attempts limits attempts instead: in the database, for all processes together
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "change_password": "kerege.core.accounts.sign_in_forms.ChangePasswordForm",
    "reauthenticate": "kerege.core.accounts.sign_in_forms.ConfirmPasswordForm",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
PASSWORD_RESET_TIMEOUT = 24 * 3600
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "kerege.core.accounts.link_tokens.LinkTokenGenerator"  # noqa: S105  # nosec B105
MFA_ADAPTER = "kerege.core.accounts.allauth_adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Kerege"
MFA_TOTP_TOLERANCE = 0  # a code lives for its 30 seconds
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = False
MFA_FORMS = {
    "authenticate": "kerege.core.accounts.sign_in_forms.SecondFactorForm",
    "reauthenticate": "kerege.core.accounts.sign_in_forms.ConfirmCodeForm",
    "authenticate_webauthn": "kerege.core.accounts.sign_in_forms.SecondPasskeyForm",
    "login_webauthn": "kerege.core.accounts.sign_in_forms.PasskeyForm",
    "reauthenticate_webauthn": "kerege.core.accounts.sign_in_forms.ConfirmPasskeyForm",
    "add_webauthn": "kerege.core.accounts.sign_in_forms.NewPasskeyForm",
}

# -- autosaved drafts --------------------------------------------------------------------------------------------------
# Hours until an autosaved draft is deleted; at least 20 (the limit in WCAG 2.2.6).
DRAFT_HOURS = max(20, env_int("KEREGE_DRAFT_HOURS", 72))
# keeps unsent words, encrypted, in the storage of the browser; a production register has to accept this risk
BROWSER_DRAFTS = env_bool("KEREGE_BROWSER_DRAFTS", DEMO or not HTTPS or "browser-drafts" in ACCEPTED_RISKS)
CSRF_FAILURE_VIEW = "kerege.casework.vault.draft_middleware.forged"

# -- sessions, cookies, headers ----------------------------------------------------------------------------------------
SESSION_COOKIE_AGE = 15 * 60
SESSION_ABSOLUTE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
# messages stay in the session on the server: in a cookie, the browser would store personal data
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-kerege" if HTTPS else "kerege"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SECURE_SSL_REDIRECT = HTTPS
# the API refuses a request without TLS instead: a redirect would hide that the caller sends its token in clear
SECURE_REDIRECT_EXEMPT = ["^api/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
# certificate and key of `kerege serve`, which `kerege doctor` checks
TLS_CERT = env_str("KEREGE_TLS_CERT", "")
TLS_KEY = env_str("KEREGE_TLS_KEY", "")
# Whether a proxy terminates TLS and overwrites X-Forwarded-Proto and X-Forwarded-For.
TRUSTED_PROXY = env_bool("KEREGE_TRUSTED_PROXY", False)
if TRUSTED_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# header in which the proxy states SUCCESS after it has verified a device certificate; pages of administration need it
DEVICE_HEADER = hosts.read_device_header(env_str("KEREGE_DEVICE_HEADER", ""), is_behind_proxy=TRUSTED_PROXY)
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # data: for the QR code of the authenticator app
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# limit of an upload: a document stays in memory until it is encrypted
UPLOAD_LIMIT = env_int("KEREGE_UPLOAD_MB", 10) * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["kerege.core.uploads.memory_handler.InMemory"]
# host:port, tls://host:port or socket path of ClamAV's daemon; if set, every upload is scanned before it is stored
CLAMD = env_str("KEREGE_CLAMD", "")
connections.check_scanner(CLAMD)
CLAMD_CA = env_str("KEREGE_CLAMD_CA", "")
CLAMD_CERT = env_str("KEREGE_CLAMD_CERT", "")
# where the worker sends audit events: syslog+tls://host:6514 or file:///path; a CA bundle, and a certificate with key
AUDIT_FORWARD = env_str("KEREGE_AUDIT_FORWARD", "")
AUDIT_FORWARD_CA = env_str("KEREGE_AUDIT_FORWARD_CA", "")
AUDIT_FORWARD_CERT = env_str("KEREGE_AUDIT_FORWARD_CERT", "")
# folder of the backups; a scheduled drill restores the newest one into a scratch folder, every DRILL_DAYS days
BACKUPS = env_str("KEREGE_BACKUPS", "")
DRILL_DAYS = max(1, env_int("KEREGE_DRILL_DAYS", 7))
DRILL_MINUTES = max(1, env_int("KEREGE_DRILL_MINUTES", 60))
# an empty database for the drill, which a register on PostgreSQL needs
DRILL_DATABASE_URL = connections.secure_database_url(env_str("KEREGE_DRILL_DATABASE_URL", ""), os.environ)
# lets a scheduled job delete approved records each day; without it the operator runs kerege retention --run
RETENTION_RUNS = env_bool("KEREGE_RETENTION_RUNS", True)
# e-mail to staff: sent only if a mail server is set; core/messages.py holds the texts
EMAIL_URL = env_str("KEREGE_EMAIL_URL", "")
EMAIL_CA = env_str("KEREGE_EMAIL_CA", "")
EMAIL_CERT = env_str("KEREGE_EMAIL_CERT", "")
MESSAGE_SENDERS: list[str] = ["kerege.core.outgoing_messages.by_email"] if EMAIL_URL else []
globals().update(mail.settings_of(EMAIL_URL))
DEFAULT_FROM_EMAIL = env_str("KEREGE_EMAIL_FROM", "kerege@localhost")
SITE_URL = env_str("KEREGE_SITE_URL", "").rstrip("/")
# allow-list of hosts for webhooks; empty by default
WEBHOOK_HOSTS = env_list("KEREGE_WEBHOOK_HOSTS", [])
WEBHOOK_CA = env_str("KEREGE_WEBHOOK_CA", "")
# passwords that nobody renews; kerege serve refuses them unless they are accepted
HAS_DATABASE_PASSWORD = connections.has_database_password(
    [DATABASE_URL, DRILL_DATABASE_URL, env_str("KEREGE_MIGRATE_URL", "")], os.environ
)
HAS_MAIL_PASSWORD = connections.has_password(EMAIL_URL)
LOGGING = logs.configure(env_str("KEREGE_LOG_LEVEL", "WARNING"), decisions=not DEMO, is_spooled=bool(AUDIT_FORWARD))
# allauth can warn about deliberate settings, such as sign-in by user name instead of e-mail address
SILENCED_SYSTEM_CHECKS: list[str] = []

# -- languages and time ------------------------------------------------------------------------------------------------
# those of the country's pack
LANGUAGE_CODE = languages.default()
LANGUAGES = languages.choices()
LANGUAGES_BIDI = [tag for tag in languages.offered() if languages.is_right_to_left(tag)]
LOCALE_PATHS = catalogues.locale_paths()
FORMAT_MODULE_PATH = ["kerege.web.formats"]
USE_I18N = True
TIME_ZONE = languages.rules().time_zone
USE_TZ = True

# -- files -------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "uploads", "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Serve static files from the packages, without collectstatic.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
# A browser asks for /favicon.ico where an answer is no page: a JSON, CSV or SVG file.
WHITENOISE_ROOT = Path(str(resources.files("kerege.web"))) / "root"
WHITENOISE_MAX_AGE = 0 if DEMO else 3600
