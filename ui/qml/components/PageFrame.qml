import QtQuick
import QtQuick.Layouts
import Kiosk

/* What all pages share: ground, top line, foot, the second actions and the primary one, on the design grid.

   Children are placed in pixels of the grid (1080x1920 or 1920x1080), inside `content*` (the page) and, in
   landscape, `side*` (the action column). `seconds` holds secondary buttons, side by side in portrait (or
   stacked: `areSecondsStacked`), one below the other in landscape; `primary` the one gold button, which fills
   its place. "Bring everything lower" moves `contentTop` down, and what can be touched below `reachTop`; pages put
   what does not fit into a ScrollArea, with `leadOf` its place. */
FocusScope {
    id: frame

    default property alias pageItems: page.data
    property alias background: ground.data
    property alias seconds: secondGrid.data
    property alias primary: primarySlot.data
    property alias hasBack: foot.hasBack
    property alias hasMyData: foot.hasMyData
    property alias staffText: foot.staffText
    property alias title: topLine.title
    property alias isOverPhoto: topLine.isOverPhoto
    property bool areSecondsStacked: false
    property int secondColumns: 4
    /* How much stands between them and the primary one besides. */
    property real secondsRise: 0
    property bool hasSide: true
    /* What is read aloud when the page comes. */
    property string announced: ""

    readonly property bool isLow: Theme.lower && Theme.isPortrait

    /* So much is empty above what scrolls from `top` on. */
    function leadOf(top: real): real {
        return Theme.lower ? Math.max(0, Theme.reachTop - top) : 0;
    }
    readonly property real contentX: Theme.isPortrait ? 64 : 48
    readonly property real contentTop: isLow ? 640 : Theme.isPortrait ? 128 : 104
    readonly property real contentWidth: Theme.isPortrait ? 952 : hasSide ? 1304 : 1824
    /* Down to the second actions (portrait), to the foot (landscape). */
    readonly property real contentBottom: !Theme.isPortrait ? 912 : hasSeconds ? secondGrid.y - 24 : primaryTop - 24
    readonly property real contentHeight: contentBottom - contentTop
    readonly property real sideX: 1448
    readonly property real sideWidth: 424
    readonly property real sideTop: 112
    readonly property real primaryTop: Theme.isPortrait ? 1616 : 936
    readonly property real actionX: Theme.isPortrait ? 64 : sideX
    readonly property real actionWidth: Theme.isPortrait ? 952 : sideWidth
    readonly property real secondTop: hasSeconds ? secondGrid.y : primaryTop - secondsRise
    readonly property bool hasSeconds: secondGrid.visibleChildren.length > 0

    width: Theme.gridWidth
    height: Theme.gridHeight
    focus: true
    Accessible.role: Accessible.Pane
    Accessible.name: announced

    Item { id: ground; anchors.fill: parent }

    Rectangle {
        visible: !Theme.isPortrait && frame.hasSide
        x: 1400
        width: 520
        height: parent.height
        color: Theme.s1
        Rectangle { width: 2; height: parent.height; color: Theme.line }
    }

    TopLine { id: topLine }

    Item { id: page; width: frame.width; height: frame.height }

    GridLayout {
        id: secondGrid
        x: frame.actionX
        width: frame.actionWidth
        y: frame.primaryTop - (Theme.isPortrait ? 24 : 16) - height - frame.secondsRise
        columns: Theme.isPortrait && !frame.areSecondsStacked ? frame.secondColumns : 1
        columnSpacing: 24
        rowSpacing: Theme.isPortrait ? 24 : 16
        uniformCellWidths: true
    }
    Item {
        id: primarySlot
        x: frame.actionX
        y: frame.primaryTop
        width: frame.actionWidth
        height: Theme.isPortrait ? 128 : 104
    }

    Foot { id: foot }
}
