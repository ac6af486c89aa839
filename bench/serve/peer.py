"""The start page with Django and gunicorn, as one would write it: settings and session are read from SQLite for every request.
Prints `ready`, or why it cannot run. Settings, texts and the session that it makes are told by `bench serve`."""

import hashlib
import json
import os
import re
import sys
from datetime import datetime, timezone
from pathlib import Path

try:
    import django
    from gunicorn.app.base import BaseApplication
except ImportError as missing:
    print(missing)
    sys.exit(0)

from django.conf import settings as django_settings

HERE = Path(__file__).parent
HEADERS = {
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; media-src 'self' blob:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

django_settings.configure(
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="bench",
    MIDDLEWARE=["django.middleware.gzip.GZipMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["STORE"], "CONN_MAX_AGE": None}},
    USE_TZ=True,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [HERE / "django"]}],
)
django.setup()

from django.db import connection, models
from django.shortcuts import render
from django.urls import path


class Settings(models.Model):
    value = models.TextField()
    version = models.IntegerField()

    class Meta:
        app_label = "bench"


class Account(models.Model):
    display_name = models.TextField()
    state = models.TextField()

    class Meta:
        app_label = "bench"


class Session(models.Model):
    hash = models.BinaryField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE)
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "bench"


def texts():
    """The texts of the portal: keys, values with `{ $name }`, continued on lines that begin with blanks."""
    known, key = {}, None
    for file in sorted(Path(os.environ["TEXTS"]).glob("*.ftl")):
        for line in file.read_text().split("\n"):
            begun = re.match(r"^([\w-]+) = ?(.*)$", line)
            if begun:
                key = begun[1]
                known[key] = begun[2]
            elif key and re.match(r"^ +\S", line):
                known[key] = f"{known[key]}\n{line.strip()}".strip()
            else:
                key = None
    return known


KNOWN = texts()
FOOTER = [
    ("/hilfe", "nav-help"),
    ("/nutzungsbedingungen", "nav-terms"),
    ("/datenschutz", "nav-privacy"),
    ("/barrierefreiheit", "nav-accessibility"),
    ("/impressum", "nav-imprint"),
]


def t(key, **values):
    text = KNOWN.get(key, key)
    return re.sub(r"\{ \$(\w+) \}", lambda m: values.get(m[1], ""), text) if values else text


class Texts(dict):
    """`{{ t.key }}` with keys that hold hyphens as underscores."""

    def __missing__(self, key):
        return t(key.replace("_", "-"))


def hashed(token):
    return hashlib.sha256(token.encode()).digest()


def start(request):
    row = Settings.objects.get(id=1)
    settings = json.loads(row.value)
    token = request.COOKIES.get("stadtbrief")
    who = None
    if token:
        now = datetime.now(timezone.utc)
        who = (
            Session.objects.select_related("account")
            .filter(hash=hashed(token), expires_at__gt=now, account__state="active")
            .first()
        )
    contact = [settings["sender"], settings["department"], settings["street"], f"{settings['postcode']} {settings['city']}", settings["opening_hours"]]
    values = {
        "settings": settings,
        "version": row.version,
        "who": who,
        "t": Texts(),
        "heading": t("start-heading", kommune=settings["name"]),
        "portal_name": t("portal-name", kommune=settings["name"]),
        "footer_contact": t("footer-contact", telefon=settings["telephone"], sender=settings["sender"]),
        "footer": [(to, t(key)) for to, key in FOOTER],
        "languages": [("de", "DE", "Deutsch"), ("en", "EN", "English")],
        "steps": [t(f"start-step-{i}") for i in (1, 2, 3)],
        "contact": [line for line in contact if line],
        "telephone_link": settings["telephone"].replace(" ", ""),
        "path": request.path,
        "hash": "0123456789ab",
    }
    return render(request, "start.html", values, content_type="text/html; charset=utf-8")


def with_headers(view):
    def answer(request):
        response = view(request)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return answer


urlpatterns = [path("", with_headers(start))]


def fill():
    with connection.schema_editor() as schema:
        for model in (Settings, Account, Session):
            schema.create_model(model)
    Settings.objects.create(id=1, value=Path(os.environ["SETTINGS"]).read_text(), version=1)
    account = Account.objects.create(display_name="Erika Mustermann", state="active")
    Session.objects.create(hash=hashed(os.environ["SESSION"]), account=account, expires_at=datetime(2999, 1, 1, tzinfo=timezone.utc))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = WAL")
    connection.close()


class Server(BaseApplication):
    def load_config(self):
        self.cfg.set("bind", f"127.0.0.1:{os.environ['PORT']}")
        self.cfg.set("workers", int(os.environ["WORKERS"]))
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("threads", 4)
        # connections are kept, as the others keep them
        self.cfg.set("keepalive", 60)
        self.cfg.set("graceful_timeout", 1)
        self.cfg.set("loglevel", "error")
        self.cfg.set("when_ready", lambda _: print("ready", flush=True))

    def load(self):
        from django.core.wsgi import get_wsgi_application

        return get_wsgi_application()


if __name__ == "__main__":
    fill()
    Server().run()
