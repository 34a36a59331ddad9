import QtQuick
import Kiosk

/* A sheet that rises from the lower edge over a dimmed page. A touch outside is the safe choice: `dismissed`.
   Children stand in a column of the sheet's width, which scrolls where it is higher than the place for it. */
FocusScope {
    id: sheet

    default property alias items: column.data
    property alias spacing: column.spacing
    /* What stands below it all and never scrolls. */
    property alias foot: footColumn.data
    property string title: ""
    /* Off where the room is for a keyboard; it is read aloud all the same. */
    property bool showsTitle: true
    property int sheetWidth: Theme.isPortrait ? 1080 : 1080
    readonly property real padding: Theme.isPortrait ? 64 : 56
    readonly property real edge: Theme.lower ? 24 : padding
    readonly property real innerWidth: sheetWidth - padding * 2
    /* Brought lower, a sheet begins within reach. */
    readonly property real room: height - (Theme.lower ? Theme.reachTop : 24) - edge * 2
    readonly property real maximumInnerHeight: Theme.lower ? room : height - padding * 2 - 120
    signal dismissed

    width: Theme.gridWidth
    height: Theme.gridHeight
    focus: true
    Accessible.role: Accessible.Dialog
    Accessible.name: title
    Keys.onEscapePressed: dismissed()

    Rectangle {
        anchors.fill: parent
        color: Qt.alpha(Theme.bg, 0.6)
        MouseArea {
            objectName: "outside"
            anchors.fill: parent
            onClicked: sheet.dismissed()
        }
    }
    Rectangle {
        id: card
        width: sheet.sheetWidth
        x: (parent.width - width) / 2
        height: scroll.height + footColumn.room + sheet.edge * 2 + Theme.radiusCard
        y: parent.height - height + Theme.radiusCard + rise.offset
        radius: Theme.radiusCard
        color: Theme.s1
        border { width: 2; color: Theme.line }
        MouseArea { anchors.fill: parent }

        ScrollArea {
            id: scroll
            x: sheet.padding
            y: sheet.edge
            width: sheet.innerWidth
            height: Math.min(column.height, sheet.room - footColumn.room)
            innerHeight: column.height
            ground: Theme.s1
            takesFocus: false
            fade: Theme.lower ? 16 : 64

            Column {
                id: column
                width: sheet.innerWidth
                spacing: Theme.lower ? 16 : 24
                Words {
                    visible: sheet.title !== "" && sheet.showsTitle
                    width: parent.width
                    role: "h2"
                    weight: Font.DemiBold
                    text: sheet.title
                }
            }
        }
        Column {
            id: footColumn
            readonly property real room: height > 0 ? height + column.spacing : 0
            x: sheet.padding
            y: scroll.y + scroll.height + column.spacing
            width: sheet.innerWidth
        }
    }
    QtObject { id: rise; property real offset: 0 }
    NumberAnimation {
        target: rise; property: "offset"; from: 32; to: 0
        duration: Theme.sheetMs; easing.type: Easing.OutCubic; running: true
    }
    NumberAnimation on opacity { from: 0; to: 1; duration: Theme.sheetMs; easing.type: Easing.OutCubic }
}
