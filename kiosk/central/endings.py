"""What is to end before a server waits for its answers to be over: streams, which would go on for ever."""

from __future__ import annotations

from collections.abc import Callable

Ending = Callable[[], None]


class Endings:
    """Each part says how its streams end; the server has them end on its own loop, at the beginning of its
    stop."""

    def __init__(self) -> None:
        self._endings: list[Ending] = []

    def add(self, ending: Ending) -> None:
        """It returns at once, and is called on the server's loop."""
        self._endings.append(ending)

    def end(self) -> None:
        """Ends them all; harmless when it is repeated."""
        for ending in self._endings:
            ending()
