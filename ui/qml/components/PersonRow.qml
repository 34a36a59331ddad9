import QtQuick
import Kiosk

/* One of those who search: the face, and what can be done with it at the right. */
Item {
    id: row

    required property string personId
    required property string name
    required property bool holdsFace
    default property alias actions: buttons.data

    implicitHeight: 96

    Rectangle {
        width: 96; height: 96; radius: 48
        color: Theme.s2
        Icon { anchors.centerIn: parent; visible: !face.isReady; name: "user"; size: 48; tint: Theme.text2 }
        PhotoView {
            id: face
            anchors.fill: parent
            visible: isReady
            photoId: row.holdsFace ? row.personId : ""
            preview: row.holdsFace ? "still" : "small"
            corner: 48
        }
    }
    Words {
        x: 116
        anchors.verticalCenter: parent.verticalCenter
        width: row.width - x - buttons.width - 16
        role: "small"
        weight: Font.Medium
        text: row.name
    }
    Row {
        id: buttons
        anchors { right: parent.right; verticalCenter: parent.verticalCenter }
        spacing: 16
    }
}
