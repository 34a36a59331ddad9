import QtQuick
import Kiosk
import "../components"

/* Where the line of text is typed that somebody asked for (`Typing`). */
TypingSheet {
    objectName: "TypeSheet"
    title: Typing.label
    kind: Typing.kind
    mayBeEmpty: Typing.mayBeEmpty
    Component.onCompleted: text = Typing.text
    onDismissed: StoreNavigator.closeSheet()
    onEntered: text => {
        StoreNavigator.closeSheet();
        Typing.enter(text);
    }
}
