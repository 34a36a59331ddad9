import QtQuick
import Kiosk

/* Icon and a sentence: hints, notices, states. `tone` colours the icon only; the words say it all. */
Item {
    id: row

    required property string iconName
    required property string text
    property color tone: Theme.text2
    property color ink: Theme.text2
    property string role: "small"
    property int weight: Font.Normal
    /* Of what has no words to break between, like the place of a file. */
    property int wrapMode: Text.WordWrap
    readonly property int iconSize: role === "small" ? 32 : 40

    implicitWidth: Math.ceil(sentence.implicitWidth) + iconSize + 18
    implicitHeight: sentence.height
    height: implicitHeight

    Icon {
        y: (sentence.lineHeight - height) / 2
        name: row.iconName
        tint: row.tone
        size: row.iconSize
    }
    Words {
        id: sentence
        x: row.iconSize + 16
        width: row.width - x
        role: row.role
        weight: row.weight
        color: row.ink
        wrapMode: row.wrapMode
        text: row.text
    }
}
