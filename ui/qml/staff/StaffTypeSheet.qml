import QtQuick
import Kiosk
import "../components"

/* Where the line of text is typed that somebody asked for (`Typing`). */
TypingSheet {
    objectName: "StaffTypeSheet"
    title: Typing.label
    kind: Typing.kind
    mayBeEmpty: Typing.mayBeEmpty
    Component.onCompleted: text = Typing.text
    onDismissed: StaffNavigator.closeSheet()
    onEntered: text => {
        StaffNavigator.closeSheet();
        Typing.enter(text);
    }
}
