"""Every sentence that a person may meet exists in every language, with the same values."""

from __future__ import annotations

import ast
import json
import re
from string import Formatter

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language, sentences
from kiosk.paths import program_root, resources_folder
from kiosk.session.finding import GUIDANCE
from kiosk.settings import Settings
from kiosk.vision.types import RejectionReason

ROOT = program_root()
KEYS = set(sentences(Language.ENGLISH))
SETTINGS = {f"{section}.{name}" for section, held in Settings() for name in type(held).model_fields}
"""Named as sentences are."""
_KEY = re.compile(r"[a-z]+(?:\.[a-z0-9_]+)+")
_IN_SCREEN = re.compile(r'"([a-z]+(?:\.[a-z0-9_]+)+\.?)"(\s*\+)?')
_IN_PAGE = re.compile(r"""\bsay\(\s*["']([a-z0-9_.]+)["']""")
_ASKING = re.compile(r"I18n\.\w+\(")
_NAMED_KEY = re.compile(r"\b\w*[kK]ey\s*:\s*([^\n]*)")
_FILE_ENDINGS = (".css", ".json", ".j2", ".svg", ".txt", ".db", ".csv", ".toml", ".jsonl", ".index", ".lock")
_NAMES_OF_ITS_OWN = re.compile(r"ui/scripted_visitor|ui/bench|kiosk/benchmarks/")  # controls, figures


def values_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_there_is_a_file_for_each_language_and_no_other() -> None:
    files = {path.stem for path in (resources_folder() / "translations").glob("*.json")}
    assert files == {str(language) for language in Language}


@pytest.mark.parametrize("language", Language)
def test_no_sentence_stands_twice_or_is_empty(language: Language) -> None:
    text = (resources_folder() / "translations" / f"{language}.json").read_text(encoding="utf-8")
    pairs: list[tuple[str, str]] = json.loads(text, object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    assert sorted(keys) == sorted(set(keys))
    assert [key for key, sentence in pairs if not sentence.strip()] == []


def test_all_languages_have_the_same_sentences() -> None:
    for language in Language:
        assert set(sentences(language)) == KEYS


def test_all_languages_fill_in_the_same_values() -> None:
    english = {key: values_of(text) for key, text in sentences(Language.ENGLISH).items()}
    for language in Language:
        others = {key: values_of(text) for key, text in sentences(language).items()}
        # English has a sentence of its own for exactly one, which may leave the number out.
        differ = [key for key in KEYS if others[key] != english[key] and not key.endswith("_one")]
        assert differ == []


def test_thai_is_written_in_thai() -> None:
    thai = sentences(Language.THAI)
    same = [key for key, text in sentences(Language.ENGLISH).items() if text == thai[key]]
    foreign = [key for key in same if re.search(r"[a-z]{3}", re.sub(r"\{\w+\}", "", thai[key]))]
    assert foreign == []


@pytest.mark.parametrize("code", ErrorCode)
def test_every_error_has_a_sentence_for_visitors(code: ErrorCode) -> None:
    assert KnownError(code, "detail").message_key in KEYS


@pytest.mark.parametrize("reason", RejectionReason)
def test_every_reason_against_a_picture_has_a_guidance(reason: RejectionReason) -> None:
    assert GUIDANCE[reason] in KEYS


def test_the_packages_of_the_standard_price_list_have_names() -> None:
    assert {entry.name for entry in Settings().sales.packages} <= KEYS


def arguments_of(call: re.Pattern[str], text: str) -> list[str]:
    """What stands between the brackets of each call."""
    found = []
    for begin in call.finditer(text):
        depth, end = 1, begin.end()
        while depth and end < len(text):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        found.append(text[begin.end() : end])
    return found


def missing(keys: set[str]) -> list[str]:
    """Keys that exist in no language; one that ends in a dot is the beginning of some."""
    return sorted(
        key
        for key in keys
        if not (any(known.startswith(key) for known in KEYS) if key.endswith(".") else key in KEYS)
    )


def test_the_program_asks_only_for_sentences_that_exist() -> None:
    rooms = {key.partition(".")[0] for key in KEYS}
    asked: set[str] = set()
    for path in [*(ROOT / "kiosk").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]:
        if _NAMES_OF_ITS_OWN.match(path.relative_to(ROOT).as_posix()):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _KEY.fullmatch(node.value):
                is_file = node.value.endswith(_FILE_ENDINGS)
                if node.value.partition(".")[0] in rooms and not is_file and node.value not in SETTINGS:
                    asked.add(node.value)
    assert len(asked) > 40
    assert missing(asked) == []


def test_the_screens_ask_only_for_sentences_that_exist() -> None:
    rooms = {key.partition(".")[0] for key in KEYS}
    asked: set[str] = set()
    for path in (ROOT / "ui" / "qml").rglob("*.qml"):
        text = path.read_text(encoding="utf-8")
        for part in arguments_of(_ASKING, text):
            for key, joined in _IN_SCREEN.findall(part):
                if key.partition(".")[0] in rooms:
                    asked.add(f"{key}." if joined and not key.endswith(".") else key)
        for part in _NAMED_KEY.findall(text):  # of a list's row, to which an ending may be put
            keys = [key for key, _ in _IN_SCREEN.findall(part)]
            asked |= {key if key in KEYS else f"{key}." for key in keys}
    assert len(asked) > 50
    assert missing(asked) == []


def test_the_phone_page_asks_only_for_sentences_that_exist() -> None:
    pages = list((ROOT / "kiosk" / "delivery" / "templates").glob("*.j2"))
    assert pages
    asked = {key for page in pages for key in _IN_PAGE.findall(page.read_text(encoding="utf-8"))}
    assert asked
    assert missing(asked) == []
