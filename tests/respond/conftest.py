"""Django must be set up before test modules import those with models."""

import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "waybill.control.settings"
django.setup()
