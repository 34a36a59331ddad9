"""Forms are made from the settings' own descriptions, and every setting has its words in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.language import Language, sentences
from kiosk.settings import CameraSection, MailSection, PaymentSection, Settings
from kiosk.technician.forms import described, fields_of, typed
from kiosk.technician.live import LIVE
from kiosk.technician.told import FieldKind, SettingField

EVERY = [(section, key) for section, key, _ in described()]


def field(name: str, settings: Settings | None = None, **environment: str) -> SettingField:
    fields = fields_of(settings or Settings(), environment)
    return next(one for one in fields if f"{one.section}.{one.key}" == name)


@pytest.mark.parametrize("language", list(Language))
def test_each_setting_has_its_words(language: Language) -> None:
    words = sentences(language)
    needed = {
        *(f"setting.{section}.title" for section, _ in EVERY),
        *(key for one in fields_of(Settings(), {}) for key in (one.title_key, one.text_key)),
        *(f"unit.{one.unit}" for one in fields_of(Settings(), {}) if one.unit),
    }
    assert needed <= set(words)
    assert all(words[key].strip() and len(words[key]) <= 110 for key in needed)
    known = {key for key in words if key.startswith("setting.") and key.endswith((".title", ".text"))}
    assert known <= needed  # no words of settings that are no more


@pytest.mark.parametrize("language", list(Language))
def test_each_choice_has_its_words(language: Language) -> None:
    fields = fields_of(Settings(), {})
    choices = [f"setting.{one.section}.{one.key}.{choice}" for one in fields for choice in one.choices]
    assert len(choices) > 20
    assert [key for key in choices if not sentences(language).get(key, "").strip()] == []


def test_every_setting_is_in_the_forms_once() -> None:
    fields = [(one.section, one.key) for one in fields_of(Settings(), {})]
    assert fields == EVERY
    assert (
        len(set(fields)) == len(fields) == sum(len(type(section).model_fields) for _, section in Settings())
    )


def test_each_number_of_things_has_a_unit_and_a_range() -> None:
    without_unit = {"delivery.port", "mail.port"}  # and shares and similarities, which have none
    for one in fields_of(Settings(), {}):
        if one.kind is FieldKind.NUMBER:
            assert one.lowest is not None, one.key
            assert one.highest is not None, one.key
            assert one.unit or one.highest <= 1 or f"{one.section}.{one.key}" in without_unit, one.key


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("kiosk.mode", FieldKind.CHOICE),
        ("kiosk.language", FieldKind.CHOICE),
        ("payment.paynoi_type", FieldKind.CHOICE),
        ("kiosk.operator", FieldKind.TEXT),
        ("camera.fps", FieldKind.NUMBER),
        ("vision.match_threshold", FieldKind.NUMBER),
        ("sales.prints", FieldKind.SWITCH),
        ("sales.packages", FieldKind.TABLE),
        ("sales.print_baht", FieldKind.TABLE),
        ("printing.queues", FieldKind.TABLE),
        ("revenue.volume_baht", FieldKind.TABLE),
        ("printing.frame", FieldKind.PATH),
    ],
)
def test_a_setting_is_shown_as_its_type_says(name: str, kind: FieldKind) -> None:
    assert field(name).kind is kind


def test_a_field_says_what_the_model_says() -> None:
    fps = field("camera.fps", Settings(camera=CameraSection(fps=15)))
    assert (fps.value, fps.standard, fps.unit, fps.lowest, fps.highest) == (15, 30, "fps", 1, 120)
    assert field("mail.security").choices == ("starttls", "tls", "none")
    assert field("sales.packages").value == {
        "package.single": "1: 79",
        "package.starter": "5: 299",
        "package.popular": "10: 499",
        "package.premium": "20: 899",
        "package.all": "all: 1499",
    }


def test_what_is_nobody_elses_business_is_masked() -> None:
    settings = Settings(
        payment=PaymentSection(promptpay_id="0812345678", paynoi_account="123"),
        camera=CameraSection(source="rtsp://admin:secret@door.example/1"),
    )
    assert field("payment.promptpay_id", settings).value == "••••••5678"
    assert field("payment.paynoi_account", settings).value == "•••"
    assert field("camera.source", settings).value == "rtsp://•••@door.example/1"


def test_what_a_variable_rules_cannot_be_changed() -> None:
    assert field("camera.fps", KIOSK_CAMERA__FPS="15").by_environment
    assert field("camera.fps", kiosk_camera__fps="15").by_environment
    assert not field("camera.fps").by_environment


def test_what_is_live_is_a_setting() -> None:
    sections = {section for section, _ in EVERY}
    assert all(name in sections or tuple(name.split(".")) in EVERY for name in LIVE)
    assert field("session.thanks_s").is_live
    assert field("camera.fps").is_live
    assert not field("delivery.port").is_live
    assert not field("kiosk.mode").is_live


@pytest.mark.parametrize(("section", "key"), EVERY)
def test_what_is_shown_can_be_sent_back(section: str, key: str) -> None:
    settings = Settings(
        mail=MailSection(server="mail.example"), payment=PaymentSection(promptpay_id="0812345678")
    )
    now = getattr(getattr(settings, section), key)
    plain = typed(section, key, field(f"{section}.{key}", settings).value, now)
    again = Settings.model_validate({section: {} if plain is None else {key: plain}})
    assert getattr(getattr(again, section), key) == now


def test_a_keyboard_gives_text() -> None:
    assert typed("camera", "fps", " 25 ", 30) == 25
    assert typed("central", "poll_s", "2.5", 5.0) == 2.5
    assert typed("payment", "paynoi_type", "2", 1) == 2
    assert typed("vision", "match_threshold", "", 0.4) is None
    assert typed("printing", "frame", "", Path("a.png")) is None
    assert typed("printing", "tray", "12", "") == "12"
    assert typed("printing", "queues", {"10x15": "12", "13x18": ""}, {}) == {"10x15": "12"}
