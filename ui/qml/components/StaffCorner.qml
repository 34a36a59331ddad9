import QtQuick
import Kiosk

/* For staff, below the foot, in the same place on every page: how the kiosk stands with the centre. A sign and
   a few words; nothing to touch, nothing in the way of the keyboard. */
Item {
    id: corner

    readonly property bool isUrgent: Sync.sign === "diamond"

    objectName: "staffCorner"
    visible: Sync.isShown
    x: Theme.isPortrait ? 64 : 48
    y: Theme.isPortrait ? 1870 : 1036
    width: Theme.isPortrait ? 952 : 1304
    height: 40
    Accessible.role: Accessible.StaticText
    Accessible.name: Sync.label

    Item {
        id: sign
        width: 14
        height: parent.height
        Rectangle {
            anchors.centerIn: parent
            visible: !corner.isUrgent
            width: 14; height: 14; radius: 7
            color: Sync.sign === "dot" ? Theme.ok : "transparent"
            border { width: Sync.sign === "dot" ? 0 : 3; color: Theme.edge }
        }
        Rectangle {
            anchors.centerIn: parent
            visible: corner.isUrgent
            width: 12; height: 12
            rotation: 45
            color: Theme.bad
            antialiasing: true
        }
    }
    Words {
        x: sign.width + 14
        width: parent.width - x
        anchors.verticalCenter: parent.verticalCenter
        role: "staff"
        weight: corner.isUrgent ? Font.Medium : Font.Normal
        color: corner.isUrgent ? Theme.text : Theme.text2
        text: Sync.text
        elide: Text.ElideRight
        wrapMode: Text.NoWrap
        Accessible.ignored: true
    }
}
