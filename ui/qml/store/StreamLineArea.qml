pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The line over the camera's picture with its two directions; while it is drawn, a touch is one of its ends. With the
   keyboard arrow keys move a cross, and Enter is the touch. */
FocusScope {
    id: area

    readonly property real x1: StreamLine.x1 * width
    readonly property real y1: StreamLine.y1 * height
    readonly property real x2: StreamLine.x2 * width
    readonly property real y2: StreamLine.y2 * height
    readonly property real length: Math.max(1, Math.hypot(x2 - x1, y2 - y1))
    /* From the left of the way along the line to its right is in. */
    readonly property real inX: -(y2 - y1) / length
    readonly property real inY: (x2 - x1) / length
    property real crossX: 0.5
    property real crossY: 0.5

    function move(x: real, y: real) {
        crossX = Math.max(0, Math.min(1, crossX + x));
        crossY = Math.max(0, Math.min(1, crossY + y));
    }

    clip: true

    /* Keys work on the picture from the first moment. */
    Connections {
        target: StreamLine
        function onChanged() {
            if (StreamLine.isDrawing && area.visible)
                spot.forceActiveFocus();
        }
    }

    Item {
        id: spot
        objectName: "line.picture"
        anchors.fill: parent
        focus: true
        activeFocusOnTab: true
        Accessible.role: Accessible.Canvas
        Accessible.name: I18n.t("store.line.picture")
        Keys.onPressed: event => {
            const isEnter = event.key === Qt.Key_Return || event.key === Qt.Key_Enter;
            if (!StreamLine.isDrawing && !isEnter)
                return;
            if (!StreamLine.isDrawing)
                StreamLine.draw();
            else if (event.key === Qt.Key_Left)
                area.move(-0.02, 0);
            else if (event.key === Qt.Key_Right)
                area.move(0.02, 0);
            else if (event.key === Qt.Key_Up)
                area.move(0, -0.02);
            else if (event.key === Qt.Key_Down)
                area.move(0, 0.02);
            else if (isEnter)
                StreamLine.touch(area.crossX, area.crossY);
            else
                return;
            event.accepted = true;
        }
        MouseArea {
            anchors.fill: parent
            enabled: StreamLine.isDrawing
            onPressed: mouse => StreamLine.touch(mouse.x / width, mouse.y / height)
        }
        Icon {
            visible: StreamLine.isDrawing && parent.activeFocus
            x: area.crossX * area.width - width / 2
            y: area.crossY * area.height - height / 2
            name: "plus"
            tint: Theme.gold
            size: 56
        }
    }

    component End: Rectangle {
        required property real atX
        required property real atY
        x: atX - width / 2
        y: atY - height / 2
        width: 26
        height: 26
        radius: 13
        color: Theme.gold
        border { width: 4; color: Theme.onGold }
    }
    /* An arrow and a word on their side of the line, never outside of the picture. */
    component Way: Rectangle {
        id: way
        /* 1 in, -1 out. */
        required property int side
        required property string text
        readonly property real toX: area.inX * side
        readonly property real toY: area.inY * side
        readonly property real away: 16 + (Math.abs(toX) * width + Math.abs(toY) * height) / 2
        x: Math.max(8, Math.min(area.width - width - 8, (area.x1 + area.x2) / 2 + toX * away - width / 2))
        y: Math.max(8, Math.min(area.height - height - 8, (area.y1 + area.y2) / 2 + toY * away - height / 2))
        width: said.width + 68
        height: 48
        radius: 10
        color: side > 0 ? Theme.gold : Theme.paper
        Icon {
            x: 10
            anchors.verticalCenter: parent.verticalCenter
            name: "arrow-up"
            tint: Theme.onGold
            size: 34
            rotation: Math.atan2(way.toX, -way.toY) * 180 / Math.PI
        }
        Words {
            id: said
            x: 50
            y: (parent.height - lineHeight) / 2
            width: implicitWidth
            role: "staff"
            textScale: 1.15
            weight: Font.DemiBold
            color: Theme.onGold
            text: way.text
        }
    }

    Item {
        objectName: "line.drawn"
        anchors.fill: parent
        visible: StreamLine.hasLine && !StreamLine.isDrawing
        Rectangle {
            x: area.x1
            y: area.y1 - height / 2
            width: area.length
            height: 6
            radius: 3
            color: Theme.gold
            transformOrigin: Item.Left
            rotation: Math.atan2(area.y2 - area.y1, area.x2 - area.x1) * 180 / Math.PI
        }
        End { atX: area.x1; atY: area.y1 }
        End { atX: area.x2; atY: area.y2 }
        Way { objectName: "line.in"; side: 1; text: I18n.t("store.line.in") }
        Way { objectName: "line.out"; side: -1; text: I18n.t("store.line.out") }
    }
    End {
        visible: StreamLine.isDrawing && StreamLine.hasBegun
        atX: StreamLine.begunX * area.width
        atY: StreamLine.begunY * area.height
    }
    Rectangle {
        anchors.fill: parent
        visible: StreamLine.isDrawing || spot.activeFocus
        color: "transparent"
        radius: Theme.radiusCard
        border { width: 4; color: Theme.gold }
    }
}
