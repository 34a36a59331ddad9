import QtQuick
import Kiosk
import "../components"

/* Nine points over the whole glass, one after the other: how far beside them a finger is felt. */
FocusScope {
    id: sheet
    objectName: "TouchSheet"

    readonly property Item glass: Window.contentItem

    focus: true
    Accessible.role: Accessible.Dialog
    Accessible.name: I18n.t("tech.touch.title")
    Keys.onEscapePressed: StaffNavigator.closeSheet()
    onGlassChanged: begin()

    function begin() {
        if (glass)
            TechnicianTouch.begin(glass.width, glass.height, Screen.pixelDensity);
    }

    Connections {
        target: TechnicianTouch
        function onDone() {
            StaffNavigator.closeSheet();
        }
    }
    Item {
        id: field
        parent: sheet.glass
        width: sheet.glass ? sheet.glass.width : 0
        height: sheet.glass ? sheet.glass.height : 0
        z: 100

        Rectangle { anchors.fill: parent; color: Theme.bg }
        MouseArea {
            objectName: "touch.glass"
            anchors.fill: parent
            onPressed: event => TechnicianTouch.touch(event.x, event.y)
        }
        Column {
            scale: Math.min(1, field.width / 1080)
            anchors.centerIn: parent
            anchors.verticalCenterOffset: -field.height * 0.2
            spacing: 12
            Words {
                anchors.horizontalCenter: parent.horizontalCenter
                role: "title"
                weight: Font.DemiBold
                wrapMode: Text.NoWrap
                text: I18n.t("tech.touch.title")
            }
            Words {
                anchors.horizontalCenter: parent.horizontalCenter
                color: Theme.text2
                wrapMode: Text.NoWrap
                text: TechnicianTouch.progressText
            }
        }
        KioskButton {
            objectName: "touch.cancel"
            anchors.horizontalCenter: parent.horizontalCenter
            y: field.height * 0.68
            width: Math.min(implicitWidth, field.width - 48)
            height: 88
            role: "body"
            focus: true
            text: I18n.t("tech.touch.cancel")
            onClicked: StaffNavigator.closeSheet()
        }
        Rectangle {
            x: TechnicianTouch.x - width / 2
            y: TechnicianTouch.y - height / 2
            width: 96
            height: 96
            radius: 48
            color: "transparent"
            border { width: 6; color: Theme.gold }
            Rectangle {
                anchors.centerIn: parent
                width: 14
                height: 14
                radius: 7
                color: Theme.text
            }
        }
    }
}
