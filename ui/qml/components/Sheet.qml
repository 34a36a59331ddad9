import QtQuick
import Kiosk

/* A sheet that rises from the lower edge over a dimmed page. A touch outside is the safe choice: `dismissed`.
   Children stand in a column of the sheet's width. */
FocusScope {
    id: sheet

    default property alias items: column.data
    property alias spacing: column.spacing
    property string title: ""
    property int sheetWidth: Theme.isPortrait ? 1080 : 1080
    readonly property real padding: Theme.isPortrait ? 64 : 56
    readonly property real innerWidth: sheetWidth - padding * 2
    readonly property real maximumInnerHeight: height - padding * 2 - 120
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
        height: column.height + sheet.padding * 2 + Theme.radiusCard
        y: parent.height - height + Theme.radiusCard + rise.offset
        radius: Theme.radiusCard
        color: Theme.s1
        border { width: 2; color: Theme.line }
        MouseArea { anchors.fill: parent }

        Column {
            id: column
            x: sheet.padding
            y: sheet.padding
            width: sheet.innerWidth
            spacing: 24
            Words {
                visible: sheet.title !== ""
                width: parent.width
                role: "h2"
                weight: Font.DemiBold
                text: sheet.title
            }
        }
    }
    QtObject { id: rise; property real offset: 0 }
    NumberAnimation {
        target: rise; property: "offset"; from: 32; to: 0
        duration: Theme.sheetMs; easing.type: Easing.OutCubic; running: true
    }
    NumberAnimation on opacity { from: 0; to: 1; duration: Theme.sheetMs; easing.type: Easing.OutCubic }
}
