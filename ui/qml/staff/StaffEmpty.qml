import QtQuick
import Kiosk
import "../components"

/* Nothing is here, and why that is good or what would be. */
Column {
    id: empty

    required property string iconName
    required property string text

    spacing: 20
    Icon { anchors.horizontalCenter: parent.horizontalCenter; name: empty.iconName; tint: Theme.text2; size: 72 }
    StaffWords {
        width: parent.width
        size: 27
        horizontalAlignment: Text.AlignHCenter
        color: Theme.text2
        text: empty.text
    }
}
