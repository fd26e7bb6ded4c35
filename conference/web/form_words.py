"""What WTForms says about wrong input, in our words and the reader's language."""

from __future__ import annotations

from conference.core.errors import N_
from conference.web.i18n import _, ngettext

CHOICE = N_("Please choose one of the answers in the list.")
WORDS = {
    "Not a valid choice.": CHOICE,
    "Not a valid choice": CHOICE,
    "Invalid Choice: could not coerce.": CHOICE,
    "Not a valid date value.": N_("Please type a date: day, month and year."),
    "Not a valid datetime value.": N_("Please type a date and a time."),
    "Not a valid time value.": N_("Please type a time such as 14:30."),
    "Not a valid integer value.": N_("Please type a whole number."),
    "Not a valid decimal value.": N_("Please type a number."),
    "Number must be at least %(min)s.": N_("The number must be %(min)s or more."),
    "Number must be at most %(max)s.": N_("The number must be %(max)s or less."),
    "Number must be between %(min)s and %(max)s.": N_(
        "The number must be between %(min)s and %(max)s."
    ),
    "Field must be between %(min)d and %(max)d characters long.": N_(
        "Please type between %(min)d and %(max)d characters."
    ),
    "Invalid email address.": N_("An e-mail address looks like name@example.org."),
    "Invalid URL.": N_("A web address looks like https://www.example.org."),
    "Invalid input.": N_("Please check what you typed."),
    "This field is required.": N_("Please fill this in."),
}


class Words:
    """What WTForms asks for its messages; their placeholders are filled afterwards, by it."""

    def gettext(self, text: str) -> str:
        """One message."""
        known = WORDS.get(text)
        return str(_(known)) if known else text

    def ngettext(self, one: str, many: str, number: int) -> str:
        """A message about a number of characters."""
        if one.startswith("Field cannot be longer than"):
            said: str = ngettext(
                "Please type %(num)s character at most.",
                "Please type %(num)s characters at most.",
                number,
            )
        elif one.startswith("Field must be at least"):
            said = ngettext(
                "Please type %(num)s character at least.",
                "Please type %(num)s characters at least.",
                number,
            )
        elif "valid choice" in one:
            said = _(CHOICE)
        else:
            said = one if number == 1 else many
        return said
