pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes
import Kiosk

/* Four corners around a face of the live view. */
Shape {
    id: box

    preferredRendererType: Shape.CurveRenderer

    property bool isMain: true
    readonly property real arm: Math.min(48, width * 0.2)
    readonly property real bend: 14
    readonly property color ink: isMain ? "white" : Theme.text2

    component Corner: ShapePath {
        id: corner
        required property real cornerX
        required property real cornerY
        required property int right
        required property int down
        strokeColor: box.ink
        strokeWidth: 5
        fillColor: "transparent"
        capStyle: ShapePath.RoundCap
        startX: cornerX + right * box.arm
        startY: cornerY
        PathLine { x: corner.cornerX + corner.right * box.bend; y: corner.cornerY }
        PathQuad {
            controlX: corner.cornerX; controlY: corner.cornerY
            x: corner.cornerX; y: corner.cornerY + corner.down * box.bend
        }
        PathLine { x: corner.cornerX; y: corner.cornerY + corner.down * box.arm }
    }
    Corner { cornerX: 0; cornerY: 0; right: 1; down: 1 }
    Corner { cornerX: box.width; cornerY: 0; right: -1; down: 1 }
    Corner { cornerX: 0; cornerY: box.height; right: 1; down: -1 }
    Corner { cornerX: box.width; cornerY: box.height; right: -1; down: -1 }
}
