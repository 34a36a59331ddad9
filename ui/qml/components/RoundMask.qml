pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes
import Kiosk

/* Rounds what lies below by covering its corners with the ground (textures cannot be clipped round in the
   software renderer). */
Item {
    id: mask

    property real radius: Theme.radiusCard
    property color ground: Theme.bg

    Repeater {
        model: 4
        Shape {
            preferredRendererType: Shape.CurveRenderer
            required property int index
            x: index % 2 === 0 ? 0 : mask.width - mask.radius
            y: index < 2 ? 0 : mask.height - mask.radius
            width: mask.radius
            height: mask.radius
            rotation: [0, 90, 270, 180][index]
            ShapePath {
                strokeColor: "transparent"
                strokeWidth: 0
                fillColor: mask.ground
                startX: -1; startY: -1
                PathLine { x: mask.radius; y: -1 }
                PathLine { x: mask.radius; y: 0 }
                PathArc { x: 0; y: mask.radius; radiusX: mask.radius; radiusY: mask.radius; direction: PathArc.Counterclockwise }
                PathLine { x: -1; y: mask.radius }
            }
        }
    }
}
