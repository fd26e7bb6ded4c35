"""What stands on each screen of the journey: forms made from a draft, read, and kept in it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from flask import g, request
from sqlalchemy import select

from conference.core.errors import DomainError
from conference.core.money import exponent
from conference.core.text import plain_line
from conference.editions.kinds import Audience
from conference.extensions import db
from conference.organisations import queries as organisations
from conference.organisations.models import Affiliation, Organisation
from conference.questions import service as questions
from conference.questions.forms import Answering
from conference.questions.kinds import Asked, display
from conference.registrations import drafting
from conference.registrations.forms import EmailForm, NeedsForm, PersonForm, ReviewForm, refuse
from conference.registrations.models import RegistrationDraft
from conference.registrations.refusals import PriceChanged
from conference.registrations.service import admission, catalogue, drafts
from conference.registrations.service.ordering import context_of
from conference.registrations.service.quoting import Priced, Quote, quote
from conference.registrations.wishes import Wish
from conference.web import i18n

MOST_SUGGESTED = 500


class PeopleScreen:
    """Who registers, with which ticket."""

    def __init__(self, draft: RegistrationDraft | None):
        self.data: dict[str, Any] = draft.data if draft is not None else _known()
        self.invited = (
            admission.find_invitation(g.edition, public_id=self.data.get("invitation"), by=g.person)
            is not None
        )
        self.offers = admission.may_choose(
            g.edition, catalogue.on_sale(g.edition), invited=self.invited
        )
        self.email = EmailForm(formdata=None, data={"email": self.data.get("email", "")})
        self.people = [
            PersonForm.from_person(number, person, self.offers)
            for number, person in enumerate(drafting.people_of(self.data))
        ]
        self.wants_another_row = False
        self.anchor: str | None = None

    @property
    def invitation_is_missing(self) -> bool:
        """Nobody can choose anything here without an invitation."""
        return not self.invited and g.edition.audience is Audience.INVITED

    @property
    def quote(self) -> Quote:
        """What the tickets chosen so far cost."""
        chosen = {offer.ticket_type.public_id: offer for offer in self.offers}
        people = [
            Priced(Wish(ticket=ticket), offer.ticket_type, offer.price, {}, [], offer.is_full)
            for form in self.people
            if (offer := chosen.get(ticket := form.ticket.data or "")) is not None
        ]
        return Quote(people, catalogue.currency_of(g.edition))

    base = 0

    @property
    def places(self) -> int:
        """Decimals of the currency."""
        return exponent(catalogue.currency_of(g.edition))

    @property
    def prices(self) -> dict[str, dict[str, int]]:
        """For the page's script; who would wait pays nothing now."""
        table = {
            offer.ticket_type.public_id: 0 if offer.is_full else offer.price.minor
            for offer in self.offers
        }
        return {form.ticket.name: table for form in self.people}

    @property
    def may_add(self) -> bool:
        """Whether one more person fits into the order."""
        return not self.invited and len(self.people) < g.edition.max_per_order

    @property
    def suggestions(self) -> list[str]:
        """Names of organisations for the list under the field."""
        rows = db.session.scalars(
            select(Organisation.name)
            .where(organisations.is_public())
            .order_by(Organisation.name)
            .limit(MOST_SUGGESTED)
        )
        return list(rows)

    def read(self) -> None:
        """Take what was sent."""
        self.email = EmailForm()
        sent = request.form.get("people", "")[:4]
        count = min(int(sent) if sent.isdecimal() else 1, g.edition.max_per_order)
        self.people = [PersonForm(number=n, offers=self.offers) for n in range(max(1, count))]
        self.wants_another_row = "add" in request.form or "remove" in request.form

    def validate(self) -> bool:
        """Every form, so that all faults are shown at once; then who may have which ticket."""
        results = [form.validate() for form in (self.email, *self.people)]
        return all(results) and self._admits()

    def _admits(self) -> bool:
        typed = {"people": [form.values() for form in self.people]}
        asked = drafting.wishes({"people": drafting.merge_people(self.data, typed["people"])})
        named = admission.organisations_named({wish.organisation for wish in asked})
        try:
            people = quote(g.edition, asked).people
            invitation = self.data.get("invitation")
            admission.check(g.edition, people, named, invitation=invitation, by=g.person)
        except DomainError as error:
            refuse(error, {f"p{form.number}": form for form in self.people}, self.email)
            return False
        return True

    def save(self, draft: RegistrationDraft | None) -> RegistrationDraft:
        """Keep what was typed; with a person more or fewer when that was asked."""
        known = drafting.merge_people(self.data, [form.values() for form in self.people])
        if "add" in request.form and self.may_add:
            known.append(drafting.blank_person(ticket=known[-1]["ticket"]))
            self.anchor = f"person-{len(known) - 1}"
        removed = request.form.get("remove", "")[:4]
        if removed.isdecimal() and 0 < int(removed) < len(known):
            del known[int(removed)]
        parts = {"email": self.email.email.data or "", "people": known}
        if draft is None:
            return drafts.begin(g.edition, {**self.data, **parts})
        drafts.save(draft, **parts)
        return draft


def _known() -> dict[str, Any]:
    """What is known before anything was typed: the person signed in, the link that was followed."""
    person = g.person
    known: dict[str, Any] = {"ticket": plain_line(request.args.get("ticket", ""))[:22]}
    if person is not None:
        own = organisations.main_organisation(person)
        known |= {
            "given_name": person.given_name,
            "family_name": person.family_name,
            "latin_name": person.latin_name,
            "country": person.country or "",
            "organisation": own.name if own else "",
            "position": _position(person.id) if own else "",
        }
    return {
        "email": person.email if person is not None else "",
        "people": [drafting.blank_person(**known)],
        "invitation": plain_line(request.args.get("invitation", ""))[:22] or None,
    }


def _position(person_id: int) -> str:
    found: str | None = db.session.scalars(
        select(Affiliation.position)
        .where(Affiliation.person_id == person_id)
        .order_by(Affiliation.is_main.desc())
    ).first()
    return found or ""


class _Quoted:
    """A screen that shows what the draft costs."""

    def __init__(self, draft: RegistrationDraft):
        self.draft = draft
        self.people = drafting.people_of(draft.data)
        self.quote: Quote = Quote([], catalogue.currency_of(g.edition))
        self.fault: DomainError | None = None
        try:
            self.quote = quote(g.edition, drafting.wishes(draft.data))
        except DomainError as error:
            self.fault = error


class Needs:
    """One person's part of the second screen."""

    def __init__(self, number: int, person: dict[str, Any], priced: Priced, asked: Any, form: Any):
        self.number, self.person, self.priced = number, person, priced
        self.is_named = bool(person["given_name"] or person["family_name"])
        self.form_class = form
        self.form = form.from_person(f"p{number}-", person)
        self.questions = Answering(
            asked if self.is_named else [],
            prefix=f"p{number}-",
            context=context_of(priced),
            answers=person["answers"],
        )

    def read(self) -> bool:
        """Take what was sent; True when all of it can be used."""
        self.form = self.form_class(prefix=f"p{self.number}-")
        right = self.form.validate()
        return self.questions.read() and right

    def values(self, right: bool) -> dict[str, Any]:
        """For the draft. Of answers that cannot be used, files are kept: they are here already."""
        answers = self.questions.answers
        if not right:
            answers = {**answers, **self.questions.kept_files}
        return {**self.person, **self.form.values(), "answers": answers}


class NeedsScreen(_Quoted):
    """What each person books and needs."""

    def __init__(self, draft: RegistrationDraft):
        super().__init__(draft)
        self.extras = catalogue.extras(g.edition)
        self.asks_diet = any(one.extra.asks_diet for one in self.extras)
        form = NeedsForm.for_edition(self.extras)
        asked = questions.asked(g.edition)
        self.needs = [
            Needs(number, person, priced, asked, form)
            for number, (person, priced) in enumerate(
                zip(self.people, self.quote.people, strict=False)
            )
        ]
        self.right = True

    @property
    def base(self) -> int:
        """What the tickets cost, without the extras."""
        return sum(p.price.minor for p in self.quote.people if not p.waits)

    @property
    def places(self) -> int:
        """Decimals of the currency."""
        return exponent(self.quote.currency)

    @property
    def prices(self) -> dict[str, int]:
        """For the page's script; who would wait pays nothing now."""
        return {
            one.form.extra_field(offer).name: offer.price.minor
            for one in self.needs
            if not one.priced.waits
            for offer in self.extras
        }

    def read(self) -> bool:
        """Take what was sent; every fault is shown at once."""
        results = [one.read() for one in self.needs]
        self.right = all(results)
        return self.right

    def save(self, draft: RegistrationDraft) -> None:
        """Keep what was typed, faults or not."""
        drafts.save(draft, people=[one.values(self.right) for one in self.needs])


class ReviewScreen(_Quoted):
    """Everything at a glance."""

    def __init__(self, draft: RegistrationDraft):
        super().__init__(draft)
        self.price_changed: PriceChanged | None = None
        self.tickets_gone = False
        payee = g.edition.payee
        first = self.people[0]
        known = draft.data.get("buyer") or {
            "invoice_name": first["organisation"]
            or f"{first['given_name']} {first['family_name']}".strip(),
            "invoice_country": first["country"],
            "pays_by": "card" if payee is not None and payee.takes_cards else "transfer",
        }
        self.form = ReviewForm(
            data=known,
            costs=bool(self.quote.total),
            takes_cards=payee is not None and payee.takes_cards,
        )

    @cached_property
    def _asked(self) -> list[Asked]:
        return questions.asked(g.edition)

    @property
    def waiting(self) -> str:
        """The numbers of the people who would wait, for the hidden field."""
        return ",".join(str(n) for n, person in enumerate(self.quote.people) if person.waits)

    @property
    def all_wait(self) -> bool:
        return self.quote.waiting == len(self.quote.people)

    def answers_of(self, number: int) -> list[tuple[Asked, str]]:
        """The questions that were answered, with the answers in words."""
        answers, locale = self.people[number]["answers"], i18n.current()
        return [
            (one, display(one, answers[one.key], locale))
            for one in self._asked
            if answers.get(one.key) is not None
        ]
