"""The basket: chosen photos, the packages with those in use, prints, voucher, total; and the results' bar."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.language import Language, sentences
from kiosk.money import display_baht
from kiosk.sales.types import Finish, Package, PrintSize
from kiosk.session.print_sizes import is_smaller
from kiosk.session.view import SessionView, ShopView
from ui.facade import KioskFacade
from ui.translator import Translator
from ui.view_models.photo_ids import PhotoIdModel
from ui.view_models.print_list import PrintListModel


class BasketViewModel(QObject):
    """Lives on the UI thread; QML: `Basket`. Amounts are satang."""

    changed = Signal()

    def __init__(self, kiosk: KioskFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kiosk = kiosk
        self._translator = translator
        self._shop: ShopView | None = None
        self._photos = PhotoIdModel(self)
        self._prints = PrintListModel(self)
        translator.languageChanged.connect(self.changed)

    def show(self, view: SessionView) -> None:
        """Draws from the view's shop; without one everything is empty."""
        if view.shop != self._shop:
            self._shop = view.shop
            self._photos.show(view.shop.basket.digital if view.shop else ())
            self._prints.show(view.shop.basket.prints if view.shop else ())
            self.changed.emit()

    photos = Property(QObject, lambda self: self._photos, constant=True)

    # count and price

    def _quoted(self, name: str) -> int:
        return int(getattr(self._shop.quote, name)) if self._shop else 0

    count = Property(int, lambda self: self._quoted("digital_count"), notify=changed)
    digital = Property(int, lambda self: self._quoted("digital_satang"), notify=changed)
    singly = Property(int, lambda self: self._quoted("singly_satang"), notify=changed)
    printsTotal = Property(int, lambda self: self._quoted("prints_satang"), notify=changed)
    discount = Property(int, lambda self: self._quoted("discount_satang"), notify=changed)
    total = Property(int, lambda self: self._quoted("total_satang"), notify=changed)
    amountsVary = Property(bool, lambda self: bool(self._shop and self._shop.amounts_vary), notify=changed)
    isEmpty = Property(bool, lambda self: self._shop is None or self._shop.basket.is_empty, notify=changed)

    def _hint(self) -> str:
        """The one honest hint: cheaper with more, more for nothing, or that this is the least already."""
        if self._shop is None or self._shop.quote.digital_count == 0:
            return ""
        hint = self._shop.quote.hint
        if hint is None:
            return self._translator.counted("bar.best", self._shop.quote.digital_count)
        if hint.more_satang == 0:
            return self._translator.counted("bar.free", hint.extra_photos)
        key = "bar.cheaper_one" if hint.extra_photos == 1 else "bar.cheaper"
        known = key if key in sentences(self._translator.now_language) else "bar.cheaper"
        return self._translator.translate(
            known,
            {
                "n": hint.extra_photos,
                "count": hint.photo_count,
                "amount": display_baht(hint.price_satang),
            },
        )

    def _more(self) -> int:
        hint = self._shop.quote.hint if self._shop else None
        return hint.more_satang if hint else 0

    hint = Property(str, _hint, notify=changed)
    more = Property(int, _more, notify=changed)
    hasOffer = Property(
        bool, lambda self: bool(self._shop and self._shop.quote.hint is not None), notify=changed
    )

    # packages

    def _name(self, package: Package) -> str:
        if package.name_key in sentences(Language.ENGLISH):
            return self._translator.translate(package.name_key, {})
        return self._translator.breakable(package.name_key)

    def _size(self, package: Package) -> str:
        if package.photo_count is None:
            return self._translator.translate("package.every", {})
        key = "package.photo" if package.photo_count == 1 else "package.photos"
        return self._translator.translate(key, {"n": package.photo_count})

    def _packages(self) -> list[dict[str, Any]]:
        if self._shop is None:
            return []
        times = {use.package.package_id: use.times for use in self._shop.quote.packages}
        return [
            {
                "name": self._name(package),
                "satang": package.price_satang,
                "photos": self._size(package),
                "times": times.get(package.package_id, 0),
            }
            for package in self._shop.packages
        ]

    def _heading(self) -> str:
        """The package by name where one package alone is used, else the count."""
        uses = self._shop.quote.packages if self._shop else ()
        if len(uses) == 1 and uses[0].times == 1 and uses[0].package.photo_count:
            name, size = self._name(uses[0].package), uses[0].package.photo_count
            if size == self._quoted("digital_count") and size > 1:
                return self._translator.translate("basket.package", {"name": name, "n": size})
        return self._translator.counted("package.photos", self._quoted("digital_count"))

    packages = Property(list, _packages, notify=changed)
    heading = Property(str, _heading, notify=changed)

    # prints

    def _offers(self) -> list[dict[str, Any]]:
        offers = self._shop.print_offers if self._shop else ()
        return [
            {
                "text": self._size_text(offer.size),
                "satang": offer.price_satang,
                "hasGlossy": Finish.GLOSSY in offer.finishes,
                "hasMatte": Finish.MATTE in offer.finishes,
            }
            for offer in offers
        ]

    def _size_text(self, size: PrintSize) -> str:
        """A paper size for people: "10 × 15 cm"."""
        return self._translator.translate("basket.size.cm", {"size": size.replace("x", " × ")})

    def _prints_note(self) -> str:
        """That prints are made here; or that there is no paper for those that were chosen, or for any."""
        if self._shop is None:
            return ""
        papers = {(offer.size, finish) for offer in self._shop.print_offers for finish in offer.finishes}
        chosen = {(item.size, item.finish) for item in self._shop.basket.prints}
        is_out = bool(chosen - papers) if chosen else not papers
        if is_out:
            return self._translator.translate("basket.prints.none", {})
        if self._shop.print_minutes == 0:
            return ""
        return self._translator.counted("basket.prints.note", self._shop.print_minutes)

    printsNote = Property(str, _prints_note, notify=changed)
    prints = Property(QObject, lambda self: self._prints, constant=True)
    printOffers = Property(list, _offers, notify=changed)
    hasPrints = Property(bool, lambda self: bool(self._shop and self._shop.print_offers), notify=changed)

    @Slot(str, int, result=str)
    def sharpnessHint(self, photo_id: str, offer: int) -> str:
        """Where a photo is not sharp on one of `printOffers`: up to which it is. Nothing for one that is."""
        shop = self._shop
        if shop is None or photo_id not in shop.sharp_sizes or not 0 <= offer < len(shop.print_offers):
            return ""
        sharp = shop.sharp_sizes[photo_id]
        if sharp is None:
            return self._translator.translate("error.print_small", {})
        if not is_smaller(sharp, shop.print_offers[offer].size):
            return ""
        return self._translator.translate("error.print_resolution", {"size": self._size_text(sharp)})

    @Slot(str, int, bool)
    def addPrint(self, photo_id: str, offer: int, is_glossy: bool) -> None:
        """One more print of a photo on one of `printOffers`."""
        if self._shop is None or not 0 <= offer < len(self._shop.print_offers):
            return
        size, finish = self._shop.print_offers[offer].size, _finish(is_glossy)
        self._kiosk.buying.set_print(photo_id, size, finish, self._copies(photo_id, size, finish) + 1)

    @Slot(int, int)
    def setCopies(self, row: int, copies: int) -> None:
        """So many copies of one of `prints`; 0 takes it out."""
        item = self._prints.item(row)
        if item is not None and copies >= 0:
            self._kiosk.buying.set_print(item.photo_id, item.size, item.finish, copies)

    @Slot(int, bool)
    def setGlossy(self, row: int, is_glossy: bool) -> None:
        """One of `prints` on the other paper, together with those that are on it already."""
        item, finish = self._prints.item(row), _finish(is_glossy)
        if item is not None and item.finish is not finish:
            self._kiosk.buying.change_finish(item.photo_id, item.size, finish)

    def _copies(self, photo_id: str, size: PrintSize, finish: Finish) -> int:
        wanted = (photo_id, size, finish)
        prints = self._shop.basket.prints if self._shop else ()
        return sum(item.copies for item in prints if (item.photo_id, item.size, item.finish) == wanted)

    # voucher

    voucherCode = Property(
        str, lambda self: (self._shop.basket.voucher_code or "") if self._shop else "", notify=changed
    )

    @Slot(str)
    def applyVoucher(self, code: str) -> None:
        """Uses a voucher, or the kiosk says why it cannot be used."""
        self._kiosk.buying.apply_voucher(code)

    @Slot()
    def removeVoucher(self) -> None:
        """Without it."""
        self._kiosk.buying.remove_voucher()

    @Slot(str)
    def takeOut(self, photo_id: str) -> None:
        """A photo out of the basket."""
        self._kiosk.buying.unchoose(photo_id)

    @Slot()
    def pay(self) -> None:
        """To the payment code."""
        self._kiosk.buying.pay()


def _finish(is_glossy: bool) -> Finish:
    return Finish.GLOSSY if is_glossy else Finish.MATTE
