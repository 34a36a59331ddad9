import QtQuick
import Kiosk
import "../components"

/* What is left of a paper or of ink. */
Item {
    id: row

    required property var supply

    implicitHeight: nameWords.lineHeight + 20

    StaffWords { id: nameWords; width: parent.width - leftWords.width - 16; wrapMode: Text.NoWrap; elide: Text.ElideRight; text: row.supply.title }
    Icon {
        visible: row.supply.isLow
        x: leftWords.x - 36
        y: (nameWords.lineHeight - height) / 2
        name: "triangle-alert"
        tint: Theme.bad
        size: 26
    }
    StaffWords {
        id: leftWords
        x: parent.width - width
        width: implicitWidth
        wrapMode: Text.NoWrap
        weight: row.supply.isLow ? Font.DemiBold : Font.Normal
        color: row.supply.isLow ? Theme.bad : Theme.text
        text: row.supply.left
    }
    StaffBar { y: nameWords.lineHeight + 4; width: parent.width; share: row.supply.share; tint: row.supply.isLow ? Theme.bad : Theme.paper }
}
