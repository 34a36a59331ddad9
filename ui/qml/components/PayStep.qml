import QtQuick
import Kiosk

/* One of the three steps of paying: a small phone that shows it, its number, its words. */
Item {
    id: step

    required property int number
    required property string text
    property string amount: ""

    height: 184 + 16 + words.height
    Accessible.role: Accessible.StaticText
    Accessible.name: number + " " + text

    Rectangle {
        id: phone
        anchors.horizontalCenter: parent.horizontalCenter
        width: 96; height: 184; radius: 16
        color: Theme.s2
        border { width: 4; color: Theme.edge }

        /* 1: the bank's app among others */
        Grid {
            visible: step.number === 1
            anchors.centerIn: parent
            columns: 2
            spacing: 8
            Repeater {
                model: 6
                Rectangle {
                    required property int index
                    width: 28; height: 28; radius: 7
                    color: index === 3 ? Theme.gold : Theme.edge
                    Icon { anchors.centerIn: parent; visible: parent.index === 3; name: "credit-card"; size: 20; tint: Theme.onGold }
                }
            }
        }
        /* 2: the code in its finder */
        Icon { visible: step.number === 2; anchors.centerIn: parent; name: "scan-qr-code"; size: 60 }
        Rectangle { visible: step.number === 2; anchors.centerIn: parent; width: 68; height: 4; color: Theme.gold }
        /* 3: the amount, then yes */
        Column {
            visible: step.number === 3
            anchors.centerIn: parent
            spacing: 10
            Words {
                anchors.horizontalCenter: parent.horizontalCenter
                textScale: 1
                role: "small"
                font.pixelSize: 22
                lineHeight: 30
                weight: Font.DemiBold
                text: step.amount
            }
            Rectangle { anchors.horizontalCenter: parent.horizontalCenter; width: 56; height: 5; radius: 2; color: Theme.edge }
            Item { width: 1; height: 10 }
            Rectangle {
                anchors.horizontalCenter: parent.horizontalCenter
                width: 62; height: 34; radius: 10
                color: Theme.gold
                Icon { anchors.centerIn: parent; name: "check"; size: 24; tint: Theme.onGold }
            }
        }
    }
    Row {
        id: words
        anchors.horizontalCenter: parent.horizontalCenter
        y: 200
        spacing: 12
        Words { id: figure; role: "small"; weight: Font.Medium; color: Theme.text2; text: step.number; Accessible.ignored: true }
        Words {
            width: Math.min(implicitWidth, step.width - figure.width - 12)
            role: "small"
            weight: Font.Medium
            text: step.text
            Accessible.ignored: true
        }
    }
}
