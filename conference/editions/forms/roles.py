"""Inviting somebody to a staff role."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms import DateField, EmailField, SelectField
from wtforms.validators import Email, Length

from conference.core.permissions import ROLE_NAMES, Role
from conference.editions.forms.basics import WRONG_ADDRESS
from conference.web import i18n
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import _, lazy


class RoleForm(BaseForm):
    """Whom, which role, until when, and in which language we write."""

    email = EmailField(lazy("E-mail address"), [Wanted(), Length(max=254), Email(WRONG_ADDRESS)])
    role = SelectField(lazy("Role"), [Wanted()])
    ends_on = DateField(
        lazy("Last day"), [Wanted()], description=lazy("The last day on which the role counts.")
    )
    locale = SelectField(lazy("Language of the mail"), [Wanted()])

    def __init__(self, *args: Any, roles: Iterable[Role], ends_on: date, **kwargs: Any):
        kwargs.setdefault("data", {"ends_on": ends_on, "locale": i18n.current()})
        super().__init__(*args, **kwargs)
        self.role.choices = [(role.value, _(ROLE_NAMES[role])) for role in roles]
        self.locale.choices = list(i18n.LANGUAGES)

    def values(self) -> dict[str, Any]:
        """What was typed."""
        return {
            "email": self.email.data,
            "role": Role(self.role.data),
            "ends_on": self.ends_on.data,
            "locale": self.locale.data,
        }
