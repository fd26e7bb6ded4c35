"""The sectors that clusters of the region work in."""

from __future__ import annotations

from conference.core.errors import N_

SECTORS = {
    "agriculture_and_food": N_("Agriculture and food"),
    "automotive": N_("Automotive industry"),
    "business_services": N_("Business services"),
    "construction": N_("Construction and urban planning"),
    "crafts": N_("Old crafts and craftsmanship"),
    "creative": N_("Creative industries, media and design"),
    "education_and_research": N_("Education and research"),
    "energy": N_("Energy and energy efficiency"),
    "environment": N_("Environment and recycling"),
    "furniture_and_wood": N_("Furniture and wood"),
    "health": N_("Health and medical services"),
    "ict": N_("Information technology"),
    "machinery_and_metal": N_("Machinery and metal"),
    "regional_development": N_("Regional development"),
    "textile": N_("Textile, clothing and footwear"),
    "tourism": N_("Tourism"),
    "transport": N_("Transport and logistics"),
    "youth_entrepreneurship": N_("Youth entrepreneurship"),
    "other": N_("Other"),
}


def name_of(sector: str) -> str:
    """The msgid of a sector; text that is no code of ours is shown as it is."""
    return SECTORS.get(sector, sector)
