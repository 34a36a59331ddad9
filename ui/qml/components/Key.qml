import QtQuick
import QtQuick.Templates as T
import Kiosk

/* A key of keypad and keyboard. A gold one that is not to be had yet is an outline. */
T.AbstractButton {
    id: key

    property string iconName: ""
    property bool isGold: false
    property string role: "title"
    readonly property bool isOutline: isGold && !enabled
    readonly property color ink: isOutline ? Theme.text2 : isGold ? Theme.onGold : Theme.text

    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: click()

    background: Rectangle {
        radius: 16
        color: key.isOutline ? "transparent" : key.isGold ? (key.down ? Theme.goldPressed : Theme.gold) : key.down ? Theme.edge : Theme.s2
        border { width: key.isOutline ? 2 : 0; color: Theme.edge }
    }
    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            visible: key.iconName !== ""
            name: key.iconName
            tint: key.ink
            size: 40
        }
        Words {
            anchors.centerIn: parent
            visible: key.iconName === ""
            role: key.role
            textScale: 1
            weight: Font.Medium
            color: key.ink
            text: key.text
            Accessible.ignored: true
        }
    }
    FocusRing { isShown: key.visualFocus; around: 16 }
}
