import QtQuick
import Kiosk

/* A sheet on which a code is typed, on the screen or on a keyboard: `entered` with OK. */
Sheet {
    id: sheet

    property string code: ""
    property string hint: ""
    property int least: 1
    property int most: 20
    /* Only then the sentence of the moment is about a code. */
    property bool hasAsked: false
    signal entered

    function type(letter: string) {
        code = (code + letter.toUpperCase()).slice(0, most);
    }
    function erase() {
        code = code.slice(0, -1);
    }

    showsTitle: !Theme.lower
    onEntered: hasAsked = true
    onDismissed: Navigator.closeSheet()
    Keys.onPressed: event => {
        if (event.key === Qt.Key_Backspace)
            erase();
        else if (/^[A-Za-z0-9-]$/.test(event.text))
            type(event.text);
        else
            return;
        event.accepted = true;
    }

    EntryField {
        width: parent.width
        text: sheet.code
        hint: sheet.hint
        onCleared: sheet.code = ""
    }
    NoticeLine { width: parent.width; isInSheet: true; visible: sheet.hasAsked && hasSentence }
    Keyboard {
        width: parent.width
        canConfirm: sheet.code.length >= sheet.least
        onTyped: letter => sheet.type(letter)
        onErased: sheet.erase()
        onConfirmed: sheet.entered()
    }
    KioskButton {
        objectName: "cancel"
        width: parent.width
        height: 96
        kind: "quiet"
        role: "body"
        text: I18n.t("common.cancel")
        onClicked: Navigator.closeSheet()
    }
}
