pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes
import Kiosk
import "../components"

/* A face on the wall: white for staff, gold for somebody known, dashed for a visitor without a name, thin while it is
   not decided; and its label, which never lies on a face. Places are pixels of the picture's item. */
Item {
    id: mark

    required property string kind
    required property real faceX
    required property real faceY
    required property real faceWidth
    required property real faceHeight
    required property string label
    required property real labelX
    required property real labelY
    required property real labelWidth
    property real labelHeight: 40
    property int labelPixels: 22

    readonly property bool isKnown: kind === "known"
    readonly property bool isVisitor: kind === "visitor"
    readonly property color ink: isKnown ? Theme.gold : Theme.paper

    objectName: "face." + kind

    Rectangle {
        visible: !mark.isVisitor
        x: mark.faceX
        y: mark.faceY
        width: mark.faceWidth
        height: mark.faceHeight
        radius: 10
        color: "transparent"
        opacity: mark.kind === "looking" ? 0.55 : 1
        border { width: mark.kind === "looking" ? 2 : 4; color: mark.ink }
    }
    Loader {
        x: mark.faceX
        y: mark.faceY
        active: mark.isVisitor
        sourceComponent: Shape {
            width: mark.faceWidth
            height: mark.faceHeight
            ShapePath {
                strokeColor: mark.ink
                strokeWidth: 3
                strokeStyle: ShapePath.DashLine
                dashPattern: [3.2, 2.4]
                fillColor: "transparent"
                PathRectangle { x: 1.5; y: 1.5; width: mark.faceWidth - 3; height: mark.faceHeight - 3; radius: 10 }
            }
        }
    }
    Rectangle {
        visible: mark.label !== ""
        x: mark.labelX
        y: mark.labelY
        width: mark.labelWidth
        height: mark.labelHeight
        radius: 8
        color: mark.ink
        Words {
            objectName: "face.label"
            x: 14
            y: (parent.height - lineHeight) / 2
            width: parent.width - 20
            role: "staff"
            font.pixelSize: mark.labelPixels
            weight: Font.DemiBold
            color: Theme.onPaper
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: mark.label
        }
    }
}
