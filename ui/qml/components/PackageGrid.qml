pragma ComponentBehavior: Bound
import QtQuick
import Kiosk

/* The packages of the event, those that the basket uses on paper. */
Grid {
    id: packages
    readonly property int count: Basket.packages.length
    readonly property real cell: (width - 12 * (columns - 1)) / Math.max(1, columns)
    columns: Math.min(count, Theme.largerText ? 3 : 5)
    spacing: 12
    Repeater {
        model: Basket.packages
        Rectangle {
            id: pack
            required property var modelData
            readonly property bool isUsed: modelData.times > 0
            readonly property color ink: isUsed ? Theme.onPaper : Theme.text
            width: packages.cell
            height: lines.height + 32
            radius: 20
            color: isUsed ? Theme.paper : "transparent"
            border { width: isUsed ? 0 : 2; color: Theme.line }
            Column {
                id: lines
                y: 16
                width: parent.width
                Words {
                    width: parent.width
                    horizontalAlignment: Text.AlignHCenter
                    role: "small"
                    weight: Font.Medium
                    color: pack.ink
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: 24
                    maximumLineCount: 1
                    text: pack.modelData.times > 1 ? pack.modelData.times + " × " + pack.modelData.name : pack.modelData.name
                }
                Words {
                    width: parent.width
                    horizontalAlignment: Text.AlignHCenter
                    role: "title"
                    weight: Font.DemiBold
                    color: pack.ink
                    text: Translator.baht(pack.modelData.satang)
                }
                Words {
                    width: parent.width
                    horizontalAlignment: Text.AlignHCenter
                    role: "small"
                    font.pixelSize: Math.round(25 * Theme.textScale)
                    color: pack.isUsed ? Theme.onPaper : Theme.text2
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: 24
                    maximumLineCount: 1
                    text: pack.modelData.photos
                }
            }
        }
    }
}
