"""Where Thai text may wrap: Thai writes no spaces between words, and Qt breaks it well only where the system
has libthai. So words are marked with U+200B, found by a small list of the words that our sentences use.

`resources/translations/th.words.txt` holds one word a line. What the list does not know stays unbroken, so a
wrong break inside a word is not made up.
"""

from __future__ import annotations

import re
from functools import cache

from kiosk.paths import resources_folder

ZERO_WIDTH_SPACE = "\u200b"
_THAI_RUN = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e]+")
# A word never starts with these: vowels and marks that belong to the consonant before, mai yamok.
_NEVER_FIRST = frozenset("ะัาำิีึืฺุูๅๆ็่้๊๋์ํ๎")
# A word never ends with a vowel that is written before its consonant.
_NEVER_LAST = frozenset("เแโใไ")


@cache
def _words() -> tuple[frozenset[str], int]:
    path = resources_folder() / "translations" / "th.words.txt"
    words = frozenset(path.read_text(encoding="utf-8").split())
    return words, max(map(len, words))


def mark_breaks(text: str) -> str:
    """The text with U+200B between Thai words; anything that is not Thai stays as it is."""
    return _THAI_RUN.sub(lambda run: _mark_run(run[0]), text)


@cache
def _mark_run(run: str) -> str:
    """Least unknown letters first, then fewest words (shortest path over the positions of the run)."""
    words, longest = _words()
    best: list[tuple[int, int, int]] = [(0, 0, 0)]  # (unknown letters, words, start of the last word)
    for end in range(1, len(run) + 1):
        unknown, count, _ = best[end - 1]
        choice = (unknown + 1, count, end - 1)
        for start in range(max(0, end - longest), end):
            if run[start:end] in words:
                choice = min(choice, (best[start][0], best[start][1] + 1, start))
        best.append(choice)
    cuts = []
    end = len(run)
    while end > 0:
        start = best[end][2]
        if run[start:end] in words:
            cuts += [start, end]
        end = start
    return "".join(
        (ZERO_WIDTH_SPACE if index in cuts and _may_break(run, index) else "") + letter
        for index, letter in enumerate(run)
    )


def _may_break(run: str, index: int) -> bool:
    return index > 0 and run[index] not in _NEVER_FIRST and run[index - 1] not in _NEVER_LAST
