import QtQuick
import Kiosk
import "../components"

/* An order's code, or a part of one: capitals and digits on the screen, or a keyboard. */
Sheet {
    id: sheet
    objectName: "StaffCodeSheet"
    title: Typing.label

    property string code: ""

    function enter() {
        StaffNavigator.closeSheet();
        Typing.enter(sheet.code);
    }
    function type(letter: string) {
        code = (code + letter.toUpperCase()).slice(0, 12);
    }

    Component.onCompleted: code = Typing.text
    onDismissed: StaffNavigator.closeSheet()
    Keys.onPressed: event => {
        if (event.key === Qt.Key_Backspace)
            code = code.slice(0, -1);
        else if (/^[A-Za-z0-9-]$/.test(event.text))
            type(event.text);
        else
            return;
        event.accepted = true;
    }
    Keys.onReturnPressed: enter()
    Keys.onEnterPressed: enter()

    EntryField {
        width: parent.width
        focus: true
        activeFocusOnTab: true
        text: sheet.code
        hint: "K7-4Q2M"
        onCleared: sheet.code = ""
    }
    Keyboard {
        width: parent.width
        onTyped: letter => sheet.type(letter)
        onErased: sheet.code = sheet.code.slice(0, -1)
        onConfirmed: sheet.enter()
    }
    KioskButton {
        objectName: "code.cancel"
        width: parent.width
        height: 88
        kind: "quiet"
        role: "small"
        textScale: 1
        text: I18n.t("common.cancel")
        onClicked: StaffNavigator.closeSheet()
    }
}
