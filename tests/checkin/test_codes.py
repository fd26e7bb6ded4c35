"""The signed code on a badge: what is accepted, and that nothing else ever is."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.checkin import base45, codes, short_codes
from conference.documents import qr

MASTER = b"a master secret for tests only"
EDITION = "Hn3kPq8Wz5RtYv2BxL9cMd"
SEED = codes.edition_seed(MASTER, EDITION)
KEY = codes.public_key(SEED)
BADGE = bytes.fromhex("0123456789abcdef")
TEXT = codes.sign(SEED, edition_public_id=EDITION, badge_id=BADGE, version=3)


def accepted(text: str) -> bool:
    code = codes.read(text)
    return isinstance(code, codes.BadgeCode) and codes.verify(code, KEY)


def test_a_code_is_read_back_and_verified():
    code = codes.read(TEXT)
    assert isinstance(code, codes.BadgeCode)
    assert (code.edition_tag, code.badge_id, code.version) == (
        codes.edition_tag(EDITION),
        BADGE,
        3,
    )
    assert codes.verify(code, KEY)


def test_the_same_badge_gives_the_same_code_and_another_version_another_one():
    again = codes.sign(SEED, edition_public_id=EDITION, badge_id=BADGE, version=3)
    reprint = codes.sign(SEED, edition_public_id=EDITION, badge_id=BADGE, version=4)
    assert again == TEXT
    assert reprint != TEXT
    assert accepted(reprint)


def test_the_code_fits_a_qr_code_of_37_modules():
    assert len(TEXT) == codes.TEXT_LENGTH == 121
    assert {qr.path(codes_of(number))[0] for number in range(20)} == {37}


def codes_of(number: int) -> str:
    return codes.sign(SEED, edition_public_id=EDITION, badge_id=number.to_bytes(8, "big"))


def test_a_code_never_begins_or_ends_with_a_blank_in_any_edition():
    for number in range(300):
        public_id = f"edition-{number}"
        seed = codes.edition_seed(MASTER, public_id)
        text = codes.sign(seed, edition_public_id=public_id, badge_id=BADGE)
        assert text == text.strip()


@pytest.mark.parametrize("tail", ["", " ", "\r\n", "\t", "  \n"])
def test_what_a_hardware_scanner_appends_is_ignored(tail):
    assert accepted(TEXT + tail)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", codes.Problem.NOT_A_BADGE),
        ("https://example.org/", codes.Problem.NOT_A_BADGE),
        (" " + TEXT, codes.Problem.NOT_A_BADGE),
        (TEXT.lower(), codes.Problem.NOT_A_BADGE),
        (TEXT + " " * 9, codes.Problem.NOT_A_BADGE),
        (TEXT + "\n" + TEXT, codes.Problem.NOT_A_BADGE),
        ("DC2" + TEXT[3:], codes.Problem.NEWER_FORMAT),
        ("DC1:" + base45.encode(b"\x02" + bytes(77)), codes.Problem.NEWER_FORMAT),
        (TEXT[:-1], codes.Problem.DAMAGED),
        (TEXT + "0", codes.Problem.DAMAGED),
        (TEXT[:-1] + "a", codes.Problem.DAMAGED),
        (TEXT[:-3] + ":::", codes.Problem.DAMAGED),
        (TEXT[:60] + "\u00a0" + TEXT[61:], codes.Problem.DAMAGED),
    ],
)
def test_what_is_not_a_code_is_refused_with_its_reason(text, problem):
    assert codes.read(text) == codes.Malformed(problem)


def test_five_thousand_mutated_codes_are_all_refused():
    dice = random.Random(20160922)
    assert accepted(TEXT)
    wrong = [text for text in (mutated(dice) for _ in range(5000)) if accepted(text)]
    assert wrong == []


def mutated(dice: random.Random) -> str:
    """Anything but the code itself, blanks at the end aside."""
    while True:
        text = list(TEXT)
        for _ in range(dice.choice((1, 1, 1, 2, 5))):
            at = dice.randrange(len(text))
            match dice.randrange(5):
                case 0:
                    text[at] = dice.choice(base45.ALPHABET)
                case 1:
                    del text[at]
                case 2:
                    text.insert(at, dice.choice(base45.ALPHABET))
                case 3:
                    other = dice.randrange(len(text))
                    text[at], text[other] = text[other], text[at]
                case 4:
                    text[at] = chr(dice.randrange(0x20, 0x2FF))
        changed = "".join(text)
        if changed.rstrip() != TEXT:
            return changed


def test_every_flipped_bit_is_refused():
    raw = base45.decode(TEXT.removeprefix(codes.PREFIX))
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        assert not accepted(codes.PREFIX + base45.encode(bytes(changed)))


@given(st.text(alphabet=base45.ALPHABET, min_size=117, max_size=117))
def test_invented_codes_are_refused(body):
    assert not accepted(codes.PREFIX + body)


@given(st.text())
def test_reading_any_text_never_fails(text):
    assert isinstance(codes.read(text), codes.BadgeCode | codes.Malformed)


@given(st.binary(min_size=8, max_size=8), st.integers(0, 255))
def test_every_badge_of_the_edition_is_accepted_in_one_spelling_only(badge_id, version):
    text = codes.sign(SEED, edition_public_id=EDITION, badge_id=badge_id, version=version)
    code = codes.read(text)
    assert isinstance(code, codes.BadgeCode)
    assert codes.verify(code, KEY)
    assert codes.PREFIX + base45.encode(code.body + code.signature) == text


def test_a_code_of_another_edition_is_told_apart_from_a_forged_one():
    other = codes.edition_seed(MASTER, "another edition")
    foreign = codes.read(codes.sign(other, edition_public_id="another edition", badge_id=BADGE))
    forged = codes.read(codes.sign(other, edition_public_id=EDITION, badge_id=BADGE))
    assert isinstance(foreign, codes.BadgeCode)
    assert isinstance(forged, codes.BadgeCode)
    assert foreign.edition_tag != codes.edition_tag(EDITION)
    assert forged.edition_tag == codes.edition_tag(EDITION)
    assert not codes.verify(foreign, KEY)
    assert not codes.verify(forged, KEY)


def test_a_signature_does_not_serve_another_badge():
    first, second = codes.read(codes_of(1)), codes.read(codes_of(2))
    assert isinstance(first, codes.BadgeCode)
    assert isinstance(second, codes.BadgeCode)
    assert not codes.verify(replace(first, signature=second.signature), KEY)


def test_the_key_and_name_of_a_list_entry_come_from_the_signature_alone():
    first, second = codes.read(codes_of(1)), codes.read(codes_of(2))
    assert isinstance(first, codes.BadgeCode)
    assert isinstance(second, codes.BadgeCode)
    made = {
        codes.entry_key(first.signature),
        codes.entry_key(second.signature),
        codes.entry_id(first.signature),
        codes.entry_id(second.signature),
        codes.entry_key(first.signature)[:16],
    }
    assert len(made) == 5
    assert codes.entry_key(first.signature) == codes.entry_key(first.signature)
    assert (len(codes.entry_key(first.signature)), len(codes.entry_id(first.signature))) == (32, 16)


def test_a_short_master_secret_is_refused():
    with pytest.raises(ValueError, match="master secret"):
        codes.edition_seed(b"too short", EDITION)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
    ],
)
def test_base45_follows_the_examples_of_rfc_9285(data, text):
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@pytest.mark.parametrize("text", ["A", "GGW", ":::", "::", "bb8", "BB8 B", "ÅB8"])
def test_base45_refuses_what_it_would_not_write(text):
    with pytest.raises(ValueError, match="base45"):
        base45.decode(text)


@given(st.text(alphabet=base45.ALPHABET, max_size=12))
def test_base45_has_one_spelling_for_each_value(text):
    try:
        data = base45.decode(text)
    except ValueError:
        return
    assert base45.encode(data) == text


def test_a_short_code_is_read_however_it_is_typed():
    printed = short_codes.short_code(bytes.fromhex("0842108420ffffff"))
    assert printed == "1111-1115"
    for typed in ("1111-1115", "iill 1115", " l1I11115 ", "1111\u20131115"):
        assert short_codes.read_short_code(typed) == printed


@given(st.binary(min_size=8, max_size=8), st.integers(0, 7), st.sampled_from(short_codes.ALPHABET))
def test_one_wrong_character_of_a_short_code_is_found(badge_id, at, character):
    text = short_codes.short_code(badge_id).replace("-", "")
    wrong = text[:at] + character + text[at + 1 :]
    expected = short_codes.short_code(badge_id) if wrong == text else None
    assert short_codes.read_short_code(wrong) == expected


@given(st.binary(min_size=8, max_size=8), st.integers(0, 6))
def test_two_swapped_characters_of_a_short_code_are_found(badge_id, at):
    text = short_codes.short_code(badge_id).replace("-", "")
    wrong = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    expected = short_codes.short_code(badge_id) if wrong == text else None
    assert short_codes.read_short_code(wrong) == expected


@pytest.mark.parametrize("typed", ["", "1111", "1111-111U", "11111111112", "ххххxxxx"])
def test_what_is_no_short_code_is_refused(typed):
    assert short_codes.read_short_code(typed) is None
