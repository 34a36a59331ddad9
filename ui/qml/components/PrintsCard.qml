import QtQuick
import Kiosk

/* How the prints come along: a picture that says it without words, "printing 1 of 2", a bar, and where they lie
   or what they wait for. */
Rectangle {
    id: card

    /* In the action column: the picture above the words, and none where they are many. */
    property bool isNarrow: false
    readonly property bool isHeld: Delivery.isPrintHeld
    readonly property bool isDone: Delivery.printState === "done"

    objectName: "delivery.prints"
    height: isNarrow ? words.y + words.height + 28 : Math.max(232, words.height + 72)
    radius: Theme.radiusCard
    color: Theme.s1
    Accessible.role: Accessible.AlertMessage
    Accessible.name: Delivery.printTitle + ". " + Delivery.printNote

    /* A printer from the front; the photo comes out as far as the prints have come. */
    Item {
        id: picture
        visible: !card.isNarrow || (!card.isHeld && !Theme.largerText)
        x: card.isNarrow ? (card.width - width) / 2 : 44
        y: card.isNarrow ? 28 : (card.height - height) / 2
        width: 142
        height: 130
        Rectangle { width: 142; height: 66; radius: 16; color: Theme.s2; border { width: 4; color: card.isHeld ? Theme.gold : Theme.edge } }
        Rectangle {
            visible: !card.isHeld
            x: 32; y: 46
            width: 78
            height: card.isDone ? 84 : 30 + 54 * Math.max(0.3, Delivery.printShare)
            radius: 4
            color: "white"
            clip: true
            Rectangle { x: 6; y: 10; width: 66; height: Math.max(0, Math.min(54, parent.height - 24)); color: "#6FA3A0" }
        }
        Rectangle { x: 22; y: 44; width: 98; height: 6; radius: 3; color: Theme.paper }
        Icon { visible: card.isHeld; anchors.horizontalCenter: parent.horizontalCenter; y: 78; name: "clock"; tint: Theme.gold; size: 44 }
        Icon { visible: card.isDone; x: 104; y: 86; name: "check"; tint: Theme.ok; size: 44 }
    }
    Column {
        id: words
        x: card.isNarrow ? 28 : 226
        y: !card.isNarrow ? (card.height - height) / 2 : picture.visible ? 28 + picture.height + 20 : 28
        width: parent.width - x - (card.isNarrow ? 28 : 40)
        spacing: 14
        Words {
            objectName: "delivery.prints.title"
            width: parent.width
            role: card.isNarrow ? "body" : "title"
            weight: Font.DemiBold
            text: Delivery.printTitle
            Accessible.ignored: true
        }
        Rectangle {
            visible: !card.isDone
            width: parent.width
            height: 14
            radius: 7
            color: Theme.line
            Rectangle {
                width: parent.width * Delivery.printShare
                height: 14
                radius: 7
                color: Theme.paper
                Behavior on width { NumberAnimation { duration: Theme.stateMs } }
            }
        }
        Words {
            objectName: "delivery.prints.note"
            width: parent.width
            role: "small"
            textScale: card.isNarrow ? 1 : Theme.textScale
            color: card.isHeld ? Theme.text : Theme.text2
            text: Delivery.printNote
            Accessible.ignored: true
        }
    }
}
