import QtQuick
import Kiosk

/* Text in a role of the type scale (display amount h1 h2 title body small staff), in the language's own size and
   line height. Lines stand in the middle of their height, as in the design; marks may reach over it. */
Text {
    id: words

    property string role: "body"
    property bool thai: Theme.isThai
    property bool isReading: false
    property int weight: Font.Normal
    /* 1 where the room is fixed and the words must not grow with "larger text". */
    property real textScale: Theme.textScale
    /* The typeface's own line, less what stands empty above capitals: so words stand in the optical middle. */
    readonly property real naturalHeight: font.pixelSize * 1.54

    color: Theme.text
    font.family: isReading ? Theme.readingFamily : Theme.family
    font.pixelSize: Theme.textSize(role, thai, textScale)
    font.weight: weight
    font.features: { "tnum": 1 }
    height: Math.max(1, lineCount) * lineHeight
    lineHeightMode: Text.FixedHeight
    lineHeight: Theme.lineHeight(role, thai, textScale)
    wrapMode: Text.WordWrap
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    transform: Translate { y: (words.lineHeight - words.naturalHeight) / 2 }
}
