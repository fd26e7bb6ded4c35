"""Refusals in words: safe to show to anybody, translated at the edge."""

from __future__ import annotations

from typing import Any


def N_(message: str) -> str:  # noqa: N802 - the name that translation tools look for
    """Mark a text for translation where it is written; the edge translates it."""
    return message


class DomainError(Exception):
    """A refusal. `message` is a msgid with %(name)s placeholders, `params` fill them.

    `field` names the form field that the refusal belongs to, when there is one.
    """

    status = 409
    message = N_("That is not possible right now.")

    def __init__(self, message: str | None = None, *, field: str | None = None, **params: Any):
        self.message = message or type(self).message
        self.params = params
        self.field = field
        super().__init__(self.message % params if params else self.message)


class NotFound(DomainError):
    """Missing, or not for this person: both answer the same."""

    status = 404
    message = N_("We could not find that.")


class NotAllowed(DomainError):
    """The person is known and may know that this exists, but not do it."""

    status = 403
    message = N_("You do not have the right to do that.")


class Conflict(DomainError):
    """Somebody else was quicker, or the thing has changed meanwhile."""

    message = N_("This has changed meanwhile. Please look again.")


class InvalidTransition(Conflict):
    """The state does not allow this step."""

    message = N_("This step is no longer possible: the state has changed meanwhile.")


class Invalid(DomainError):
    """What was typed cannot be used; `field` says where."""

    status = 422
    message = N_("Please check what you typed.")


class TooMany(DomainError):
    """More tries than allowed; come back later."""

    status = 429
    retry_after = 300  # seconds
    message = N_("Too many tries. Please wait a few minutes and try again.")
