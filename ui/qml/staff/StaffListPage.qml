import QtQuick
import Kiosk
import "../components"

/* A page that is one list of rows on a card: `rows` drawn by `row`, a word where there are none. */
StaffPage {
    id: page

    required property var rows
    required property Component row
    property string noteText: ""
    property string emptyIcon: "check"
    property string emptyText: ""

    StaffEmpty {
        visible: page.rows.length === 0
        anchors.centerIn: parent
        width: page.contentWidth * 0.7
        iconName: page.emptyIcon
        text: page.emptyText
    }
    ScrollArea {
        id: area
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.height - y
        innerHeight: card.y + card.height + 36
        StaffWords {
            id: aside
            visible: text !== "" && page.rows.length > 0
            width: parent.width
            height: visible ? contentHeight + 16 : 0
            size: 22
            color: Theme.text2
            text: page.noteText
        }
        StaffCard {
            id: card
            visible: page.rows.length > 0
            y: aside.height
            width: area.width
            spacing: 0
            Repeater {
                model: page.rows
                delegate: page.row
            }
        }
    }
}
