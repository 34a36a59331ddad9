import QtQuick.Layouts
import "../components"

/* A button of the staff's pages, as wide as its words. */
KioskButton {
    Layout.fillWidth: false
    role: "small"
    textScale: 0.89
    implicitHeight: 70
    width: implicitWidth + (kind === "quiet" ? 0 : 12)
    iconSize: 32
    maximumLines: 1
}
