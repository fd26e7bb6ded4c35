"""What an edition, its public and its partners can be, and what that is called."""

from __future__ import annotations

from enum import StrEnum

from conference.core.errors import N_


class EditionKind(StrEnum):
    """What sort of event it is."""

    CONFERENCE = "conference"
    ROUND_TABLE = "round_table"
    TRAINING = "training"
    WORKSHOP = "workshop"
    MATCHMAKING = "matchmaking"
    ANNIVERSARY = "anniversary"


KIND_NAMES = {
    EditionKind.CONFERENCE: N_("Conference"),
    EditionKind.ROUND_TABLE: N_("Round table"),
    EditionKind.TRAINING: N_("Training"),
    EditionKind.WORKSHOP: N_("Workshop"),
    EditionKind.MATCHMAKING: N_("Matchmaking event"),
    EditionKind.ANNIVERSARY: N_("Anniversary"),
}


class Audience(StrEnum):
    """Who may register."""

    EVERYONE = "everyone"
    MEMBERS = "members"
    INVITED = "invited"


AUDIENCE_NAMES = {
    Audience.EVERYONE: N_("Everyone"),
    Audience.MEMBERS: N_("Members of the network"),
    Audience.INVITED: N_("Invited people"),
}


class PartnerRole(StrEnum):
    """What a partner does for an edition."""

    ORGANISER = "organiser"
    HOST = "host"
    CO_HOST = "co_host"
    FUNDER = "funder"
    SUPPORTER = "supporter"


PARTNER_ROLE_NAMES = {
    PartnerRole.ORGANISER: N_("Organised by"),
    PartnerRole.HOST: N_("Hosted by"),
    PartnerRole.CO_HOST: N_("Co-hosted by"),
    PartnerRole.FUNDER: N_("Funded by"),
    PartnerRole.SUPPORTER: N_("Supported by"),
}
