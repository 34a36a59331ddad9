import QtQuick
import Kiosk
import "../components"

/* One photo, as large as it goes: two fingers or a double tap enlarge it, a sweep turns the page. */
PageFrame {
    id: page
    objectName: "page.lightbox"
    announced: page.title

    readonly property real photoWidth: Theme.isPortrait ? 1080 : 1400
    readonly property real photoTop: isLow ? 480 : 0
    readonly property real photoBottom: Theme.isPortrait ? words.y - 24 : 928
    /* Brought lower, what turns the page stands below photo and words. */
    readonly property real turnTop: isLow ? Theme.reachTop + 16 : Math.max(Theme.lower ? Theme.reachTop : 0, photoTop + (photoBottom - photoTop - 96) / 2)

    isOverPhoto: true
    title: I18n.t("light.position", { i: Lightbox.position, n: Lightbox.count })
    Keys.onLeftPressed: Lightbox.previous()
    Keys.onRightPressed: Lightbox.next()

    background: ZoomPhoto {
        id: photo
        readonly property real topEdge: y + Math.max(0, (height - whole) / 2)
        objectName: "lightbox.photo"
        y: page.photoTop
        readonly property real room: page.photoBottom - y
        readonly property real whole: width / aspect
        width: page.photoWidth
        /* A photo that all but fills its place stands at the top of it: no thin strip above. */
        height: whole < room && room - whole < 64 ? whole : room
        photoId: Lightbox.photoId
        aspect: Lightbox.aspect
        onSwept: direction => direction > 0 ? Lightbox.next() : Lightbox.previous()
    }

    RoundButton {
        objectName: "lightbox.previous"
        x: Theme.isPortrait ? 40 : 32
        y: page.turnTop
        visible: Lightbox.hasPrevious
        iconName: "chevron-left"
        iconSize: 48
        text: I18n.t("light.previous")
        onClicked: Lightbox.previous()
    }
    RoundButton {
        objectName: "lightbox.next"
        x: page.isLow ? 160 : page.photoWidth - width - (Theme.isPortrait ? 40 : 32)
        y: page.turnTop
        visible: Lightbox.hasNext
        iconName: "chevron-right"
        iconSize: 48
        text: I18n.t("light.next")
        onClicked: Lightbox.next()
    }
    RoundButton {
        id: grid
        objectName: "lightbox.close"
        x: page.isLow ? 824 : Theme.isPortrait ? 40 : 32
        y: page.isLow ? page.turnTop : page.photoBottom - height - 24
        iconName: "layout-grid"
        text: I18n.t("light.close")
        onClicked: Lightbox.close()
    }
    /* Not on the right: there the watermark may be. */
    RoundButton {
        objectName: "lightbox.slideshow"
        x: grid.x + grid.width + 24
        y: grid.y
        visible: Lightbox.hasNext || Lightbox.isPlaying
        iconName: Lightbox.isPlaying ? "pause" : "play"
        text: I18n.t("results.slideshow")
        onClicked: Lightbox.togglePlaying()
    }
    /* Above, where it covers neither the watermark nor a button. */
    Rectangle {
        id: zoomHint
        x: (page.photoWidth - width) / 2
        y: Theme.isPortrait ? taken.y + 80 : 32
        visible: opacity > 0
        opacity: photo.isReady && !photo.isEnlarged && hintLife.running ? 1 : 0
        width: Math.min(gesture.implicitWidth + 48, page.photoWidth - 320)
        height: gesture.height + 16
        radius: height / 2
        color: Qt.alpha(Theme.bg, 0.8)
        Behavior on opacity { NumberAnimation { duration: Theme.pageMs } }
        Words {
            id: gesture
            anchors.centerIn: parent
            width: parent.width - 40
            horizontalAlignment: Text.AlignHCenter
            role: "small"
            textScale: 1
            text: I18n.t("light.zoom")
        }
        Timer { id: hintLife; interval: 6000; running: true }
    }

    /* Time and place over the photo; in landscape the heading of the action column. */
    Rectangle {
        id: taken
        objectName: "lightbox.taken"
        visible: Lightbox.taken !== ""
        x: Theme.isPortrait ? 1016 - width : page.sideX
        y: Theme.isPortrait ? Math.max(116, photo.topEdge + 24) : page.sideTop
        width: Math.min(when.implicitWidth, Theme.isPortrait ? 800 : page.sideWidth - 48) + 48
        height: Math.max(56, when.height + 12)
        radius: 28
        color: Theme.isPortrait ? Qt.alpha(Theme.bg, 0.8) : Theme.s2
        StatusRow {
            id: when
            anchors.centerIn: parent
            width: parent.width - 48
            iconName: "clock"
            tone: Theme.text
            ink: Theme.text
            text: Lightbox.taken
        }
    }

    Column {
        id: words
        x: page.actionX
        y: page.isLow ? Theme.reachTop - height - 8 : Theme.isPortrait ? page.contentBottom - height : page.sideTop + 96
        width: page.actionWidth
        spacing: Theme.isPortrait ? 4 : 16
        NoticeLine { width: parent.width }
        Words {
            width: parent.width
            text: I18n.t(Lightbox.isMaybe ? "results.ask" : "light.clean")
            weight: Lightbox.isMaybe ? Font.DemiBold : Font.Normal
        }
        Words {
            visible: Results.isBlurred
            width: parent.width
            role: "small"
            color: Theme.text2
            text: I18n.t("results.blur_note")
        }
    }

    seconds: [
        KioskButton {
            objectName: "lightbox.favourite"
            visible: !Lightbox.isMaybe
            implicitHeight: 88
            role: "body"
            iconName: "heart"
            isSelected: Lightbox.isFavourite
            text: I18n.t("light.favourite")
            onClicked: Lightbox.toggleFavourite()
        },
        KioskButton {
            objectName: "lightbox.isMe"
            visible: Lightbox.isMaybe
            implicitHeight: 88
            role: "body"
            iconName: "check"
            text: Results.isMeText
            onClicked: Lightbox.thisIsMe()
        },
        KioskButton {
            objectName: "lightbox.notMe"
            visible: Lightbox.isByFace && !Lightbox.isBought
            implicitHeight: 88
            role: "body"
            text: Results.notMeText
            onClicked: {
                const shown = Lightbox.photoId;
                Lightbox.pause();
                Results.notMe(shown);
            }
        }
    ]
    primary: KioskButton {
        objectName: "lightbox.choose"
        anchors.fill: parent
        kind: Lightbox.isChosen ? "secondary" : "primary"
        role: "title"
        iconName: Lightbox.isBought || Lightbox.isChosen ? "check" : "plus"
        reason: Lightbox.isBought ? I18n.t("results.yours") : ""
        text: I18n.t(Lightbox.isChosen ? "light.chosen" : "light.add")
        onClicked: Lightbox.toggleChosen()
    }
}
