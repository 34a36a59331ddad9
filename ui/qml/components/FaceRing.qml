pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes
import Kiosk

/* The oval around the face: each check that is met fills its quarter, stillness the last one; a check that is
   lost empties its quarter within 240 ms. */
Item {
    id: ring

    readonly property real stroke: 16

    component Quarter: ShapePath {
        id: quarter
        required property int place
        required property real filled
        property real shown: filled
        strokeColor: shown > 0.005 ? Theme.gold : "transparent"
        strokeWidth: ring.stroke
        fillColor: "transparent"
        capStyle: ShapePath.RoundCap
        PathAngleArc {
            centerX: ring.width / 2; centerY: ring.height / 2
            radiusX: (ring.width - ring.stroke) / 2; radiusY: (ring.height - ring.stroke) / 2
            startAngle: -90 + quarter.place * 90
            sweepAngle: 90 * quarter.shown
        }
        Behavior on shown { NumberAnimation { duration: Theme.pageMs } }
    }

    Shape {
        preferredRendererType: Shape.CurveRenderer
        anchors.fill: parent
        ShapePath {
            strokeColor: Qt.alpha(Theme.text, 0.6)
            strokeWidth: 6
            fillColor: "transparent"
            PathAngleArc {
                centerX: ring.width / 2; centerY: ring.height / 2
                radiusX: (ring.width - ring.stroke) / 2; radiusY: (ring.height - ring.stroke) / 2
                startAngle: 0; sweepAngle: 360
            }
        }
        Quarter { place: 0; filled: Capture.isLit ? 1 : 0 }
        Quarter { place: 1; filled: Capture.isFacing ? 1 : 0 }
        Quarter { place: 2; filled: Capture.isNear ? 1 : 0 }
        Quarter { place: 3; filled: Capture.isLit && Capture.isFacing && Capture.isNear ? Capture.stillness : 0 }
    }
}
