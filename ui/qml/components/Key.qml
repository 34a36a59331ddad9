import QtQuick
import QtQuick.Templates as T
import Kiosk

/* A key of keypad and keyboard. */
T.AbstractButton {
    id: key

    property string iconName: ""
    property bool isGold: false
    property string role: "title"

    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: click()

    background: Rectangle {
        radius: 16
        color: key.isGold ? (key.down ? Theme.goldPressed : Theme.gold) : key.down ? Theme.edge : Theme.s2
    }
    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            visible: key.iconName !== ""
            name: key.iconName
            tint: key.isGold ? Theme.onGold : Theme.text
            size: 40
        }
        Words {
            anchors.centerIn: parent
            visible: key.iconName === ""
            role: key.role
            textScale: 1
            weight: Font.Medium
            color: key.isGold ? Theme.onGold : Theme.text
            text: key.text
            Accessible.ignored: true
        }
    }
    FocusRing { isShown: key.visualFocus; around: 16 }
}
