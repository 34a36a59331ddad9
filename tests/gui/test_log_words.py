"""The log and the recorder are written for people, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kiosk.language import Language
from kiosk.staff.types import AuditAction, AuditEntry
from tests.gui.fake_technician import NOW, a_moment
from ui.translator import Translator
from ui.view_models.staff_log_words import detail_word, who_word
from ui.view_models.technician_recorder import _row

A, EN, TH = AuditAction, Language.ENGLISH, Language.THAI


def words_in(language: Language) -> Translator:
    words = Translator()
    words.show_language(language)
    return words


def whole(thai: str) -> str:
    """Without the marks where it may wrap, and where it may not."""
    return thai.replace("\u200b", "").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("action", "subject", "detail", "english", "thai"),
    [
        (
            A.VOUCHER_MADE,
            "30 days",
            {"by": "command line", "kind": "amount", "value": "5000", "uses": "1"},
            "good for 30 days · 50.00 baht off",
            "ใช้ได้ 30 วัน · ลด 50.00 บาท",
        ),
        (
            A.VOUCHER_MADE,
            "7 days",
            {"kind": "percent", "value": "20"},
            "good for 7 days · 20 percent off",
            "ใช้ได้ 7 วัน · ลด 20 เปอร์เซ็นต์",
        ),
        (A.REPRINTED, "0f" * 16, {}, "", ""),
        (A.REPRINTED, "K7-4Q9T", {}, "K7-4Q9T", "K7-4Q9T"),
        (
            A.SELF_TEST,
            "",
            {"look": "2", "passed": "8"},
            "2 to look at · 8 passed",
            "ต้องดู 2 · ผ่าน 8",
        ),
        (A.SELF_TEST, "touch", {"passed": "1"}, "Touch · 1 passed", None),
        (A.SETTINGS_CHANGED, "printing.warn_at", {}, "Warn at", None),
        (
            A.FAILED,
            "",
            {"action": "voucher_printed", "code": "R-102"},
            "Vouchers printed · code R-102",
            "พิมพ์คูปอง · รหัส R-102",
        ),
    ],
)
def test_a_line_of_the_log_can_be_read(
    action: AuditAction, subject: str, detail: Mapping[str, str], english: str, thai: str | None
) -> None:
    entry = AuditEntry(1, NOW, "", "", action, subject, detail, "")
    told = [whole(detail_word(entry, words_in(language))) for language in (EN, TH)]
    if "uses" in detail:
        told = [each.rpartition(" · ")[0] for each in told]
    assert told[0] == english
    assert told[1] == thai or (thai is None and told[1] != english and told[1])


def test_what_was_typed_at_the_machine_was_done_at_the_machine() -> None:
    entry = AuditEntry(1, NOW, "", "", A.SETTINGS_UNDONE, "", {"by": "command line"}, "")
    assert (who_word(entry, words_in(EN)), detail_word(entry, words_in(EN))) == ("Command line", "")
    assert whole(who_word(entry, words_in(TH))) == "บรรทัดคำสั่ง"


def test_the_recorder_speaks_thai_and_never_of_none() -> None:
    moments = [
        (a_moment(1, "staff", "signed_in", role="technician"), "บทบาท ช่างเทคนิค"),
        (a_moment(1, "printer", "supply_uncounted", supply="ink/dnp"), "หมึก · dnp"),
        (a_moment(1, "printer", "supply_low", supply="10x15/glossy", left="None"), "10×15 ผิวมัน"),
        (a_moment(1, "camera", "shot_refused", reason="too_dark"), "เหตุ มืดเกินไป"),
    ]
    told = [whole(_row(moment, words_in(TH))["facts"]) for moment, _ in moments]
    assert told == [facts for _, facts in moments]
