import QtQuick
import Kiosk

/* 4 px gold outside 4 px of ground, shown where keyboard or switch stands. */
Rectangle {
    id: ring

    required property bool isShown
    property real around: Theme.radiusControl

    anchors.fill: parent
    anchors.margins: -8
    visible: isShown
    color: "transparent"
    radius: around + 8
    border { width: 4; color: Theme.gold }

    Rectangle {
        anchors.fill: parent
        anchors.margins: 4
        color: "transparent"
        radius: ring.around + 4
        border { width: 4; color: Theme.bg }
    }
}
