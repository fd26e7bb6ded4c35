"""Shape and wording of what people type about themselves and to sign in."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length

from conference.accounts.addresses import LONGEST, is_address
from conference.web.forms import BaseForm, Wanted
from conference.web.i18n import lazy


class Address:
    """The field holds an e-mail address."""

    def __call__(self, form: Any, field: Any) -> None:
        if not is_address(field.data or ""):
            raise ValidationError(str(lazy("Please type an e-mail address like name@example.org.")))


class LinkForm(BaseForm):
    """Ask for a sign-in link."""

    email = EmailField(lazy("E-mail address"), [Wanted(), Length(max=LONGEST), Address()])


class PasswordForm(BaseForm):
    """Sign in by password."""

    email = EmailField(lazy("E-mail address"), [Wanted(), Length(max=LONGEST), Address()])
    password = PasswordField(lazy("Password"), [Wanted(), Length(max=200)])


class PressForm(BaseForm):
    """A single button."""


class CodeForm(BaseForm):
    """The code that the authenticator shows."""

    code = StringField(lazy("Code of six digits"), [Wanted(), Length(max=12)])


class RecoveryForm(BaseForm):
    """One of the recovery codes."""

    recovery_code = StringField(lazy("Recovery code"), [Wanted(), Length(max=30)])


class PasskeyForm(BaseForm):
    """The name of a new passkey."""

    name = StringField(lazy("Name of the device"), [Wanted(), Length(max=64)])


class NewPasswordForm(BaseForm):
    """Set or change the password."""

    password = PasswordField(lazy("New password"), [Wanted(), Length(max=200)])
    again = PasswordField(lazy("The same once more"), [Wanted(), Length(max=200)])

    def validate_again(self, field: Any) -> None:
        """Both are the same."""
        if field.data != self.password.data:
            raise ValidationError(str(lazy("The two passwords are not the same.")))


class EmailForm(BaseForm):
    """Another e-mail address."""

    email = EmailField(lazy("New e-mail address"), [Wanted(), Length(max=LONGEST), Address()])


class EraseForm(BaseForm):
    """Say once more that everything shall go."""

    word = StringField(lazy("Your e-mail address"), [Wanted(), Length(max=LONGEST)])
    sure = BooleanField(
        lazy("I understand that this cannot be undone"),
        [InputRequired(lazy("Please tick this first."))],
    )
