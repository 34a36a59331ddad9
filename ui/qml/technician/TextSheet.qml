import QtQuick
import Kiosk
import "../components"

/* A line of text is typed, on the screen or on a keyboard: a name, a path, an address, or a secret shown as dots. */
Sheet {
    id: sheet
    objectName: "TextSheet"
    title: TechnicianEntry.label
    onDismissed: StaffNavigator.closeSheet()

    readonly property string kind: TechnicianEntry.kind
    readonly property string problem: TechnicianEntry.problem(typed)
    property string typed: ""

    function type(letters: string) {
        typed = (typed + letters).slice(0, TechnicianEntry.longest);
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
        else if (event.text.length === 1 && event.text >= " " && event.text !== "\u007f")
            type(event.text);
        else
            return;
        event.accepted = true;
    }

    EntryField {
        objectName: "text.field"
        width: parent.width
        focus: true
        activeFocusOnTab: true
        isCode: false
        text: sheet.kind === "secret" ? "•".repeat(sheet.typed.length) : sheet.typed
        hint: TechnicianEntry.hint !== "" ? TechnicianEntry.hint : I18n.t("tech.entry.hint")
        onCleared: sheet.typed = ""
    }
    TextKeyboard {
        width: parent.width
        letters: sheet.kind === "text" && Theme.isThai ? "thai" : "latin"
        endings: sheet.kind === "address" ? ["https://", ".", ":", "/"] : sheet.kind === "path" ? ["/", "."] : []
        hasSpace: sheet.kind !== "address" && sheet.kind !== "secret"
        canConfirm: sheet.problem === ""
        onTyped: letters => sheet.type(letters)
        onErased: sheet.erase()
        onConfirmed: sheet.enter()
    }
    KioskButton {
        objectName: "text.cancel"
        width: parent.width
        height: 80
        kind: "quiet"
        role: "body"
        text: I18n.t("common.cancel")
        onClicked: sheet.dismissed()
    }
}
