"""The cast that signs in to try the product: what they sign in with, and the table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from conference.accounts import vault
from conference.accounts.models import Person
from conference.core.permissions import ROLE_NAMES, Role
from conference.editions.models import Edition
from conference.extensions import db
from seeds.people import DOMAIN
from seeds.world import World, read

PASSWORD = "days-of-clusters-demo"  # noqa: S105 known to everybody, on purpose: only in the demo


def let_in(world: World) -> None:
    """Give all of them the demo's password, and the staff a second factor."""
    password = vault.hash_password(PASSWORD)
    staff = read("cast")["roles"]
    for key, guest in world.cast.items():
        guest.person.password = password
        if key in staff:
            guest.person.tf_totp_secret = vault.new_totp_secret()
    db.session.flush()


def table(settings: Mapping[str, Any]) -> str:
    """Who is who, in which edition, and how they sign in."""
    data = read("cast")
    addresses = {key: f"{key}@{DOMAIN}" for key in data["people"]}
    known = set(
        db.session.scalars(select(Person.email).where(Person.email.in_(addresses.values())))
    )
    rows = [
        (addresses[key], _name(row), *_work(data, key))
        for key, row in data["people"].items()
        if addresses[key] in known
    ]
    if not rows:
        return "Nobody of the sample is here. An empty database is filled by: flask seed"
    return "\n".join([*_columns(rows), "", *_how(settings)])


def _name(row: list[str]) -> str:
    given, family, latin, *_ = row
    return latin or f"{given} {family}"


def _work(data: dict[str, Any], key: str) -> tuple[str, str]:
    """The role, and where it is held; for the others what there is to see."""
    held = data["roles"].get(key)
    if held is None:
        return "participant", data["shows"][key]
    editions = ", ".join(held["editions"]) or f"all {_editions()} editions"
    return ROLE_NAMES[Role(held["role"])].lower(), editions


def _editions() -> int:
    return len(db.session.scalars(select(Edition.id)).all())


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    head = ("Address", "Name", "Role", "Where")
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(3)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        for row in [head, *rows]
    ]


def _how(settings: Mapping[str, Any]) -> list[str]:
    base, mailbox = settings["BASE_URL"], settings.get("MAILBOX_URL")
    lines = [f"Sign in at {base}/sign-in with one of these addresses:"]
    if mailbox:
        lines.append(f"  by link       it arrives at {mailbox}")
    if settings["ENVIRONMENT"] != "production":
        lines.append(f"  by password   {PASSWORD}")
        lines.append(
            "  staff         also need a code: make code (EMAIL=chair@example.org for one)"
        )
    return lines
