"""What the audit log says about badges, in words for a registration's story at the desk."""

from __future__ import annotations

from conference.core.errors import N_
from conference.registrations.acts import Words

WORDS = {
    "registration.badge_replaced": Words(N_("The badge was replaced; the old one is void")),
}
