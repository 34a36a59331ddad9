pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* One line of the table: what it is, then the eight figures. */
Item {
    id: row

    required property string label
    required property var texts
    property bool isHead: false
    property bool isTotal: false
    readonly property real labelWidth: Theme.isPortrait ? 200 : 216
    /* As the words above the figures need it. */
    readonly property var shares: [1.05, 0.95, 1.15, 0.95, 0.85, 1.1, 0.95, 0.95]
    readonly property real share: (width - labelWidth) / shares.reduce((sum, one) => sum + one, 0)

    function placeOf(column: int): real {
        return labelWidth + shares.slice(0, column).reduce((sum, one) => sum + one, 0) * share;
    }

    implicitHeight: isHead ? 60 : 48
    Accessible.role: Accessible.Row
    Accessible.name: label + ": " + texts.join(", ")

    Words {
        anchors.verticalCenter: parent.verticalCenter
        width: row.labelWidth - 8
        role: row.isHead ? "staff" : "small"
        textScale: row.isHead ? 1 : 0.85
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: 20
        weight: row.isTotal ? Font.DemiBold : Font.Normal
        color: row.isHead ? Theme.text2 : Theme.text
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        text: row.label
        Accessible.ignored: true
    }
    Repeater {
        model: row.texts
        Words {
            required property string modelData
            required property int index
            x: row.placeOf(index)
            y: (row.height - height) / 2
            width: row.shares[index] * row.share
            horizontalAlignment: Text.AlignRight
            role: row.isHead ? "staff" : "small"
            textScale: row.isHead ? 1 : 0.85
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: 20
            weight: row.isTotal || (index === 0 && !row.isHead) ? Font.DemiBold : Font.Normal
            color: row.isHead || modelData === "0" ? Theme.text2 : index === 2 ? Theme.gold : Theme.text
            wrapMode: Text.NoWrap
            text: modelData
            Accessible.ignored: true
        }
    }
}
