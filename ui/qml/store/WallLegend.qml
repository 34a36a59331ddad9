import QtQuick
import QtQuick.Shapes
import Kiosk
import "../components"

/* What the boxes on the wall mean. */
Flow {
    id: legend

    spacing: 8

    component Entry: Row {
        id: entry
        required property string text
        property color ink: Theme.paper
        property bool isDashed: false
        spacing: 14
        rightPadding: 28
        Item {
            anchors.verticalCenter: parent.verticalCenter
            width: 30
            height: 24
            Rectangle {
                anchors.fill: parent
                visible: !entry.isDashed
                color: "transparent"
                radius: 6
                border { width: 4; color: entry.ink }
            }
            Shape {
                anchors.fill: parent
                visible: entry.isDashed
                ShapePath {
                    strokeColor: entry.ink
                    strokeWidth: 3
                    strokeStyle: ShapePath.DashLine
                    dashPattern: [1.8, 1.6]
                    fillColor: "transparent"
                    PathRectangle { x: 1.5; y: 1.5; width: 27; height: 21; radius: 6 }
                }
            }
        }
        Words {
            anchors.verticalCenter: parent.verticalCenter
            height: 28
            lineHeight: 28
            role: "small"
            textScale: Theme.isPortrait ? 0.76 : 0.8
            color: Theme.text2
            wrapMode: Text.NoWrap
            text: entry.text
        }
    }
    Entry { text: I18n.t("store.legend.staff") }
    Entry { ink: Theme.gold; text: I18n.t(Store.knowsReturning ? "store.legend.returning" : "store.legend.known") }
    Entry { isDashed: true; text: I18n.t("store.legend.visitor") }
}
