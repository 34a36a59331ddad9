import QtQuick
import QtQuick.Templates as T
import Kiosk

/* A way to go on: icon, what it is, a hint; the whole row is touched. */
T.AbstractButton {
    id: row

    required property string iconName
    property string hint: ""

    implicitHeight: Math.max(148, words.height + 48)
    focusPolicy: Qt.StrongFocus
    scale: down ? 0.985 : 1
    Accessible.role: Accessible.Button
    Accessible.name: text
    Accessible.description: hint
    Keys.onReturnPressed: click()
    Behavior on scale { NumberAnimation { duration: Theme.pressMs } }

    background: Rectangle {
        radius: Theme.radiusCard
        color: row.down ? Theme.s2 : Theme.s1
    }
    contentItem: Item {
        Rectangle {
            x: 36
            anchors.verticalCenter: parent.verticalCenter
            width: 84; height: 84; radius: 42
            color: Theme.s2
            Icon { anchors.centerIn: parent; name: row.iconName; size: 42 }
        }
        Column {
            id: words
            x: 152
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - 152 - 100
            Words { width: parent.width; role: "title"; weight: Font.DemiBold; text: row.text; Accessible.ignored: true }
            Words { visible: row.hint !== ""; width: parent.width; role: "small"; color: Theme.text2; text: row.hint; Accessible.ignored: true }
        }
        Icon {
            anchors { right: parent.right; rightMargin: 36; verticalCenter: parent.verticalCenter }
            name: "chevron-right"
            tint: Theme.text2
            size: 44
        }
    }
    FocusRing { isShown: row.visualFocus; around: Theme.radiusCard }
}
