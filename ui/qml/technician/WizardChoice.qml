import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* One of the answers to a question of the wizard. */
T.AbstractButton {
    id: choice

    required property string title
    property string words: ""
    property bool isChosen: false

    height: Math.max(96, said.height + 40)
    focusPolicy: Qt.StrongFocus
    text: title
    Accessible.role: Accessible.RadioButton
    Accessible.name: title
    Accessible.description: words
    Accessible.checked: isChosen
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    background: Rectangle {
        radius: Theme.radiusControl
        color: choice.down || choice.isChosen ? Theme.s2 : "transparent"
        border { width: choice.isChosen ? 4 : 2; color: choice.isChosen ? Theme.gold : Theme.edge }
    }
    contentItem: Item {
        Rectangle {
            x: 28
            anchors.verticalCenter: parent.verticalCenter
            width: 44
            height: 44
            radius: 22
            color: choice.isChosen ? Theme.gold : "transparent"
            border { width: choice.isChosen ? 0 : 3; color: Theme.edge }
            Icon {
                anchors.centerIn: parent
                visible: choice.isChosen
                name: "check"
                size: 28
                tint: Theme.onGold
            }
        }
        Column {
            id: said
            x: 100
            anchors.verticalCenter: parent.verticalCenter
            width: choice.width - x - 28
            Words { width: parent.width; weight: Font.Medium; text: choice.title; Accessible.ignored: true }
            Words {
                visible: text !== ""
                width: parent.width
                role: "small"
                color: Theme.text2
                text: choice.words
                Accessible.ignored: true
            }
        }
    }
    FocusRing { isShown: choice.visualFocus; around: Theme.radiusControl }
}
