import QtQuick
import Kiosk

/* How something stands, by shape as well as by colour: dot (good), ring (waits), diamond (wants somebody), none. */
Item {
    id: mark

    required property string sign

    width: 18
    height: 18
    visible: sign !== "none"
    Rectangle {
        anchors.centerIn: parent
        visible: mark.sign !== "diamond"
        width: 14; height: 14; radius: 7
        color: mark.sign === "dot" ? Theme.ok : "transparent"
        border { width: mark.sign === "dot" ? 0 : 3; color: Theme.edge }
    }
    Rectangle {
        anchors.centerIn: parent
        visible: mark.sign === "diamond"
        width: 12; height: 12
        rotation: 45
        color: Theme.bad
        antialiasing: true
    }
}
