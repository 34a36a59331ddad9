import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* A switch: on is a pill on paper with its knob at the right, off an outline with the knob at the left. What it
   switches is said beside it; `text` says it to a screen reader. The owner turns it: `asked` with what is wanted. */
T.AbstractButton {
    id: toggle

    required property bool isOn
    signal asked(bool isWanted)

    width: 92
    height: 64
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.CheckBox
    Accessible.name: text
    Accessible.checked: isOn
    onClicked: asked(!isOn)
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    contentItem: Item {
        Rectangle {
            id: pill
            anchors.centerIn: parent
            width: 60
            height: 34
            radius: height / 2
            color: toggle.isOn ? Theme.paper : "transparent"
            border { width: toggle.isOn ? 0 : 2; color: Theme.edge }
            Rectangle {
                anchors.verticalCenter: parent.verticalCenter
                x: toggle.isOn ? parent.width - width - 4 : 4
                width: 26
                height: 26
                radius: 13
                color: toggle.isOn ? Theme.onPaper : Theme.text2
                Behavior on x { NumberAnimation { duration: Theme.stateMs; easing.type: Easing.OutCubic } }
            }
        }
        FocusRing { anchors.fill: pill; anchors.margins: -8; isShown: toggle.visualFocus; around: 17 }
    }
}
