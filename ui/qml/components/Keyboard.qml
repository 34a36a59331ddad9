pragma ComponentBehavior: Bound
import QtQuick
import Kiosk

/* Capitals and digits for codes. Owner keeps the text: `typed`, `erased`, `confirmed`. */
Column {
    id: board

    property bool canConfirm: true
    readonly property real gap: Theme.lower ? 8 : 10
    readonly property real keyHeight: Theme.lower ? (Theme.isPortrait ? 80 : 64) : 96
    readonly property real keyWidth: (width - gap * 9) / 10
    signal typed(string letter)
    signal erased
    signal confirmed

    width: 952
    spacing: gap

    component LetterKey: Key {
        width: board.keyWidth
        height: board.keyHeight
        onClicked: board.typed(text)
    }

    Repeater {
        model: ["1234567890", "QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM"]
        Row {
            id: letters
            required property string modelData
            anchors.horizontalCenter: parent.horizontalCenter
            spacing: board.gap
            Repeater {
                model: letters.modelData.length
                LetterKey {
                    required property int index
                    text: letters.modelData.charAt(index)
                }
            }
        }
    }
    Row {
        anchors.horizontalCenter: parent.horizontalCenter
        spacing: board.gap
        LetterKey { text: "-" }
        Key {
            width: board.keyWidth * 1.6; height: board.keyHeight
            iconName: "delete"
            text: I18n.t("common.erase")
            onClicked: board.erased()
        }
        Key {
            objectName: "keyDone"
            width: board.keyWidth * 3; height: board.keyHeight
            isGold: true
            enabled: board.canConfirm
            role: "small"
            text: I18n.t("common.ok")
            onClicked: board.confirmed()
        }
    }
}
