pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* A new PIN, typed twice. */
StaffPadSheet {
    id: sheet
    objectName: "StaffPinSheet"
    title: I18n.t("staff.pin.title", { name: StaffMembers.name })

    property string first: ""
    property string pin: ""
    property bool differed: false
    readonly property bool isAgain: first !== ""

    function type(digit: string) {
        if (pin.length < 8)
            pin += digit;
    }
    function enter() {
        if (pin.length < 4)
            return;
        if (!isAgain) {
            differed = false;
            first = pin;
        } else if (pin === first) {
            StaffNavigator.closeSheet();
            StaffMembers.setPin(pin);
            return;
        } else {
            differed = true;
            first = "";
        }
        pin = "";
    }

    onDismissed: StaffNavigator.closeSheet()
    Keys.onPressed: event => {
        if (event.key === Qt.Key_Backspace)
            pin = pin.slice(0, -1);
        else if (/^[0-9]$/.test(event.text))
            type(event.text);
        else
            return;
        event.accepted = true;
    }

    words: [
        StaffWords {
            objectName: "pin.sentence"
            width: parent.width
            size: 26
            color: sheet.differed ? Theme.bad : Theme.text2
            text: I18n.t(sheet.differed ? "staff.pin.differed" : sheet.isAgain ? "staff.pin.again" : "staff.pin.new")
            Accessible.role: Accessible.AlertMessage
        },
        Row {
            anchors.horizontalCenter: parent.horizontalCenter
            height: 48
            spacing: 22
            Accessible.role: Accessible.StaticText
            Accessible.name: I18n.counted("staff.sign_in.typed", sheet.pin.length)
            Repeater {
                model: Math.max(4, sheet.pin.length)
                Rectangle {
                    required property int index
                    anchors.verticalCenter: parent.verticalCenter
                    width: 26; height: 26; radius: 13
                    color: index < sheet.pin.length ? Theme.gold : "transparent"
                    border { width: index < sheet.pin.length ? 0 : 3; color: Theme.edge }
                }
            }
        }
    ]
    pad: [
        Keypad {
            anchors.horizontalCenter: parent.horizontalCenter
            width: Math.min(640, parent.width)
            onTyped: digit => sheet.type(digit)
            onErased: sheet.pin = sheet.pin.slice(0, -1)
        }
    ]
    buttons: [
        KioskButton {
            objectName: "pin.enter"
            width: parent.width
            height: 104
            kind: "primary"
            role: "title"
            textScale: 0.9
            reason: sheet.pin.length >= 4 ? "" : I18n.t("staff.sign_in.short")
            text: I18n.t(sheet.isAgain ? "staff.save" : "staff.member.next")
            onClicked: sheet.enter()
        },
        KioskButton {
            objectName: "pin.cancel"
            width: parent.width
            height: 80
            kind: "quiet"
            role: "small"
            textScale: 1
            text: I18n.t("common.cancel")
            onClicked: StaffNavigator.closeSheet()
        }
    ]
}
