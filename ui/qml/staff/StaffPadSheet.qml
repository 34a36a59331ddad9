import QtQuick
import Kiosk
import "../components"

/* A sheet with a keypad: words, then the pad, then the buttons; across, the pad stands at the right of both. */
Sheet {
    id: sheet

    property alias words: wordColumn.data
    property alias pad: padColumn.data
    property alias buttons: buttonColumn.data
    property bool hasPad: true
    readonly property bool isAcross: hasPad && !Theme.isPortrait

    sheetWidth: isAcross ? 1420 : 1080

    Item {
        width: parent.width
        height: Math.max(buttonColumn.y + buttonColumn.height, sheet.isAcross ? padColumn.height : 0)
        Column {
            id: wordColumn
            width: sheet.isAcross ? parent.width - padColumn.width - 56 : parent.width
            spacing: 20
        }
        Column {
            id: padColumn
            visible: sheet.hasPad
            x: parent.width - width
            y: sheet.isAcross ? 0 : wordColumn.height + 24
            width: sheet.isAcross ? 600 : parent.width
        }
        Column {
            id: buttonColumn
            y: sheet.isAcross ? Math.max(wordColumn.height + 24, padColumn.height - height)
                : sheet.hasPad ? padColumn.y + padColumn.height + 24 : wordColumn.height + 24
            width: wordColumn.width
            spacing: 16
        }
    }
}
