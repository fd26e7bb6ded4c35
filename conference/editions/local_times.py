"""Times as people type them, in the zone of the edition, to instants and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from conference.core.errors import N_, Invalid

GAP = N_(
    "This time does not exist: in the night to %(day)s the clocks go forward. "
    "Please choose a time before or after that hour."
)
TWICE = N_(
    "This time comes twice: in the night to %(day)s the clocks go back. "
    "Please choose a time before or after that hour."
)
# Far years overflow when they are moved to UTC.
FIRST_YEAR, LAST_YEAR = 1990, 2100
FAR = N_("Please check the year.")


def is_zone(name: str) -> bool:
    """Whether this is a time zone of the IANA list."""
    return name in available_timezones()


def to_instant(local: datetime, zone: str, *, field: str) -> datetime:
    """The instant of a wall-clock time; a time that is missing or double is refused in words."""
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise Invalid(FAR, field=field)
    place = ZoneInfo(zone)
    early, late = (local.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    back = early.astimezone(UTC).astimezone(place).replace(tzinfo=None)
    message = GAP if back != local else TWICE
    raise Invalid(message, field=field, day=local.strftime("%d.%m.%Y"))


def to_local(instant: datetime | None, zone: str) -> datetime | None:
    """The wall-clock time of an instant, without a zone: what a form shows."""
    if instant is None:
        return None
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def same_hands(instant: datetime | None, old_zone: str, new_zone: str) -> datetime | None:
    """Nine o'clock stays nine o'clock when the zone was chosen wrongly at first."""
    local = to_local(instant, old_zone)
    return None if local is None else local.replace(tzinfo=ZoneInfo(new_zone)).astimezone(UTC)


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a day, also where a day begins at one o'clock."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def next_midnight(instant: datetime, zone: str) -> datetime:
    """When the local date changes next."""
    local = instant.astimezone(ZoneInfo(zone)).date()
    return midnight(local + timedelta(days=1), zone)
