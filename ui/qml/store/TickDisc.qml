import QtQuick
import Kiosk
import "../components"

/* Chosen or not: a gold disc with a check, or an empty outline. */
Rectangle {
    id: disc

    property bool isTicked: false

    radius: height / 2
    color: isTicked ? Theme.gold : Qt.alpha(Theme.bg, 0.6)
    border { width: isTicked ? 0 : 3; color: Theme.text }
    Icon {
        anchors.centerIn: parent
        visible: disc.isTicked
        name: "check"
        tint: Theme.onGold
        size: Math.round(disc.height * 0.6)
    }
}
