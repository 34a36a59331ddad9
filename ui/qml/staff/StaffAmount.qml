import QtQuick
import Kiosk
import "../components"

/* A sum in baht, or a number, that is typed on a keypad: `text` as typed, `satang` what it comes to, -1 for none. */
Column {
    id: entry

    property string text: ""
    property string hint: ""
    property bool isMoney: true
    property int most: 9
    readonly property int satang: isMoney ? Staff.satangOf(text) : -1

    spacing: 20

    function type(letter: string) {
        if (isMoney && letter === "." && (text === "" || text.includes(".")))
            return;
        if (isMoney && /\.\d\d$/.test(text))
            return;
        text = (text + letter).slice(0, most);
    }

    Keys.onPressed: event => {
        if (event.key === Qt.Key_Backspace)
            text = text.slice(0, -1);
        else if (/^[0-9]$/.test(event.text) || (isMoney && event.text === "."))
            type(event.text);
        else
            return;
        event.accepted = true;
    }
    EntryField {
        objectName: "amount.field"
        width: parent.width
        isCode: true
        text: entry.text
        hint: entry.hint
        onCleared: entry.text = ""
    }
    Keypad {
        anchors.horizontalCenter: parent.horizontalCenter
        width: Math.min(640, parent.width)
        extra: entry.isMoney ? "." : ""
        onTyped: letter => entry.type(letter)
        onErased: entry.text = entry.text.slice(0, -1)
    }
}
