pragma ComponentBehavior: Bound
import QtQuick
import Kiosk

/* Event on the left, camera state on the right: words and a dot, nothing to touch. */
Item {
    id: line

    property string title: Session.eventName
    /* Over a photo: both on chips. */
    property bool isOverPhoto: false

    x: Theme.isPortrait ? 64 : 48
    y: Theme.isPortrait ? 40 : 22
    width: Theme.isPortrait ? 952 : 1824
    height: 64

    Rectangle {
        visible: line.isOverPhoto
        x: name.x - 24
        anchors.verticalCenter: parent.verticalCenter
        width: Math.min(name.implicitWidth, name.width) + 48
        height: 56
        radius: 28
        color: Qt.alpha(Theme.bg, 0.8)
    }
    Words {
        id: name
        x: line.isOverPhoto ? 24 : 0
        anchors.verticalCenter: parent.verticalCenter
        width: (Theme.isPortrait ? parent.width - chip.width - 24 : 1304) - 2 * x
        role: "small"
        weight: line.isOverPhoto ? Font.Medium : Font.Normal
        color: line.isOverPhoto ? Theme.text : Theme.text2
        text: line.title
        elide: Text.ElideRight
        wrapMode: Text.NoWrap
    }

    Rectangle {
        id: chip
        anchors { right: parent.right; verticalCenter: parent.verticalCenter }
        width: words.width + (line.isOverPhoto ? 48 : 0)
        height: 56
        radius: 28
        color: line.isOverPhoto ? Qt.alpha(Theme.bg, 0.8) : "transparent"
        Accessible.role: Accessible.StaticText
        Accessible.name: label.text

        Row {
            id: words
            anchors.centerIn: parent
            spacing: 14
            Rectangle {
                anchors.verticalCenter: parent.verticalCenter
                width: 14; height: 14; radius: 7
                color: Session.isCameraOn ? Theme.ok : "transparent"
                border { width: Session.isCameraOn ? 0 : 3; color: Theme.edge }
            }
            Words {
                id: label
                anchors.verticalCenter: parent.verticalCenter
                role: "small"
                wrapMode: Text.NoWrap
                text: I18n.t(Session.isCameraOn ? "common.camera_on" : "common.camera_off")
                Accessible.ignored: true
            }
        }
    }
}
