pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The visitor's picture among public photos; how many are searched. No action: it takes less than a second. */
PageFrame {
    id: page
    objectName: "page.searching"
    announced: I18n.t(Together.isAdding || Together.isGroup ? "search.title.together" : "search.title")

    hasSide: false

    /* Read once: each reading makes a new list. */
    readonly property var photos: Session.publicPhotoIds
    readonly property int columns: 9
    readonly property int middleRow: Theme.isPortrait ? 5 : 4
    readonly property int rows: Theme.isPortrait ? 10 : 8
    readonly property real cell: 122
    readonly property real middleX: 540
    readonly property real middleY: Theme.isPortrait ? 640 : 500

    background: [
        Repeater {
            model: page.photos.length > 0 ? page.columns * page.rows : 0
            Photo {
                required property int index
                readonly property int column: index % page.columns
                readonly property int row: Math.floor(index / page.columns)
                readonly property real distance: Math.hypot(column - 4, row - page.middleRow)
                x: page.middleX + (column - 4) * page.cell - 55
                y: page.middleY + (row - page.middleRow) * page.cell - 55
                width: 110
                height: 110
                radius: 10
                size: "small"
                saysMissing: false
                visible: Math.abs(column - 4) > 1 || Math.abs(row - page.middleRow) > 1
                opacity: Math.max(0.04, 0.55 - distance * 0.09)
                photoId: page.photos[(index * 7) % page.photos.length]
            }
        },
        Rectangle {
            y: page.height - height
            width: page.width
            height: Theme.isPortrait ? 800 : 320
            gradient: Gradient {
                GradientStop { position: 0; color: Qt.alpha(Theme.bg, 0) }
                GradientStop { position: 0.5; color: Theme.bg }
            }
        }
    ]

    Item {
        id: picture
        x: page.middleX - width / 2
        y: page.middleY - height / 2
        width: 348
        height: 348
        PhotoView {
            objectName: "searching.still"
            anchors.centerIn: parent
            width: 312
            height: 312
            preview: Session.holdsFace ? "still" : "small"
            corner: 156
        }
        WaitRing { anchors.fill: parent; tint: Theme.gold; stroke: 10 }
    }

    Column {
        x: Theme.isPortrait ? 64 : 1120
        y: !Theme.isPortrait ? page.middleY - height / 2 : notice.visible ? page.contentBottom - height : 1240
        width: Theme.isPortrait ? 952 : 752
        spacing: 8
        Words {
            width: parent.width
            horizontalAlignment: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
            role: "h1"
            weight: Font.DemiBold
            text: I18n.t(Together.isAdding || Together.isGroup ? "search.title.together" : "search.title")
        }
        Words {
            width: parent.width
            horizontalAlignment: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
            role: "title"
            text: I18n.t("search.sub", { n: Session.photoCount })
        }
        Words {
            width: parent.width
            horizontalAlignment: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
            color: Theme.text2
            visible: !notice.visible
            text: I18n.t(Session.isSearchSlow ? "search.slow" : "search.usual")
        }
        Item { width: 1; height: 24; visible: notice.visible }
        NoticeLine { id: notice; width: parent.width }
    }

    seconds: KioskButton {
        objectName: "searching.retake"
        visible: Session.noticeText !== ""
        iconName: "camera"
        text: I18n.t("capture.retake")
        onClicked: Session.retake()
    }
    primary: KioskButton {
        objectName: "searching.again"
        anchors.fill: parent
        visible: Session.noticeText !== ""
        kind: "primary"
        iconName: "rotate-ccw"
        text: I18n.t("capture.use")
        onClicked: Session.searchAgain()
    }
}
