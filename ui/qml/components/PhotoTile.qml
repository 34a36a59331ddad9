import QtQuick
import QtQuick.Templates as T
import Kiosk

/* A photo in a grid. Touch the photo: `opened`; touch the disc: `marked`. */
T.AbstractButton {
    id: tile

    required property string photoId
    required property string time
    property bool isChosen: false
    property bool isMaybe: false
    property bool isBought: false
    property bool isFavourite: false
    property string place: ""
    property string discName: "choose"
    /* Where keyboard and switch come in and go out; `walk` leads on from there, from `row` of its list. */
    readonly property Item firstStop: tile
    readonly property Item lastStop: disc.visible ? disc : tile
    property ListWalk walk: null
    property int row: 0
    /* Off where more controls of the row follow it. */
    property bool isRowsLast: true
    signal opened
    signal marked

    width: Theme.isPortrait ? 306 : 248
    height: Theme.isPortrait ? 384 : 310
    focusPolicy: Qt.StrongFocus
    scale: down ? 0.985 : 1
    opacity: down ? 0.75 : 1
    Accessible.role: Accessible.Button
    Accessible.name: time + " " + place
    onClicked: opened()
    Keys.onReturnPressed: opened()
    onVisualFocusChanged: if (visualFocus && walk !== null) walk.bring(tile)
    Keys.onTabPressed: event => tile.leave(event, true, tile)
    Keys.onBacktabPressed: event => tile.leave(event, false, tile)

    function leave(event: var, isForward: bool, from: Item) {
        event.accepted = walk !== null && (isRowsLast || !isForward) && from === (isForward ? lastStop : firstStop);
        if (event.accepted)
            walk.go(row, isForward);
    }
    Behavior on scale { NumberAnimation { duration: Theme.pressMs } }

    /* Words on a photo. */
    component Chip: Rectangle {
        property alias text: words.text
        width: words.implicitWidth + 24; height: 44; radius: 22
        color: Qt.alpha(Theme.bg, 0.8)
        Words { id: words; anchors.centerIn: parent; role: "small"; textScale: 1; font.pixelSize: 24; Accessible.ignored: true }
    }

    Photo { anchors.fill: parent; photoId: tile.photoId; size: "large" }
    Chip {
        visible: !tile.isBought && !tile.isMaybe
        anchors { right: parent.right; bottom: parent.bottom; margins: 14 }
        text: I18n.t("common.preview")
    }

    /* chosen: 8 px of gold inside, then a thin dark line */
    Rectangle {
        visible: tile.isChosen
        anchors.fill: parent
        radius: Theme.radiusTile
        color: "transparent"
        border { width: 8; color: Theme.gold }
        Rectangle {
            anchors { fill: parent; margins: 8 }
            radius: 6
            color: "transparent"
            border { width: 4; color: Theme.bg }
        }
    }
    Chip {
        anchors { left: parent.left; bottom: parent.bottom; margins: 14 }
        visible: tile.time !== "" && !tile.isMaybe
        text: tile.time
    }
    Rectangle {
        anchors { horizontalCenter: parent.horizontalCenter; bottom: parent.bottom; margins: 14 }
        visible: tile.isMaybe
        width: ask.implicitWidth + 36; height: 56; radius: 28
        color: Theme.paper
        Words { id: ask; anchors.centerIn: parent; role: "small"; textScale: 1; weight: Font.Medium; color: Theme.onPaper; text: I18n.t("results.ask") }
    }
    Rectangle {
        anchors { left: parent.left; top: parent.top; margins: 14 }
        visible: tile.isBought
        width: yours.width + 36; height: 52; radius: 26
        color: Qt.alpha(Theme.bg, 0.8)
        Row {
            id: yours
            anchors.centerIn: parent
            spacing: 10
            Icon { anchors.verticalCenter: parent.verticalCenter; name: "check"; size: 28 }
            Words { role: "small"; textScale: 1; text: I18n.t("results.yours") }
        }
    }
    Icon {
        visible: tile.isFavourite
        anchors { left: parent.left; top: parent.top; margins: 20 }
        name: "heart"
        size: 36
    }
    T.AbstractButton {
        id: disc
        objectName: tile.discName
        visible: !tile.isBought
        anchors { right: parent.right; top: parent.top }
        width: 96; height: 96
        focusPolicy: Qt.StrongFocus
        Accessible.role: Accessible.CheckBox
        Accessible.name: I18n.t(tile.isChosen ? "light.chosen" : "light.add")
        Accessible.checked: tile.isChosen
        onClicked: tile.marked()
        Keys.onReturnPressed: click()
        Keys.onTabPressed: event => tile.leave(event, true, disc)
        onVisualFocusChanged: if (visualFocus && tile.walk !== null) tile.walk.bring(disc)
        Rectangle {
            anchors.centerIn: parent
            width: 68; height: 68; radius: 34
            color: tile.isChosen ? Theme.gold : Qt.alpha(Theme.bg, 0.6)
            border { width: tile.isChosen ? 0 : 4; color: Theme.text }
            Icon { anchors.centerIn: parent; visible: tile.isChosen; name: "check"; tint: Theme.onGold }
        }
        FocusRing { isShown: disc.visualFocus; around: 48 }
    }
    FocusRing { isShown: tile.visualFocus; around: Theme.radiusTile }
}
