pragma ComponentBehavior: Bound
import QtQuick
import Kiosk

/* The photos that may be the visitor, folded behind their bar, which slides up; each is confirmed or refused. */
Rectangle {
    id: panel

    required property real tileWidth
    required property real tileHeight
    required property real gap
    /* There is nothing else to see: open, and without its bar. */
    required property bool isAlone
    property bool isOpen: isAlone
    readonly property alias barHeight: maybeBar.height

    objectName: "results.maybePanel"
    visible: Results.maybeCount > 0
    y: isOpen ? 8 : height - maybeBar.height
    color: panel.isOpen || sliding.running ? Theme.bg : "transparent"
    Behavior on y {
        NumberAnimation { id: sliding; duration: Theme.pageMs; easing.type: Easing.OutCubic }
    }

    KioskButton {
        id: maybeBar
        objectName: "results.maybe"
        visible: !panel.isAlone
        width: parent.width
        height: panel.isAlone ? 0 : Theme.lower ? 72 : Theme.isPortrait ? 96 : 88
        role: "body"
        alignLeft: true
        iconName: "eye"
        text: I18n.t("results.maybe", { n: Results.maybeCount })
        background: Rectangle { radius: Theme.radiusControl; color: maybeBar.down ? Theme.line : Theme.s2 }
        onClicked: panel.isOpen = !panel.isOpen
        Icon {
            anchors { right: parent.right; rightMargin: 32; verticalCenter: parent.verticalCenter }
            name: panel.isOpen ? "chevron-up" : "chevron-down"
            size: 44
        }
    }
    Words {
        id: maybeHint
        x: 4
        y: maybeBar.height + 12
        width: parent.width - 8
        role: "small"
        color: Theme.text2
        text: I18n.t(Results.isByFace ? "results.maybe.hint" : "results.maybe.number")
    }
    GridView {
        id: photos
        objectName: "results.maybeGrid"
        visible: panel.isOpen || sliding.running
        y: maybeHint.y + maybeHint.height + 16
        width: parent.width + panel.gap
        height: panel.height - y - 8
        clip: true
        cellWidth: panel.tileWidth + panel.gap
        cellHeight: panel.tileHeight + 176 + panel.gap
        cacheBuffer: panel.tileHeight
        bottomMargin: 24
        reuseItems: true
        boundsBehavior: Flickable.StopAtBounds
        model: Results.maybe

        delegate: Item {
            id: cell
            required property string photoId
            required property string time
            required property string place
            required property bool isChosen
            required property bool isBought
            required property int index
            readonly property Item firstStop: photo
            readonly property Item lastStop: refuse
            width: panel.tileWidth
            height: panel.tileHeight + 176

            readonly property ListWalk walk: ListWalk { view: photos }
            PhotoTile {
                id: photo
                walk: cell.walk
                isRowsLast: false
                row: cell.index
                objectName: "results.tile." + cell.photoId
                discName: "results.disc." + cell.photoId
                photoId: cell.photoId
                time: cell.time
                place: cell.place
                isChosen: cell.isChosen
                isBought: cell.isBought
                isMaybe: true
                width: panel.tileWidth
                height: panel.tileHeight
                onOpened: Results.openPhoto(cell.photoId)
                onMarked: Results.toggleChosen(cell.photoId)
            }
            KioskButton {
                id: confirm
                onVisualFocusChanged: if (visualFocus) cell.walk.bring(confirm)
                objectName: "results.isMe." + cell.photoId
                y: panel.tileHeight + 12
                width: parent.width
                height: 72
                role: "small"
                maximumLines: 1
                text: Results.isMeText
                onClicked: Results.thisIsMe(cell.photoId)
            }
            KioskButton {
                id: refuse
                onVisualFocusChanged: if (visualFocus) cell.walk.bring(refuse)
                Keys.onTabPressed: cell.walk.go(cell.index, true)
                objectName: "results.notMe." + cell.photoId
                y: panel.tileHeight + 96
                width: parent.width
                height: 72
                kind: "quiet"
                role: "small"
                maximumLines: 1
                text: Results.notMeText
                onClicked: Results.notMe(cell.photoId)
            }
        }
    }
}
