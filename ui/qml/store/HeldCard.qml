pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* One sort of what is held: how many, and what becomes of it. `figures` are { value, word }. */
Rectangle {
    id: card

    required property string iconName
    required property string title
    required property var figures
    required property string note

    radius: Theme.radiusCard
    color: Theme.s1

    Row {
        x: 36
        y: 28
        spacing: 16
        Icon { anchors.verticalCenter: parent.verticalCenter; name: card.iconName; tint: Theme.text2; size: 34 }
        Words {
            height: lineHeight
            width: card.width - 72 - 50
            role: "small"
            color: Theme.text2
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: card.title
        }
    }
    Row {
        id: counts
        x: 36
        y: 28 + 44 + Math.max(0, (card.height - 28 - 44 - height - saying.height - 40) / 2)
        spacing: 48
        Repeater {
            model: card.figures
            Column {
                id: figure
                required property var modelData
                objectName: "held.figure"
                Words {
                    width: implicitWidth
                    role: "h1"
                    thai: false
                    weight: Font.DemiBold
                    text: Number(figure.modelData.value).toLocaleString(Qt.locale("en"), "f", 0)
                    Accessible.ignored: true
                }
                Words {
                    width: Math.min(implicitWidth, (card.width - 72 - 48 * (card.figures.length - 1)) / card.figures.length)
                    role: "small"
                    textScale: 0.88
                    text: figure.modelData.word
                    Accessible.name: figure.modelData.value + " " + text
                }
            }
        }
    }
    Words {
        id: saying
        x: 36
        y: card.height - height - 28
        width: card.width - 72
        role: "small"
        textScale: 0.84
        color: Theme.text2
        text: card.note
    }
}
