"""Where updates lie: what the kiosk's user stages, and what only root may write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DATA_FOLDER = Path("/var/lib/photo-kiosk")
"""Of the kiosk's user, where the package is installed."""
PROGRAM = Path("/opt/photo-kiosk/kiosk")
PACKAGES_FOLDER = Path("/var/lib/photo-kiosk-packages")
"""Root's own: the packages to go back to, and the journal, which anybody may read."""


@dataclass(frozen=True, slots=True)
class StagingPlaces:
    """In the data folder, of the kiosk's user."""

    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "updates"

    @property
    def incoming(self) -> Path:
        """What is on its way and not verified yet."""
        return self.folder / "incoming"

    @property
    def staging_lock(self) -> Path:
        """Held by whoever stages a package: a running kiosk, or a command beside it."""
        return self.folder / "staging.lock"

    @property
    def staged(self) -> Path:
        """One verified package with its signature, and what it is."""
        return self.folder / "staged"

    @property
    def request(self) -> Path:
        """Written when the time has come: systemd starts whoever applies (`photo-kiosk-update.path`)."""
        return self.folder / "request.json"

    @property
    def wish(self) -> Path:
        """What somebody chose: now, tonight, or to go back."""
        return self.folder / "wish.json"

    @property
    def database(self) -> Path:
        return self.home / "kiosk.db"

    @property
    def data_copy(self) -> Path:
        """The database's files as they were before an update, while one is under way."""
        return self.folder / "before"


@dataclass(frozen=True, slots=True)
class RootPlaces:
    """Of root alone."""

    folder: Path = PACKAGES_FOLDER

    @property
    def journal(self) -> Path:
        return self.folder / "journal.json"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def incoming(self) -> Path:
        """The package that is applied, copied here before it is looked at: nobody exchanges it in between."""
        return self.folder / "incoming"

    @property
    def way_back(self) -> Path:
        """Names the package before while an update is under way, for a new version that cannot even run
        (`installer/package/linux/photo-kiosk-update.sh`)."""
        return self.folder / "way-back"

    @property
    def took_way_back(self) -> Path:
        """That the package before was put back so."""
        return self.folder / "took-way-back"
