import QtQuick
import Kiosk
import "../components"

/* A number or a PIN is typed; what fits is said before, and why it does not fit on the button. */
Sheet {
    id: sheet
    objectName: "NumberSheet"
    title: TechnicianEntry.label
    sheetWidth: 760
    onDismissed: StaffNavigator.closeSheet()

    readonly property bool isPin: TechnicianEntry.kind === "pin"
    readonly property string problem: TechnicianEntry.problem(typed)
    property string typed: ""

    function type(letter: string) {
        if (typed.length < Math.min(12, TechnicianEntry.longest) && (letter !== "." || !typed.includes(".")))
            typed += letter;
    }
    function erase() {
        typed = typed.slice(0, -1);
    }
    function enter() {
        const text = typed;
        if (problem !== "")
            return;
        StaffNavigator.closeSheet();
        TechnicianEntry.enter(text);
    }

    Component.onCompleted: typed = TechnicianEntry.text
    Keys.onPressed: event => {
        if (event.key === Qt.Key_Backspace)
            erase();
        else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter)
            enter();
        else if (/^[0-9]$/.test(event.text) || (event.text === "." && TechnicianEntry.mayBeFraction))
            type(event.text);
        else
            return;
        event.accepted = true;
    }

    Words {
        visible: text !== ""
        width: parent.width
        role: "small"
        color: Theme.text2
        text: TechnicianEntry.range !== "" ? TechnicianEntry.range : TechnicianEntry.unit
    }
    EntryField {
        objectName: "number.field"
        width: parent.width
        focus: true
        activeFocusOnTab: true
        text: sheet.isPin ? "•".repeat(sheet.typed.length) : sheet.typed
        onCleared: sheet.typed = ""
    }
    Keypad {
        width: parent.width
        extra: TechnicianEntry.mayBeFraction ? "." : ""
        onTyped: letter => sheet.type(letter)
        onErased: sheet.erase()
    }
    KioskButton {
        objectName: "number.done"
        width: parent.width
        height: 104
        kind: "primary"
        role: "title"
        reason: sheet.problem
        text: I18n.t("common.done")
        onClicked: sheet.enter()
    }
    KioskButton {
        objectName: "number.cancel"
        width: parent.width
        height: 80
        kind: "quiet"
        role: "body"
        text: I18n.t("common.cancel")
        onClicked: sheet.dismissed()
    }
}
