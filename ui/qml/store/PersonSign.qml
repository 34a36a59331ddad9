import QtQuick
import QtQuick.Shapes
import Kiosk

/* The box that somebody has on the wall, small, beside the words: white staff, gold customers, dashed guests. */
Item {
    id: sign

    required property string kind
    property real side: 28

    width: side
    height: side * 0.8

    Rectangle {
        anchors.fill: parent
        visible: sign.kind !== "guest"
        radius: 5
        color: "transparent"
        border { width: 3; color: sign.kind === "staff" ? Theme.text : Theme.gold }
    }
    Shape {
        anchors.fill: parent
        visible: sign.kind === "guest"
        ShapePath {
            strokeColor: Theme.gold
            strokeWidth: 3
            strokeStyle: ShapePath.DashLine
            dashPattern: [1.6, 1.5]
            fillColor: "transparent"
            PathRectangle { x: 1.5; y: 1.5; width: sign.width - 3; height: sign.height - 3; radius: 4 }
        }
    }
}
