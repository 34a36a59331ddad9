import QtQuick
import Kiosk
import "../components"

/* Somebody who works here: name, role, whether they still do. A new one gets a PIN next. */
Sheet {
    id: sheet
    objectName: "StaffMemberSheet"
    title: I18n.t(StaffMembers.isNew ? "staff.members.add" : "staff.members.change")
    spacing: 18

    property bool isTyping: false

    onDismissed: isTyping ? isTyping = false : StaffNavigator.closeSheet()

    Column {
        visible: !sheet.isTyping
        width: parent.width
        spacing: 18
        KioskButton {
            objectName: "member.name"
            width: parent.width
            height: 96
            role: "small"
            textScale: 1
            alignLeft: true
            iconName: "user"
            text: StaffMembers.name === "" ? I18n.t("staff.member.name") : StaffMembers.name
            Accessible.description: I18n.t("staff.member.name")
            onClicked: {
                board.text = StaffMembers.name;
                sheet.isTyping = true;
            }
        }
        Segments {
            width: parent.width
            name: "member.role"
            options: StaffMembers.roles
            current: StaffMembers.roleIndex
            onPicked: index => StaffMembers.setRole(index)
        }
        StaffWords { width: parent.width; color: Theme.text2; text: StaffMembers.roleNote }
        KioskButton {
            objectName: "member.active"
            visible: !StaffMembers.isNew
            width: parent.width
            height: 88
            kind: "quiet"
            role: "small"
            textScale: 1
            iconName: StaffMembers.isActive ? "x" : "check"
            text: I18n.t(StaffMembers.isActive ? "staff.member.let_go" : "staff.member.take_back")
            onClicked: StaffMembers.setActive(!StaffMembers.isActive)
        }
        StaffWords {
            visible: !StaffMembers.isActive
            width: parent.width
            color: Theme.gold
            text: I18n.t("staff.member.will_leave")
        }
        KioskButton {
            objectName: "member.save"
            width: parent.width
            height: 104
            focus: true
            kind: "primary"
            role: "title"
            textScale: 0.9
            reason: StaffMembers.name === "" ? I18n.t("staff.member.no_name") : ""
            text: I18n.t(StaffMembers.isNew ? "staff.member.next" : "staff.save")
            onClicked: {
                if (StaffMembers.isNew) {
                    StaffNavigator.openSheet("staff/StaffPinSheet");
                } else {
                    StaffNavigator.closeSheet();
                    StaffMembers.save();
                }
            }
        }
        KioskButton {
            objectName: "member.cancel"
            width: parent.width
            height: 80
            kind: "quiet"
            role: "small"
            textScale: 1
            text: I18n.t("common.cancel")
            onClicked: StaffNavigator.closeSheet()
        }
    }
    Column {
        id: board
        property string text: ""
        function enter() {
            StaffMembers.setName(text);
            sheet.isTyping = false;
        }
        visible: sheet.isTyping
        width: parent.width
        spacing: 20
        EntryField {
            width: parent.width
            isCode: false
            text: board.text
            hint: I18n.t("staff.member.name")
            onCleared: board.text = ""
        }
        TextKeyboard {
            width: parent.width
            canConfirm: board.text.trim() !== ""
            onTyped: letters => board.text = (board.text + letters).slice(0, 40)
            onErased: board.text = board.text.slice(0, -1)
            onConfirmed: board.enter()
        }
    }
    Keys.onPressed: event => {
        if (!sheet.isTyping)
            return;
        if (event.key === Qt.Key_Backspace)
            board.text = board.text.slice(0, -1);
        else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter)
            board.enter();
        else if (event.text.length === 1 && event.text >= " " && event.text !== "\u007f")
            board.text = (board.text + event.text).slice(0, 40);
        else
            return;
        event.accepted = true;
    }
}
