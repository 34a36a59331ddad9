"""Describes the QML module `Kiosk` to qmllint, out of the Python classes themselves."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMetaMethod, QMetaObject

from ui import qml_module, store_engine
from ui.picture_item import PictureItem
from ui.screen_engine import MODULE

SINGLETONS = {**qml_module.SINGLETONS, **store_engine.SINGLETONS}
TYPES = {**qml_module.TYPES, **store_engine.TYPES}
MODELS = (*qml_module.MODELS, *store_engine.MODELS)
_NAMES = {"float": "double", "qlonglong": "qlonglong", "void": ""}


def write_module(folder: Path) -> Path:
    """Writes `folder`/Kiosk/qmldir with its type description; returns `folder`, for qmllint's -I."""
    place = folder / MODULE
    place.mkdir(parents=True, exist_ok=True)
    parts = [_component(name, kind.staticMetaObject, is_singleton=True) for name, kind in SINGLETONS.items()]
    parts += [_component(name, kind.staticMetaObject) for name, kind in TYPES.items()]
    parts += [_component("", kind.staticMetaObject) for kind in (*MODELS, PictureItem)]
    text = "import QtQuick.tooling 1.2\nModule {\n" + "\n".join(parts) + "\n}\n"
    (place / "kiosk.qmltypes").write_text(text, encoding="utf-8")
    (place / "qmldir").write_text(
        f"module {MODULE}\ntypeinfo kiosk.qmltypes\ndepends QtQuick\n", encoding="utf-8"
    )
    return folder


def _component(name: str, meta: QMetaObject, is_singleton: bool = False) -> str:
    parent = meta.superClass()
    lines = [f'  Component {{ name: "{meta.className()}"', f'    prototype: "{parent.className()}"']
    lines.append('    accessSemantics: "reference"')
    if name:
        lines += [f'    exports: ["{MODULE}/{name} 1.0"]', "    exportMetaObjectRevisions: [256]"]
    if is_singleton:
        lines += ["    isSingleton: true", "    isCreatable: false"]
    lines += _properties(meta) + _methods(meta)
    return "\n".join([*lines, "  }"])


def _properties(meta: QMetaObject) -> list[str]:
    found = []
    for index in range(meta.propertyOffset(), meta.propertyCount()):
        thing = meta.property(index)
        kind = str(thing.typeName())
        flags = [f'name: "{thing.name()}"', f'type: "{_NAMES.get(kind, kind).rstrip("*")}"']
        if kind.endswith("*"):
            flags.append("isPointer: true")
        if not thing.isWritable():
            flags.append("isReadonly: true")
        if thing.isConstant():
            flags.append("isPropertyConstant: true")
        if thing.hasNotifySignal():
            flags.append(f'notify: "{thing.notifySignal().name().toStdString()}"')
        found.append("    Property { " + "; ".join(flags) + " }")
    return found


def _methods(meta: QMetaObject) -> list[str]:
    found = []
    for index in range(meta.methodOffset(), meta.methodCount()):
        method = meta.method(index)
        word = "Signal" if method.methodType() == QMetaMethod.MethodType.Signal else "Method"
        name = method.name().toStdString()
        if name.startswith("_"):
            continue
        parts = [f'name: "{name}"']
        result = _NAMES.get(str(method.typeName()), str(method.typeName()))
        if result:
            parts.append(f'type: "{result}"')
        for number in range(method.parameterCount()):
            kind = method.parameterTypeName(number).toStdString()
            parts.append(f'Parameter {{ name: "p{number}"; type: "{_NAMES.get(kind, kind)}" }}')
        found.append(f"    {word} {{\n      " + "\n      ".join(parts) + "\n    }")
    return found
