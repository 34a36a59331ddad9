import QtQuick
import Kiosk
import "../components"

/* A face as it is kept, or the sign for somebody where there is no picture (any more). */
Item {
    id: tile

    property string pictureKey: ""
    property bool isShot: false
    property real radius: Theme.radiusTile
    property color ground: Theme.s2
    readonly property bool isReady: view.isReady
    readonly property bool isMissing: pictureKey === "" || view.isMissing

    Rectangle {
        anchors.fill: parent
        visible: !tile.isReady
        radius: tile.radius
        color: tile.ground
        Icon {
            anchors.centerIn: parent
            visible: tile.isMissing
            name: "user"
            tint: Theme.text2
            size: Math.min(72, Math.round(tile.width * 0.48))
        }
    }
    FaceView {
        id: view
        anchors.fill: parent
        visible: isReady
        pictureKey: tile.pictureKey
        isShot: tile.isShot
        corner: tile.radius
    }
}
