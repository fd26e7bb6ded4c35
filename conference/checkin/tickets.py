"""What check-in prints on tickets: the signed code of a registration, and its short form."""

from __future__ import annotations

from conference.checkin import keys, short_codes
from conference.registrations.models import Registration


def badge_code(registration: Registration) -> str:
    """The text of the QR code."""
    return keys.code_of(
        registration.edition.public_id, registration.badge_id, registration.badge_version
    )


def short_code(registration: Registration) -> str:
    """What is read aloud at the door when the code cannot be scanned."""
    return short_codes.short_code(bytes.fromhex(registration.badge_id))
