import QtQuick
import QtQuick.Templates as T
import Kiosk

/* A round button of one icon: over photos (dark), or outlined on a card (steppers). */
T.AbstractButton {
    id: button

    required property string iconName
    property bool isOutlined: false
    property int iconSize: 40

    width: 96
    height: 96
    opacity: enabled ? 1 : 0.35
    focusPolicy: Qt.StrongFocus
    scale: down ? 0.96 : 1
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: click()
    Behavior on scale { NumberAnimation { duration: Theme.pressMs } }

    background: Rectangle {
        radius: height / 2
        color: button.isOutlined ? (button.down ? Theme.s2 : "transparent") : Qt.alpha(Theme.s1, button.down ? 1 : 0.8)
        border { width: button.isOutlined ? 2 : 0; color: Theme.edge }
    }
    contentItem: Item {
        Icon { anchors.centerIn: parent; name: button.iconName; size: button.iconSize }
    }
    FocusRing { isShown: button.visualFocus; around: button.height / 2 }
}
