import QtQuick
import QtQuick.Shapes
import Kiosk

/* Work is going on: a quarter of a ring that turns, or stands where less movement is wanted. */
Item {
    id: ring

    property color tint: Theme.onGold
    property real stroke: 5

    implicitWidth: 44
    implicitHeight: 44

    Shape {
        preferredRendererType: Shape.CurveRenderer
        id: shape
        anchors.fill: parent
        ShapePath {
            strokeColor: Qt.alpha(ring.tint, 0.3)
            strokeWidth: ring.stroke
            fillColor: "transparent"
            PathAngleArc {
                centerX: ring.width / 2; centerY: ring.height / 2
                radiusX: (ring.width - ring.stroke) / 2; radiusY: (ring.height - ring.stroke) / 2
                startAngle: 0; sweepAngle: 360
            }
        }
        ShapePath {
            strokeColor: ring.tint
            strokeWidth: ring.stroke
            capStyle: ShapePath.RoundCap
            fillColor: "transparent"
            PathAngleArc {
                centerX: ring.width / 2; centerY: ring.height / 2
                radiusX: (ring.width - ring.stroke) / 2; radiusY: (ring.height - ring.stroke) / 2
                startAngle: -60; sweepAngle: 95
            }
        }
        RotationAnimation on rotation {
            running: ring.visible && !Theme.lessMotion
            from: 0; to: 360; duration: 1400; loops: Animation.Infinite
        }
    }
}
