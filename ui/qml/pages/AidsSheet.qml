import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* Easy access: larger text, everything lower, high contrast, less movement. Each works at once. */
Sheet {
    objectName: "AidsSheet"
    title: I18n.t("aids.title")
    onDismissed: Navigator.closeSheet()

    component Aid: T.AbstractButton {
        id: aid
        required property string iconName
        required property bool isOn
        width: parent ? parent.width : 0
        height: Theme.lower ? 96 : 120
        focusPolicy: Qt.StrongFocus
        Accessible.role: Accessible.CheckBox
        Accessible.name: text
        Accessible.checked: isOn
        Keys.onReturnPressed: click()
        background: Rectangle {
            radius: Theme.radiusControl
            color: aid.down ? Theme.line : Theme.s2
            border { width: 2; color: aid.isOn ? Theme.gold : Theme.edge }
        }
        contentItem: Item {
            Icon { x: 36; anchors.verticalCenter: parent.verticalCenter; name: aid.iconName; size: 48 }
            Words {
                x: 116
                anchors.verticalCenter: parent.verticalCenter
                width: parent.width - 260
                weight: Font.Medium
                text: aid.text
                Accessible.ignored: true
            }
            Rectangle {
                anchors { right: parent.right; rightMargin: 36; verticalCenter: parent.verticalCenter }
                width: 104; height: 56; radius: 28
                color: aid.isOn ? Theme.gold : "transparent"
                border { width: aid.isOn ? 0 : 3; color: Theme.edge }
                Rectangle {
                    y: 8
                    x: aid.isOn ? 56 : 8
                    width: 40; height: 40; radius: 20
                    color: aid.isOn ? Theme.onGold : Theme.text2
                    Icon { anchors.centerIn: parent; visible: aid.isOn; name: "check"; size: 28; tint: Theme.gold }
                    Behavior on x { NumberAnimation { duration: Theme.stateMs } }
                }
            }
        }
        FocusRing { isShown: aid.visualFocus }
    }

    Aid {
        objectName: "aids.largerText"
        focus: true
        iconName: "type"
        text: I18n.t("aids.large")
        isOn: Theme.largerText
        onClicked: Theme.largerText = !Theme.largerText
    }
    Aid {
        objectName: "aids.lower"
        iconName: "arrow-down-to-line"
        text: I18n.t("aids.low")
        isOn: Theme.lower
        onClicked: Theme.lower = !Theme.lower
    }
    Aid {
        objectName: "aids.contrast"
        iconName: "contrast"
        text: I18n.t("aids.contrast")
        isOn: Theme.highContrast
        onClicked: Theme.highContrast = !Theme.highContrast
    }
    Aid {
        objectName: "aids.lessMotion"
        iconName: "wand"
        text: I18n.t("aids.motion")
        isOn: Theme.lessMotion
        onClicked: Theme.lessMotion = !Theme.lessMotion
    }
    foot: [
        KioskButton {
            objectName: "aids.close"
            width: parent.width
            height: Theme.lower ? 96 : 112
            text: I18n.t("common.done")
            onClicked: Navigator.closeSheet()
        }
    ]
}
