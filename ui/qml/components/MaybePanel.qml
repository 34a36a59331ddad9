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
        height: panel.isAlone ? 0 : Theme.isPortrait ? 96 : 88
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
            width: panel.tileWidth
            height: panel.tileHeight + 176

            PhotoTile {
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
