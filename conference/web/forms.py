"""What all forms share: trimmed text, refusals on their field, choices in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, request
from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import StopValidation

from conference.core.errors import DomainError
from conference.core.text import plain_line
from conference.extensions import db
from conference.web.form_words import Words
from conference.web.i18n import _, lazy, words


class BaseForm(FlaskForm):
    """Subclasses add `from_x(obj)` to fill themselves and `values()` to hand on."""

    class Meta(FlaskForm.Meta):
        """Single-line text is trimmed and freed of control characters; refusals in our words."""

        def get_translations(self, form: Any) -> Words:
            return Words()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            # Flask-WTF would read JSON as a form, and fail on JSON that is no object.
            given = formdata is None or hasattr(formdata, "getlist")
            if not given and request and request.is_json:
                return None
            return super().wrap_formdata(form, formdata)

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, TextAreaField):
                filters = [*unbound_field.kwargs.get("filters", ()), _trim]
                options = {**options, "filters": filters}
            return super().bind_field(form, unbound_field, options)

    general_errors: list[str]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.general_errors = []

    def refuse(self, error: DomainError) -> None:
        """Show a refusal of the service on its field, or above the form."""
        text = words(error)
        field: Field | None = self._fields.get(error.field or "")
        if field is None:
            self.general_errors.append(text)
        else:
            field.errors = [*field.errors, text]


def saved(form: BaseForm, act: Callable[[], Any], said: Any = None) -> bool:
    """Whether the form was sent, is right, and its act is done and committed.

    A refusal rolls back and stands on its field; the page is shown again with what was typed.
    """
    if not form.validate_on_submit():
        return False
    try:
        act()
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)
        return False
    flash(str(said or _("Saved.")), "success")
    return True


def _trim(value: Any) -> Any:
    return plain_line(value) if isinstance(value, str) else value


class Wanted:
    """The field must be filled in."""

    field_flags = {"required": True}

    def __init__(self, message: Any = None):
        self.message = message or lazy("Please fill this in.")

    def __call__(self, form: Any, field: Field) -> None:
        data = field.data
        if data is None or (isinstance(data, str) and not data.strip()) or data == []:
            field.errors = []
            raise StopValidation(str(self.message))
