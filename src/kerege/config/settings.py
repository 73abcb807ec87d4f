"""Settings: one file, from the environment, with safe defaults. State lives under KEREGE_HOME."""

from __future__ import annotations

from pathlib import Path

import dj_database_url

from kerege.config.env import env_bool, env_int, env_list, env_str
from kerege.core.keys import keyring
from kerege.standard import files

HOME = files.home()
PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = False
# Invented people, sign-in by one button a role. Honoured only on loopback and only on a register marked as a demo.
DEMO = env_bool("KEREGE_DEMO", False)
# Behind TLS unless somebody says otherwise: cookies and redirects depend on it.
HTTPS = env_bool("KEREGE_HTTPS", not DEMO)
ALLOWED_HOSTS = env_list("KEREGE_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_list("KEREGE_ORIGINS", [])
SECRET_KEY = keyring().current("django")[1].hex()
SECRET_KEY_FALLBACKS = [keyring().get("django", key).hex() for key in keyring().ids("django")[:-1]]

# -- the house ---------------------------------------------------------------------------------------------------------
ROOMS = [
    "kerege.casework.desk",
    "kerege.casework.exchange",
    "kerege.casework.intake",
    "kerege.casework.assistance",
    "kerege.casework.justice",
    "kerege.casework.awareness",
    "kerege.casework.cases",
    "kerege.casework.vault",
    "kerege.publishing",
]
INSTALLED_APPS = [
    "kerege.web",  # first, so that its templates win
    *ROOMS,
    "kerege.core",
    "kerege.core.accounts",
    "kerege.core.audit",
    "kerege.core.jobs",
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
    "axes",
    "csp",
    "django_cotton",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
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
                "kerege.core.context.house",
            ],
        },
    }
]

# -- database ----------------------------------------------------------------------------------------------------------
DATABASE_URL = env_str("DATABASE_URL", f"sqlite:///{HOME / 'kerege.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # writers queue at BEGIN instead of failing in the middle; the audit chain relies on it
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-64000;",
    }
else:
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": env_int("KEREGE_DB_POOL", 10)}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# -- sign-in -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False

# -- languages and time ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "kk"
LANGUAGES = [("kk", "Қазақша"), ("ru", "Русский"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
FORMAT_MODULE_PATH = ["kerege.web.formats"]
USE_I18N = True
TIME_ZONE = "Asia/Almaty"
USE_TZ = True

# -- files -------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
