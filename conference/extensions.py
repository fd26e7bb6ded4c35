"""The unbound extensions; imports nothing of ours, so that everything may import it."""

from __future__ import annotations

from typing import Any

from flask_babel import Babel
from flask_mail import Mail
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can drop what they made."""

    metadata = MetaData(naming_convention=NAMING)


db: Any = SQLAlchemy(model_class=Base)
mail = Mail()
csrf = CSRFProtect()
babel = Babel()
