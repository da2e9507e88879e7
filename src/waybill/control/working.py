"""Django's settings where tasks are kept or done: those of the control database, and the tables of the tasks."""

from __future__ import annotations

from waybill.control.settings import *  # noqa: F403
from waybill.control.settings import INSTALLED_APPS as _BELOW

INSTALLED_APPS = [*_BELOW, "django_tasks", "django_tasks_db"]
