import QtQuick
import "../components"

/* An action of icon and words. */
KioskButton {
    kind: "quiet"
    role: "small"
    height: 64
    width: implicitWidth
    iconSize: 32
    textScale: 0.9
    maximumLines: 1
}
