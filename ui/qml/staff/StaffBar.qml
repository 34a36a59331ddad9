import QtQuick
import Kiosk

/* How much is left or done, 0 to 1. */
Rectangle {
    id: bar

    required property real share
    property color tint: Theme.paper

    implicitHeight: 12
    radius: 6
    color: Theme.line
    Rectangle {
        width: bar.share <= 0 ? 0 : Math.max(12, bar.width * Math.min(1, bar.share))
        height: parent.height
        radius: 6
        color: bar.tint
    }
}
