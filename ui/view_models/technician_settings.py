"""Settings as forms: each is shown as its own description says, changed one by one, and undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.staff.told import StaffNotice
from kiosk.technician.told import FieldKind, Scalar, SettingField, SettingsShown, SettingsVersion
from ui.technician_facade import TechnicianCommands
from ui.translator import Translator
from ui.view_models.row_list import RowListModel
from ui.view_models.technician_entry import TechnicianEntryViewModel, Wanted
from ui.view_models.technician_fields import (
    BLOT,
    ROLES,
    field_row,
    is_of_numbers,
    may_be_fraction,
    name_of,
    title_of,
    unit_of,
    value_of,
)
from ui.view_models.technician_words import notice_text, number_text, said, when_text

SECRETS: Mapping[str, tuple[str, ...]] = {
    "payment": ("paynoi_api_key", "slip_check_key"),
    "photos": ("minio_access_key", "minio_secret_key"),
    "mail": ("mail_password",),
    "line": ("line_token", "line_secret"),
}
"""The secrets that belong to the settings of a section; what stands in them is never shown."""


class TechnicianSettingsViewModel(QObject):
    """Lives on the UI thread; QML: `TechnicianSettings`. A setting is named "section.key"."""

    changed = Signal()
    sectionChanged = Signal()

    def __init__(
        self,
        technician: TechnicianCommands,
        translator: Translator,
        entry: TechnicianEntryViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._technician = technician
        self._translator = translator
        self._entry = entry
        self._shown: SettingsShown | None = None
        self._section = ""
        self._awaited = ""
        self._problems: dict[str, str] = {}
        self._secrets_set: set[str] = set()
        self._fields = RowListModel(ROLES, self)
        translator.languageChanged.connect(self._refresh)

    def take(self, event: SettingsShown) -> None:
        """The settings as they are now; of what changed it is no longer said that it was refused."""
        before = {name_of(field): field.value for field in self._all()}
        self._shown = event
        for field in event.fields:
            name = name_of(field)
            if field.value != before.get(name):
                self._problems.pop(name, None)
                self._awaited = "" if self._awaited == name else self._awaited
        if not self._section and event.fields:
            self._section = event.fields[0].section
        self._refresh()

    def take_notice(self, notice: StaffNotice | None) -> None:
        """What staff are told of; of a change that did not come about it is said at its field."""
        if notice is not None and not notice.is_success and self._awaited:
            self._problems[self._awaited] = notice_text(notice, self._translator)
            self._awaited = ""
            self._refresh()

    def turn(self, place: str) -> None:
        """Another page is shown: its settings are read anew, and old complaints forgotten."""
        self._problems.clear()
        self._secrets_set.clear()
        self._awaited = ""
        if place == "settings":
            self._technician.show_settings()

    def _refresh(self) -> None:
        pending = frozenset(self._shown.pending) if self._shown else frozenset()
        self._fields.show(
            [
                field_row(
                    field, name_of(field) in pending, self._problems.get(name_of(field), ""), self._translator
                )
                for field in self._all()
                if field.section == self._section
            ]
        )
        self.changed.emit()
        self.sectionChanged.emit()

    def _all(self) -> tuple[SettingField, ...]:
        return self._shown.fields if self._shown else ()

    def _field(self, name: str) -> SettingField | None:
        return next((field for field in self._all() if name_of(field) == name), None)

    # what is shown

    def _sections(self) -> list[dict[str, Any]]:
        names = list(dict.fromkeys(field.section for field in self._all()))
        differing = {field.section for field in self._all() if field.value != field.standard}
        return [
            {
                "name": name,
                "title": said(f"setting.{name}.title", self._translator, otherwise=name),
                "isChanged": name in differing,
            }
            for name in names
        ]

    def _secrets(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "title": self._translator.translate(f"tech.secret.{name}", {}),
                "isSet": name in self._secrets_set,
            }
            for name in SECRETS.get(self._section, ())
        ]

    def _versions(self) -> list[dict[str, str]]:
        return [self._version(version) for version in (self._shown.versions if self._shown else ())]

    def _version(self, version: SettingsVersion) -> dict[str, str]:
        names = [
            title_of(field, self._translator) for name in version.changed if (field := self._field(name))
        ]
        say = self._translator.translate
        return {
            "when": when_text(version.at, self._translator),
            "who": version.by or say("tech.version.nobody", {}),
            "what": ", ".join(names) or say("tech.version.by_hand", {}),
        }

    def _pending_text(self) -> str:
        count = len(self._shown.pending) if self._shown else 0
        return self._translator.counted("tech.settings.pending", count) if count else ""

    def _problem_text(self) -> str:
        detail = self._shown.problem if self._shown else ""
        return self._translator.translate("tech.settings.problem", {"detail": detail}) if detail else ""

    sections = Property(list, _sections, notify=changed)
    section = Property(str, lambda self: self._section, notify=sectionChanged)
    sectionTitle = Property(
        str,
        lambda self: said(f"setting.{self._section}.title", self._translator, otherwise=self._section),
        notify=sectionChanged,
    )
    fields = Property(QObject, lambda self: self._fields, constant=True)
    secrets = Property(list, _secrets, notify=changed)
    versions = Property(list, _versions, notify=changed)
    canUndo = Property(bool, lambda self: bool(self._shown and self._shown.versions), notify=changed)
    pendingText = Property(str, _pending_text, notify=changed)
    problemText = Property(str, _problem_text, notify=changed)

    # what is done

    @Slot(str)
    def show(self, section: str) -> None:
        """The settings of this section."""
        self._section = section
        self._refresh()

    @Slot()
    def undo(self) -> None:
        """Back to the version before."""
        self._technician.undo_settings()

    @Slot(str, bool)
    def switch(self, name: str, is_on: bool) -> None:
        """Turns a switch."""
        self._change(name, is_on)

    @Slot(str, int)
    def choose(self, name: str, index: int) -> None:
        """One of the setting's choices."""
        field = self._field(name)
        if field and 0 <= index < len(field.choices):
            self._change(name, field.choices[index])

    @Slot(str)
    def takeStandard(self, name: str) -> None:
        """Back to the standard value."""
        field = self._field(name)
        if field:
            self._change(name, field.standard)

    @Slot(str)
    def edit(self, name: str) -> None:
        """A text, a path or a number is typed; the sheet opens after this."""
        field = self._field(name)
        if field is None or isinstance(field.value, Mapping):
            return
        self._entry.ask(
            self._wanted(field, field.value), lambda text: self._change(name, value_of(field, text))
        )

    @Slot(str, str)
    def editRow(self, name: str, row: str) -> None:
        """The value of a row of a table is typed."""
        field = self._field(name)
        if field is None or not isinstance(field.value, Mapping):
            return
        self._entry.ask(
            self._wanted(field, field.value.get(row, ""), row), lambda text: self._put_row(field, row, text)
        )

    @Slot(str)
    def addRow(self, name: str) -> None:
        """The name of a new row is typed; its value by `editRow` then."""
        field = self._field(name)
        if field is None or not isinstance(field.value, Mapping):
            return
        label = self._translator.translate("tech.table.new_name", {})
        self._entry.ask(Wanted(label, "path", may_be_empty=False), lambda row: self._begin_row(field, row))

    rowBegun = Signal(str, str)
    """A new row of a table has a name: its value is typed next."""

    def _begin_row(self, field: SettingField, row: str) -> None:
        self.rowBegun.emit(name_of(field), row)

    @Slot(str, str)
    def removeRow(self, name: str, row: str) -> None:
        """Takes a row out of a table."""
        field = self._field(name)
        if field and isinstance(field.value, Mapping):
            self._change(name, {one: value for one, value in field.value.items() if one != row})

    def _put_row(self, field: SettingField, row: str, text: str) -> None:
        if isinstance(field.value, Mapping):
            self._change(name_of(field), {**field.value, row: value_of(field, text)})

    @Slot(str)
    def editSecret(self, secret: str) -> None:
        """A secret is typed; what was there is never shown."""
        label = self._translator.translate(f"tech.secret.{secret}", {})
        self._entry.ask(
            Wanted(label, "secret", may_be_empty=False), lambda text: self._set_secret(secret, text)
        )

    def _set_secret(self, secret: str, text: str) -> None:
        self._secrets_set.add(secret)
        self._technician.set_secret(secret, text)
        self.changed.emit()

    def _wanted(self, field: SettingField, value: Scalar, row: str = "") -> Wanted:
        is_number = field.kind is FieldKind.NUMBER or is_of_numbers(field)
        text = number_text(value)
        is_blotted = BLOT in text
        label = title_of(field, self._translator)
        return Wanted(
            f"{label}: {row}" if row else label,
            "number" if is_number else "path" if field.kind is not FieldKind.TEXT else "text",
            "" if is_blotted else text,
            text if is_blotted else "",
            unit_of(field, self._translator),
            field.lowest,
            field.highest,
            may_be_fraction(field),
            field.standard is None or not is_number,
        )

    def _change(self, name: str, value: Scalar | Mapping[str, Scalar]) -> None:
        field = self._field(name)
        if field is None or field.by_environment or field.value == value:
            return
        self._awaited = name
        self._technician.change_setting(field.section, field.key, value)
