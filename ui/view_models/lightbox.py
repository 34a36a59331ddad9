"""One photo large: which one, its place among the others, what the visitor says of it, the slideshow."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot

from kiosk.gallery.types import Certainty
from kiosk.session.states import Screen
from kiosk.session.view import PhotoTile, SessionView
from ui.facade import KioskFacade
from ui.translator import Translator, show_time

SLIDE_MS = 4000


class LightboxViewModel(QObject):
    """Lives on the UI thread; QML: `Lightbox`.

    The slideshow turns the pages here alone, without a command: nobody touches the screen meanwhile, and the
    kiosk must notice when the visitor has left. It ends at the last photo.
    """

    changed = Signal()

    def __init__(self, kiosk: KioskFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kiosk = kiosk
        self._translator = translator
        self._tiles: tuple[PhotoTile, ...] = ()
        self._position = 0
        self._is_by_face = False
        self._plays_when_open = False
        self._slides = QTimer(self)
        self._slides.setInterval(SLIDE_MS)
        self._slides.timeout.connect(self._slide)
        translator.languageChanged.connect(self.changed)

    def show(self, view: SessionView) -> None:
        """Shows the view's photo; another page ends the slideshow, the end of a search drops its photos."""
        results = view.results
        if view.screen is not Screen.LIGHTBOX or results is None:
            self._slides.stop()
            if results is None and self._tiles:
                self._tiles, self._position, self._plays_when_open = (), 0, False
                self.changed.emit()
            return
        shown = self.photo_id if self._slides.isActive() else view.lightbox_photo_id
        is_maybe = any(tile.photo_id == shown for tile in results.maybe)
        self._tiles = results.maybe if is_maybe else results.sure
        self._is_by_face = results.by_face
        places = [place for place, tile in enumerate(self._tiles) if tile.photo_id == shown]
        self._position = places[0] if places else 0
        if self._plays_when_open:
            self._plays_when_open = False
            self._slides.start()
        self.changed.emit()

    @property
    def photo_id(self) -> str:
        """Of the photo shown; empty without one."""
        return self._tile.photo_id if self._tile else ""

    @property
    def _tile(self) -> PhotoTile | None:
        return self._tiles[self._position] if self._position < len(self._tiles) else None

    def _is(self, mark: str) -> bool:
        return bool(self._tile and getattr(self._tile, mark))

    def _taken(self) -> str:
        if self._tile is None:
            return ""
        place = self._translator.breakable(self._tile.place)
        time = show_time(self._tile.taken_at) if self._tile.is_time_known else ""
        return " · ".join(filter(None, (time, place)))

    def _aspect(self) -> float:
        return self._tile.width / max(1, self._tile.height) if self._tile else 1.0

    def _certainty(self) -> Certainty | None:
        return self._tile.certainty if self._tile else None

    photoId = Property(str, lambda self: self.photo_id, notify=changed)
    position = Property(int, lambda self: self._position + 1, notify=changed)
    count = Property(int, lambda self: len(self._tiles), notify=changed)
    taken = Property(str, _taken, notify=changed)
    number = Property(int, lambda self: self._tile.number if self._tile else 0, notify=changed)
    aspect = Property(float, lambda self: self._aspect(), notify=changed)
    isChosen = Property(bool, lambda self: self._is("is_chosen"), notify=changed)
    isFavourite = Property(bool, lambda self: self._is("is_favourite"), notify=changed)
    isBought = Property(bool, lambda self: self._is("is_bought"), notify=changed)
    isMaybe = Property(bool, lambda self: self._certainty() is Certainty.MAYBE, notify=changed)
    isByFace = Property(bool, lambda self: self._is_by_face, notify=changed)
    hasPrevious = Property(bool, lambda self: self._position > 0, notify=changed)
    hasNext = Property(bool, lambda self: self._position + 1 < len(self._tiles), notify=changed)
    isPlaying = Property(bool, lambda self: self._slides.isActive(), notify=changed)

    # turning the pages

    @Slot()
    def next(self) -> None:
        """The photo after; nothing at the end."""
        self._turn(1)

    @Slot()
    def previous(self) -> None:
        """The photo before; nothing at the beginning."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        self._slides.stop()
        place = self._position + by
        if 0 <= place < len(self._tiles):
            self._kiosk.finding.open_photo(self._tiles[place].photo_id)

    @Slot()
    def playAll(self) -> None:
        """From the results page: the first photo, then one after the other."""
        results = self._kiosk.view.results
        if results is not None and results.sure:
            self._plays_when_open = True
            self._kiosk.finding.open_photo(results.sure[0].photo_id)

    @Slot()
    def togglePlaying(self) -> None:
        """Plays on from this photo, or stops at it."""
        if self._slides.isActive():
            self.pause()
        else:
            self._slides.start()
        self.changed.emit()

    def _slide(self) -> None:
        if self._position + 1 < len(self._tiles):
            self._position += 1
            self.changed.emit()
        else:
            self.pause()
            self.changed.emit()

    @Slot()
    def pause(self) -> None:
        """Ends the slideshow; the kiosk learns at which photo, for whatever is said of it next."""
        if self._slides.isActive():
            self._slides.stop()
            self._kiosk.finding.open_photo(self.photo_id)

    # what the visitor says of it

    @Slot()
    def close(self) -> None:
        """Back to all photos."""
        self._slides.stop()
        self._kiosk.finding.close_photo()

    @Slot()
    def toggleChosen(self) -> None:
        """Into the basket, or out of it."""
        self.pause()
        if self._is("is_chosen"):
            self._kiosk.buying.unchoose(self.photo_id)
        else:
            self._kiosk.buying.choose(self.photo_id)

    @Slot()
    def toggleFavourite(self) -> None:
        """Marks it, or no longer."""
        self.pause()
        self._kiosk.finding.toggle_favourite(self.photo_id)

    @Slot()
    def thisIsMe(self) -> None:
        """A "maybe" becomes sure."""
        self.pause()
        self._kiosk.corrections.this_is_me(self.photo_id)
