import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* An order in a list: when, its code, what, how much, how it stands. */
T.AbstractButton {
    id: line

    required property var order
    property bool hasDay: false
    readonly property real whenWidth: hasDay ? (width > 1000 ? 190 : 170) : 96
    readonly property bool isNarrow: width < 860
    readonly property real stateWidth: isNarrow ? 190 : 240

    implicitHeight: 64
    focusPolicy: Qt.StrongFocus
    text: order.code
    Accessible.role: Accessible.Button
    Accessible.name: [order.code, order.when, order.what, order.total, order.state].join(", ")
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    background: Rectangle {
        x: -12
        width: line.width + 24
        radius: Theme.radiusTile
        color: line.down ? Theme.s2 : "transparent"
    }
    contentItem: Item {
        StaffWords {
            y: (parent.height - lineHeight) / 2
            width: line.whenWidth
            color: Theme.text2
            wrapMode: Text.NoWrap
            text: line.hasDay ? line.order.when : line.order.time
            Accessible.ignored: true
        }
        StaffWords {
            x: line.whenWidth
            y: (parent.height - lineHeight) / 2
            width: 150
            thai: false
            weight: Font.DemiBold
            wrapMode: Text.NoWrap
            text: line.order.code
            Accessible.ignored: true
        }
        StaffWords {
            x: line.whenWidth + 156
            y: (parent.height - lineHeight) / 2
            width: total.x - x - 12
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: line.order.what
            Accessible.ignored: true
        }
        StaffWords {
            id: total
            x: parent.width - line.stateWidth - width
            y: (parent.height - lineHeight) / 2
            width: 120
            horizontalAlignment: Text.AlignRight
            wrapMode: Text.NoWrap
            text: line.order.total
            Accessible.ignored: true
        }
        StaffWords {
            id: stateWords
            x: parent.width - width
            y: (parent.height - lineHeight) / 2
            width: Math.min(implicitWidth, line.stateWidth - 44)
            horizontalAlignment: Text.AlignRight
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            color: line.order.sign === "diamond" ? Theme.bad : Theme.text
            text: line.order.state
            Accessible.ignored: true
        }
        StateSign {
            x: stateWords.x - 28
            y: (parent.height - height) / 2
            sign: line.order.sign
        }
    }
    FocusRing { isShown: line.visualFocus; around: Theme.radiusTile; anchors.margins: -4 }
}
