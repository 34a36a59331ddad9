pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* People one below the other, in two columns where there is room. `chosen` with the id of who was touched. */
FocusScope {
    id: list

    required property var people
    property string emptyText: ""
    property string noteText: ""
    readonly property int columns: Theme.isPortrait ? 1 : 2
    readonly property real gap: 16
    signal chosen(string personId)

    GridView {
        id: grid
        objectName: "people.list"
        anchors { fill: parent; leftMargin: -8; topMargin: -8; rightMargin: -list.gap }
        leftMargin: 8
        topMargin: 8
        bottomMargin: 24
        clip: true
        focus: true
        cellWidth: Math.floor((list.width + list.gap) / list.columns)
        cellHeight: 120 + list.gap
        cacheBuffer: 480
        boundsBehavior: Flickable.StopAtBounds
        model: list.people
        delegate: Item {
            id: cell
            required property var modelData
            width: grid.cellWidth
            height: grid.cellHeight
            PersonRowButton {
                width: parent.width - list.gap
                height: 120
                card: cell.modelData
                onClicked: list.chosen(cell.modelData.personId)
                onActiveFocusChanged: {
                    if (activeFocus && cell.y < grid.contentY)
                        grid.contentY = Math.max(-grid.topMargin, cell.y - 8);
                    else if (activeFocus && cell.y + cell.height > grid.contentY + grid.height)
                        grid.contentY = cell.y + cell.height - grid.height;
                }
            }
        }
        footer: Item {
            width: list.width
            height: note.visible ? note.height + 16 : 0
            Words {
                id: note
                visible: list.noteText !== ""
                width: parent.width
                role: "small"
                textScale: 0.9
                color: Theme.text2
                text: list.noteText
            }
        }
    }
    Rectangle {
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
        height: 48
        visible: !grid.atYEnd
        gradient: Gradient {
            GradientStop { position: 0; color: Qt.alpha(Theme.bg, 0) }
            GradientStop { position: 1; color: Theme.bg }
        }
    }
    Rectangle {
        visible: grid.contentHeight > grid.height
        x: parent.width + 12
        y: grid.visibleArea.yPosition * grid.height
        width: 6
        radius: 3
        height: Math.max(48, grid.visibleArea.heightRatio * grid.height)
        color: Theme.edge
    }
    Words {
        anchors.centerIn: parent
        visible: list.people.length === 0 && text !== ""
        width: Math.min(parent.width - 64, 860)
        horizontalAlignment: Text.AlignHCenter
        color: Theme.text2
        text: list.emptyText
    }
}
