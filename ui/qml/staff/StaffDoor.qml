import QtQuick
import Kiosk

/* The hidden way in: a corner that is held for three seconds, without any sign on the screen. It takes no touch from
   what is below it, and keyboard or switch do not meet it; a keyboard has a key of its own. */
Item {
    id: door

    objectName: "staff.door"
    width: 120
    height: 120

    TapHandler {
        longPressThreshold: 3
        gesturePolicy: TapHandler.DragThreshold
        onLongPressed: Staff.open()
    }
    Shortcut {
        sequence: "Ctrl+Shift+S"
        enabled: !Staff.isOpen
        onActivated: Staff.open()
    }
}
