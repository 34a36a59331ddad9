import QtQuick
import Kiosk
import "../components"

/* A card with a heading and a note at its right; children stand in a column below. */
Rectangle {
    id: card

    default property alias items: column.data
    property alias spacing: column.spacing
    property alias corner: cornerSlot.data
    property string title: ""
    property string note: ""
    property real padding: 32
    readonly property real innerWidth: width - padding * 2

    implicitHeight: column.y + column.height + padding - 6
    height: implicitHeight
    radius: Theme.radiusCard
    color: Theme.s1

    StaffWords {
        id: heading
        x: card.padding
        y: 24
        visible: card.title !== ""
        width: Math.min(implicitWidth, card.innerWidth - cornerSlot.width - side.width - 16)
        size: 30
        weight: Font.DemiBold
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        text: card.title
    }
    StaffWords {
        id: side
        anchors.right: cornerSlot.left
        y: heading.y + (heading.lineHeight - lineHeight) / 2 + 2
        width: implicitWidth
        size: 22
        color: Theme.text2
        wrapMode: Text.NoWrap
        text: card.note
    }
    Item {
        id: cornerSlot
        x: card.width - card.padding - width
        y: heading.y + (heading.lineHeight - height) / 2
        width: childrenRect.width
        height: childrenRect.height
    }
    Column {
        id: column
        x: card.padding
        y: card.title === "" ? card.padding - 6 : 84
        width: card.innerWidth
        spacing: 16
    }
}
