import QtQuick
import Kiosk
import "../components"

/* What can be done with the line, or what to touch next while it is drawn. */
Item {
    id: part

    height: words.height + buttons.height + 4

    Words {
        id: words
        objectName: "line.guidance"
        width: parent.width
        role: "small"
        textScale: 0.84
        color: StreamLine.isDrawing ? Theme.gold : Theme.text2
        text: StreamLine.isDrawing ? I18n.t(StreamLine.hasBegun ? "store.line.second" : "store.line.first")
            : StreamLine.hasLine ? I18n.t("store.line.title") : I18n.t("store.line.none")
        Accessible.role: Accessible.AlertMessage
    }
    Row {
        id: buttons
        y: words.height + 4
        spacing: 16

        component Action: KioskButton {
            width: implicitWidth
            height: 68
            role: "small"
            textScale: 0.9
            iconSize: 30
            maximumLines: 1
        }
        Action {
            objectName: "line.draw"
            visible: !StreamLine.isDrawing
            iconName: "minus"
            text: I18n.t(StreamLine.hasLine ? "store.line.redraw" : "store.line.draw")
            onClicked: StreamLine.draw()
        }
        Action {
            objectName: "line.turn"
            visible: StreamLine.hasLine && !StreamLine.isDrawing
            iconName: "rotate-ccw"
            text: I18n.t("store.line.turn")
            onClicked: StreamLine.turn()
        }
        Action {
            objectName: "line.clear"
            visible: StreamLine.hasLine && !StreamLine.isDrawing
            iconName: "x"
            text: I18n.t("store.line.clear")
            onClicked: StreamLine.clear()
        }
        Action {
            objectName: "line.stop"
            visible: StreamLine.isDrawing
            text: I18n.t("common.cancel")
            onClicked: StreamLine.stopDrawing()
        }
    }
}
