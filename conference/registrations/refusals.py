"""Why a registration is refused, in words for the person who registers."""

from __future__ import annotations

from conference.core.errors import N_, Conflict, DomainError, Invalid, NotAllowed, TooMany
from conference.core.money import Money


class RegistrationClosed(DomainError):
    """The edition takes no registrations now."""

    message = N_("Registration is closed.")


class NotOpenYet(RegistrationClosed):
    """It will later."""

    message = N_("Registration is not open yet.")


class PriceChanged(Conflict):
    """The price moved between showing and pressing; `old` and `new` are the totals."""

    message = N_("The price has changed meanwhile. Please look at the new total and confirm again.")

    def __init__(self, old: Money, new: Money):
        super().__init__()
        self.old, self.new = old, new


class TicketsGone(Conflict):
    """The last place of this type, or of the edition, was taken; waiting is possible."""

    message = N_(
        "The last place was taken a moment ago. You can choose another ticket or press again to "
        "join the waiting list."
    )


class NoPlaceLeft(Conflict):
    """Full, and there is no waiting list."""

    message = N_("All places are taken. Please choose another ticket if there is one.")


class ExtraGone(Conflict):
    """An extra has not as many places left."""

    message = N_("There are not enough places left for “%(extra)s”. Please change your choice.")


class NotOnSale(Invalid):
    """No such ticket, or not at this time."""

    message = N_("This ticket is not on sale now. Please choose another one.")


class ForMembers(NotAllowed):
    """Only people of member organisations."""

    message = N_(
        "This is for members of the network. We do not find “%(organisation)s” among them. Please "
        "choose your organisation from the list or write to the organiser."
    )


class MemberUnnamed(ForMembers):
    """Only people of member organisations, and none was named."""

    message = N_("This is for members of the network. Please say which organisation it is.")


class InvitationNeeded(NotAllowed):
    """Only with the link of an invitation."""

    message = N_(
        "This is for invited people. Please open the link in your invitation, or ask the organiser "
        "for one."
    )


class InvitationUsed(Conflict):
    """The invitation has served already."""

    message = N_("This invitation has been used already.")


class TooManyPeople(Invalid):
    """More people than one order may hold."""

    message = N_("One order may hold at most %(most)s people.")


class TooManyOrders(TooMany):
    """The same address again and again."""

    message = N_(
        "Several registrations were sent for this e-mail address within the last hour. Please look "
        "into your mailbox first, or try again later."
    )


class DeadlinePassed(DomainError):
    """Too late to change something."""

    message = N_("The deadline has passed. Please write to the organiser.")


class OfferLapsed(DomainError):
    """The offered place went to the next in line."""

    message = N_("This offer has lapsed and the place went to the next person in line.")
