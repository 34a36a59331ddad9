import QtQuick
import Kiosk
import "../components"

/* What the technician's pages share: title, second line and actions above; children are placed in pixels inside
   `content*`. The page takes the room that its place gives it; `isNarrow` where that is higher than wide. */
FocusScope {
    id: frame

    default property alias pageItems: page.data
    property alias actions: actionRow.data
    property string title: ""
    property string subtitle: ""
    /* What stands at the right is not under the head. */
    property real sidePanel: 0

    readonly property bool isNarrow: width < 1300
    readonly property real margin: isNarrow ? 40 : 48
    readonly property bool hasActions: actionRow.visibleChildren.length > 0
    readonly property bool isStacked: hasActions && isNarrow
    readonly property real contentX: margin
    readonly property real contentTop: isStacked ? 184 : 108
    readonly property real contentWidth: width - sidePanel - margin * 2
    readonly property real contentBottom: height - (isNarrow ? 40 : 32)
    readonly property real contentHeight: contentBottom - contentTop

    focus: true

    Words {
        id: heading
        x: frame.margin
        y: 56 - lineHeight / 2
        width: Math.min(implicitWidth, frame.contentWidth - (frame.isStacked ? 0 : actionRow.width + 24))
        height: lineHeight
        role: "button"
        textScale: 0.8
        weight: Font.DemiBold
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        text: frame.title
    }
    Words {
        readonly property real rest: frame.margin + frame.contentWidth - x - (frame.isStacked ? 0 : actionRow.width + 24)
        x: heading.x + heading.width + 20
        y: heading.y + heading.lineHeight / 2 - lineHeight / 2 + 3
        visible: rest > 80
        width: rest
        height: lineHeight
        role: "small"
        textScale: 0.8
        color: Theme.text2
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        text: frame.subtitle
    }
    Row {
        id: actionRow
        x: frame.isStacked ? frame.margin - 12 : frame.margin + frame.contentWidth + 12 - width
        y: frame.isStacked ? 100 : 24
        spacing: 16
    }
    Item { id: page; width: frame.width; height: frame.height }
}
