import QtQuick
import "../components"

/* An action at the head of a page: an icon and a word. */
KioskButton {
    kind: "quiet"
    role: "small"
    height: 64
    width: implicitWidth
    iconSize: 34
    textScale: 0.9
    maximumLines: 1
}
