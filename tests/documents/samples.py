"""Data for papers, chosen to be hard to set: scripts, lengths, many lines."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

from conference.checkin import codes, short_codes
from conference.core.money import Money
from conference.documents import papers

NAMES = [
    ("Đorđe Šćepanović-Živković", "Djordje Scepanovic-Zivkovic"),
    ("Милица Ђорђевић-Џунић", "Milica Đorđević-Džunić"),
    ("김민준", "Kim Min-jun"),
    ("Αλέξανδρος Παπαδόπουλος", "Alexandros Papadopoulos"),
    ("Gülşen İğdır Çağlayan", ""),
    ("Maximiliana-Konstantinovna von Hohenzollern-Sigmaringen Jovanović", ""),
    ("Wolfeschlegelsteinhausenbergerdorffmeister", ""),
    ("ნინო ბერიძე", "Nino Beridze"),
    ("Արամ Պետրոսյան", "Aram Petrosyan"),
    ("Ștefan Țurcanu", ""),
    ("Li Na", ""),
    ("佐藤 さくら", "Satō Sakura"),
]
PLACES = [
    ("ICT Cluster of Central Serbia", "Serbia"),
    ("Кластер за енергетску ефикасност и обновљиве изворе Југоисточне Србије, Ниш", "Србија"),
    ("계명대학교 산학협력단", "대한민국"),
    ("Σύνδεσμος Επιχειρήσεων Πληροφορικής Βορείου Ελλάδος", "Ελλάδα"),
    ("İstanbul Kümelenme Derneği", "Türkiye"),
]
ROLES = [
    ("Delegate", "teal"),
    ("Speaker", "rust"),
    ("Guest of honour", "amber"),
    ("Organiser", "plum"),
]
SEED = codes.edition_seed(b"a master secret for tests only", "edition-of-the-samples")


def code(number: int) -> tuple[str, str]:
    badge_id = hashlib.sha256(str(number).encode()).digest()[: codes.ID_BYTES]
    text = codes.sign(SEED, edition_public_id="edition-of-the-samples", badge_id=badge_id)
    return text, short_codes.short_code(badge_id)


def edition(locale: str = "en") -> papers.Edition:
    if locale == "en":
        return papers.Edition(
            name="Days of Clusters 2016, Ohrid",
            motto="Clusters across borders: from a handshake to a common market",
            when=papers.days(date(2016, 9, 22), date(2016, 9, 24), "en"),
            where="Congress Centre, Ohrid, North Macedonia",
        )
    return papers.Edition(
        name="Дани кластера 2016, Охрид",
        motto="Кластери преко граница: од руковања до заједничког тржишта",
        when=papers.days(date(2016, 9, 22), date(2016, 9, 24), locale),
        where="Конгресни центар, Охрид, Северна Македонија",
    )


def people(count: int) -> list[papers.BadgePerson]:
    made = []
    for number in range(count):
        name, latin = NAMES[number % len(NAMES)]
        affiliation, country = PLACES[number % len(PLACES)]
        role, colour = ROLES[number % len(ROLES)]
        text, short = code(number)
        made.append(
            papers.BadgePerson(
                name=name,
                latin_name=latin,
                affiliation=affiliation,
                country=country,
                role=role,
                colour=colour,
                code=text,
                short_code=short,
            )
        )
    return made


def ticket(name: str = "Đorđe Šćepanović-Živković", latin: str = "") -> papers.TicketData:
    text, short = code(1)
    return papers.TicketData(
        name=name,
        latin_name=latin,
        affiliation="ICT Cluster of Central Serbia",
        country="Serbia",
        ticket_type="Member cluster, early price",
        order_number="DC16-00042",
        code=text,
        short_code=short,
        extras=(
            papers.Extra(
                name="Company visit: renewable energy park",
                when="22 September, 14:00",
                where="Bus from the hotel lobby",
            ),
            papers.Extra(name="Gala dinner", when="23 September, 20:00", where="Lakeside terrace"),
            papers.Extra(name="Lunch, vegetarian", when="24 September, 13:00", where="Foyer"),
        ),
        bring=("This page, on paper or on your telephone", "A document with your name"),
        contact=("Jelena Petrović", "days@example.org", "+381 18 000 000"),
        made_on=date(2016, 8, 1),
    )


SELLER = papers.Party(
    name="Дом кластера – Дружба за развој, Ниш",
    address=("Булевар Николе Тесле 63/5", "18000 Ниш", "Србија"),
    tax_id="101134702",
    registration_number="12345674",
    email="finance@example.org",
    phone="+381 18 000 000",
)
BUYERS = [
    papers.Party(
        name="Šumadijski metalski klaster „Čelik i žica“ d.o.o.",
        address=("Đure Đakovića 5", "34000 Kragujevac", "Srbija"),
        tax_id="101134702",
    ),
    papers.Party(
        name="계명대학교 산학협력단", address=("대구광역시 달서구 달구벌대로 1095", "대한민국")
    ),
    papers.Party(
        name="Σύνδεσμος Επιχειρήσεων Πληροφορικής",
        address=("Οδός Εγνατίας 154", "546 36 Θεσσαλονίκη"),
        tax_id="EL094259216",
    ),
    papers.Party(name="Gülşen İğdır Çağlayan", address=("Atatürk Bulvarı 7", "59100 Tekirdağ")),
]
EPC = "BCD\n002\n1\nSCT\n\nDom klastera\nRS35105008123123123173\nEUR360.00\n\nRF18539007547034"


def invoice(
    kind: papers.Kind = papers.Kind.PROFORMA,
    *,
    lines: int = 2,
    buyer: int = 0,
    currency: str = "EUR",
    payment: bool = True,
    with_vat: bool = False,
) -> papers.InvoiceData:
    rows = tuple(
        papers.Line(
            description=f"Participation fee, Days of Clusters 2016: {NAMES[n % len(NAMES)][0]}",
            detail="Member cluster, early price" if n % 2 == 0 else "",
            quantity=1 + n % 2,
            unit_price=Money(12000, currency),
            amount=Money(12000 * (1 + n % 2), currency),
            vat_rate=Decimal(20) if with_vat else None,
        )
        for n in range(lines)
    )
    total = Money.total((row.amount for row in rows), currency)
    return papers.InvoiceData(
        kind=kind,
        number="2016-00042",
        seller=SELLER,
        buyer=BUYERS[buyer],
        issued_on=date(2016, 8, 1),
        supplied_on=date(2016, 9, 24),
        due_on=date(2016, 8, 15),
        place="Niš",
        refers_to="2016-00017" if kind is papers.Kind.CREDIT_NOTE else "",
        lines=rows,
        total=total,
        vat=(papers.VatRow(rate=Decimal(20), base=total.net(20), vat=total.vat_part(20)),)
        if with_vat
        else (),
        payment=papers.Payment(
            payee="Dom klastera, Niš",
            iban="RS35 1050 0812 3123 1231 73",
            bic="AIKBRS22",
            bank="AIK Banka a.d. Beograd",
            reference="RF18 5390 0754 7034",
            amount=total,
            purpose="Days of Clusters 2016",
            code=EPC,
        )
        if payment
        else None,
        vat_note=""
        if with_vat
        else "The issuer is not in the VAT system (Art. 33 of the VAT Act).",
        notes=("Names of participants may be changed free of charge until 20 September.",),
    )
