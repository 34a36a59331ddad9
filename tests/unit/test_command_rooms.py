"""Each word of the command is found by loading its own modules only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from kiosk.cli import app
from ui.command import load_commands
from ui.command_rooms import ROOMS

BASE = {"kiosk.cli", "ui.command"}


def places(group: typer.Typer) -> Iterator[str]:
    """The modules in which the commands of a group are."""
    commands: list[Any] = [*group.registered_commands, group.registered_callback]
    yield from (each.callback.__module__ for each in commands if each is not None)
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            yield from places(inner.typer_instance)


def name_of(command: Any) -> str:
    return command.name or command.callback.__name__.replace("_", "-")


def test_the_table_names_all_words_and_where_each_is() -> None:
    load_commands()
    found = {name_of(each): {each.callback.__module__} for each in app.registered_commands}
    found |= {str(each.name): set(places(each.typer_instance or app)) for each in app.registered_groups}
    assert {word: modules - BASE for word, modules in found.items()} == {
        word: set(modules) for word, modules in ROOMS.items()
    }


@pytest.mark.parametrize("word", ["run", "version"])
def test_what_a_start_does_not_need_is_not_loaded(word: str) -> None:
    asked = f"import sys, ui.command; ui.command.load_commands({word!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"sqlalchemy", "fastapi", "numpy", "cv2", "PySide6", "kiosk.backup_commands"}
