import QtQuick
import Kiosk

/* A sheet on which a line of text is typed, on the screen or on a keyboard: `entered` with what it came to.
   `kind`: text, email, phone, year, address (of a camera) or secret, which is shown as dots. */
Sheet {
    id: sheet

    property string text: ""
    property string hint: ""
    /* A sentence under the field: what becomes of it, or what is wrong with it. */
    property string note: ""
    property bool isNoteUrgent: false
    property string kind: "text"
    property int most: 120
    /* Signs and endings that have a key of their own. */
    property var endings: kind === "email" ? ["@", ".com", ".co.th"] : kind === "address" ? ["rtsp://", ".", ":", "/"] : []
    /* Whether nothing at all may be entered. */
    property bool mayBeEmpty: true
    readonly property bool isNumber: kind === "phone" || kind === "year"
    readonly property bool isThaiFirst: kind === "text" && Theme.isThai
    signal entered(string text)

    function type(letters: string) {
        text = (text + letters).slice(0, most);
    }
    function erase() {
        text = text.slice(0, -1);
    }
    function enter() {
        if (mayBeEmpty || text.trim() !== "")
            entered(text.trim());
    }

    objectName: "TypingSheet"
    showsTitle: !Theme.lower
    Keys.onPressed: event => {
        if (event.key === Qt.Key_Backspace)
            erase();
        else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter)
            enter();
        else if (event.text.length === 1 && event.text >= " " && event.text !== "\u007f" && (!isNumber || /[0-9+ -]/.test(event.text)))
            type(event.text);
        else
            return;
        event.accepted = true;
    }

    EntryField {
        objectName: "typing.field"
        width: parent.width
        focus: true
        activeFocusOnTab: true
        isCode: false
        text: sheet.kind === "secret" ? "•".repeat(sheet.text.length) : sheet.text
        hint: sheet.hint
        onCleared: sheet.text = ""
    }
    StatusRow {
        objectName: "typing.note"
        visible: sheet.note !== ""
        width: parent.width
        iconName: sheet.isNoteUrgent ? "circle-help" : "shield-check"
        tone: sheet.isNoteUrgent ? Theme.gold : Theme.text2
        ink: sheet.isNoteUrgent ? Theme.text : Theme.text2
        text: sheet.note
        Accessible.role: sheet.isNoteUrgent ? Accessible.AlertMessage : Accessible.StaticText
        Accessible.name: text
    }
    Keypad {
        visible: sheet.isNumber
        anchors.horizontalCenter: parent.horizontalCenter
        width: Math.min(640, parent.width)
        extra: sheet.kind === "phone" ? "+" : ""
        onTyped: digit => sheet.type(digit)
        onErased: sheet.erase()
    }
    TextKeyboard {
        visible: !sheet.isNumber
        width: parent.width
        letters: sheet.isThaiFirst ? "thai" : "latin"
        endings: sheet.kind === "email" ? ["@", ".", ".com", ".co.th"] : sheet.kind === "address" ? ["rtsp://", ".", ":", "/"] : []
        hasSpace: sheet.kind !== "address" && sheet.kind !== "email"
        canConfirm: sheet.mayBeEmpty || sheet.text.trim() !== ""
        onTyped: letters => sheet.type(letters)
        onErased: sheet.erase()
        onConfirmed: sheet.enter()
    }
    KioskButton {
        objectName: "typing.done"
        visible: sheet.isNumber
        width: parent.width
        height: 112
        kind: "primary"
        enabled: sheet.mayBeEmpty || sheet.text.trim() !== ""
        text: I18n.t("common.done")
        onClicked: sheet.enter()
    }
    KioskButton {
        objectName: "typing.cancel"
        width: parent.width
        height: 88
        kind: "quiet"
        role: "body"
        text: I18n.t("common.cancel")
        onClicked: sheet.dismissed()
    }
}
