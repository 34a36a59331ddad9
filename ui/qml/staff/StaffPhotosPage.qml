pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* The import, and photos that wait to be approved: touched ones are chosen; without any chosen all are meant. */
StaffPage {
    id: page
    objectName: "staff.page.photos"
    title: I18n.t("staff.place.photos")
    subtitle: StaffPhotos.countText

    readonly property int chosenCount: StaffPhotos.chosen.length
    readonly property int meant: chosenCount > 0 ? chosenCount : StaffPhotos.shownCount

    StaffCard {
        id: imports
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        title: I18n.t("staff.import.title")
        spacing: 10
        corner: [
            StaffButton {
                objectName: "photos.import"
                height: 64
                iconName: "folder"
                text: I18n.t("staff.import.choose")
                onClicked: {
                    StaffPhotos.look("");
                    StaffNavigator.openSheet("staff/StaffFolderSheet");
                }
            }
        ]
        StaffBar { visible: StaffPhotos.isRunning; width: parent.width; share: StaffPhotos.share }
        StaffWords { width: parent.width; size: 22; color: Theme.text2; text: StaffPhotos.progressText }
        StaffWords { visible: text !== ""; width: parent.width; size: 22; color: Theme.bad; text: StaffPhotos.unreadableText }
    }
    StaffWords {
        id: heading
        x: page.contentX
        y: imports.y + imports.height + 24 + (70 - lineHeight) / 2
        width: Math.min(implicitWidth, page.contentWidth)
        size: 30
        weight: Font.DemiBold
        text: StaffPhotos.waitingText
    }
    Row {
        id: buttons
        visible: StaffPhotos.shownCount > 0
        x: page.contentX + page.contentWidth - width
        y: imports.y + imports.height + 24
        spacing: 16
        StaffButton {
            objectName: "photos.reject"
            iconName: "x"
            text: I18n.counted(page.chosenCount > 0 ? "staff.photos.reject" : "staff.photos.reject_all", page.meant)
            onClicked: StaffPhotos.reject()
        }
        StaffButton {
            objectName: "photos.approve"
            kind: "primary"
            iconName: "check"
            text: I18n.counted(page.chosenCount > 0 ? "staff.photos.approve" : "staff.photos.approve_all", page.meant)
            onClicked: StaffPhotos.approve()
        }
    }
    StaffEmpty {
        visible: StaffPhotos.shownCount === 0
        x: page.contentX + page.contentWidth * 0.15
        y: heading.y + 200
        width: page.contentWidth * 0.7
        iconName: "check"
        text: I18n.t("staff.photos.none")
    }
    GridView {
        id: grid
        objectName: "photos.grid"
        readonly property int columns: Theme.isPortrait ? 4 : 7
        x: page.contentX - 8
        y: buttons.y + buttons.height + 16
        width: page.contentWidth + 24
        height: page.height - y
        leftMargin: 8
        topMargin: 8
        bottomMargin: 36
        clip: true
        cellWidth: Math.floor((page.contentWidth + 16) / columns)
        cellHeight: Math.round((cellWidth - 16) * 1.18) + 62
        cacheBuffer: 400
        reuseItems: true
        boundsBehavior: Flickable.StopAtBounds
        model: StaffPhotos.photos
        delegate: T.AbstractButton {
            id: tile
            required property string photoId
            required property string name
            required property string note
            required property int index
            readonly property bool isChosen: StaffPhotos.chosen.includes(photoId)
            objectName: "photos.photo." + photoId
            width: grid.cellWidth - 16
            height: grid.cellHeight - 16
            focusPolicy: Qt.StrongFocus
            text: name
            Accessible.role: Accessible.CheckBox
            Accessible.name: name + ", " + note
            Accessible.checked: isChosen
            Keys.onReturnPressed: click()
            onClicked: StaffPhotos.toggle(photoId)
            onActiveFocusChanged: if (activeFocus) grid.positionViewAtIndex(index, GridView.Contain)
            contentItem: Item {
                Photo {
                    id: picture
                    width: parent.width
                    height: parent.height - 46
                    photoId: tile.photoId
                    size: "medium"
                    saysMissing: false
                }
                Rectangle {
                    anchors.fill: picture
                    visible: tile.isChosen
                    radius: Theme.radiusTile
                    color: "transparent"
                    border { width: 8; color: Theme.gold }
                }
                Rectangle {
                    x: picture.width - width - 14
                    y: 14
                    width: 52; height: 52; radius: 26
                    color: tile.isChosen ? Theme.gold : Qt.alpha(Theme.bg, 0.6)
                    border { width: tile.isChosen ? 0 : 3; color: Theme.text }
                    Icon { visible: tile.isChosen; anchors.centerIn: parent; name: "check"; tint: Theme.onGold; size: 34 }
                }
                StaffWords {
                    y: parent.height - 40
                    width: parent.width
                    size: 20
                    color: Theme.text2
                    wrapMode: Text.NoWrap
                    elide: Text.ElideMiddle
                    text: tile.name
                    Accessible.ignored: true
                }
            }
            FocusRing { isShown: tile.visualFocus; around: Theme.radiusTile; anchors.margins: -6 }
        }
    }
}
