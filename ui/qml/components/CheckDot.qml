import QtQuick
import Kiosk

/* One of the three checks: a check mark on paper when met, its icon in an outline until then. */
Item {
    id: dot

    required property bool isMet
    required property string iconName
    required property string text

    implicitWidth: Theme.isPortrait ? 200 : 424
    implicitHeight: Theme.isPortrait ? 76 + 12 + words.height : 76
    Accessible.role: Accessible.CheckBox
    Accessible.name: text
    Accessible.checked: isMet

    Rectangle {
        id: disc
        x: Theme.isPortrait ? (parent.width - width) / 2 : 0
        width: 76; height: 76; radius: 38
        color: dot.isMet ? Theme.paper : "transparent"
        border { width: dot.isMet ? 0 : 3; color: Theme.edge }
        Behavior on color { ColorAnimation { duration: Theme.stateMs } }
        Icon {
            anchors.centerIn: parent
            name: dot.isMet ? "check" : dot.iconName
            tint: dot.isMet ? Theme.onPaper : Theme.text2
        }
    }
    Words {
        id: words
        x: Theme.isPortrait ? 0 : 100
        y: Theme.isPortrait ? 88 : (76 - height) / 2
        width: Theme.isPortrait ? parent.width : parent.width - 100
        horizontalAlignment: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
        role: Theme.isPortrait ? "small" : "title"
        weight: Theme.isPortrait ? Font.Normal : Font.Medium
        color: dot.isMet || !Theme.isPortrait ? Theme.text : Theme.text2
        text: dot.text
        Accessible.ignored: true
    }
}
