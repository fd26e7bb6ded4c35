"""The states of an edition."""

from __future__ import annotations

from enum import StrEnum

from conference.core.errors import N_


class EditionState(StrEnum):
    """A draft is seen by its staff, a published edition by everybody, an archived one is closed."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


TRANSITIONS: dict[EditionState, frozenset[EditionState]] = {
    EditionState.DRAFT: frozenset({EditionState.PUBLISHED}),
    EditionState.PUBLISHED: frozenset({EditionState.DRAFT, EditionState.ARCHIVED}),
    EditionState.ARCHIVED: frozenset({EditionState.PUBLISHED}),
}

STATE_NAMES = {
    EditionState.DRAFT: N_("Draft"),
    EditionState.PUBLISHED: N_("Published"),
    EditionState.ARCHIVED: N_("Archived"),
}
