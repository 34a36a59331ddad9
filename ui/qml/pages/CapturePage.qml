pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The mirror with box and ring, one instruction, three checks. The picture is taken by itself; "take it now" is
   an outline that turns gold after 8 s; while something is asked for to show that somebody is there, the way
   without a face takes its place. A camera that is lost comes back by itself; meanwhile, and without one,
   there is the way without a face. */
PageFrame {
    id: page
    objectName: "page.capture"
    announced: I18n.t("guide.look")
    readonly property bool isForFriend: Together.isAdding && !Together.isAgain
    title: isForFriend ? I18n.t("together.capture") : Session.eventName

    readonly property bool isLost: Session.cameraState === "lost"
    readonly property bool isBlind: isLost || !Session.hasCamera
    readonly property bool isTakingLong: Session.noticeKey === "error.capture_timeout"

    onIsTakingLongChanged: if (isTakingLong && Navigator.sheet === "") Navigator.openSheet("CaptureHelpSheet")

    /* "Look here" under the camera, which stands above the screen's middle. */
    Row {
        visible: Theme.isPortrait && !page.isLow && !page.isBlind
        x: (1080 - width) / 2
        y: 108
        Column {
            spacing: 4
            Icon { anchors.horizontalCenter: parent.horizontalCenter; name: "arrow-up"; tint: Theme.gold; size: 52 }
            Words { role: "small"; text: I18n.t("guide.look") }
        }
    }
    Row {
        visible: !Theme.isPortrait && !page.isBlind
        x: 840
        y: 20
        spacing: 20
        Icon { anchors.verticalCenter: parent.verticalCenter; name: "arrow-up"; tint: Theme.gold; size: 52 }
        Words { anchors.verticalCenter: parent.verticalCenter; role: "small"; text: I18n.t("guide.look") }
    }

    Item {
        id: mirror
        x: page.isLow ? (page.width - width) / 2 : page.contentX
        y: Theme.isPortrait ? (page.isLow ? page.contentTop : 222) : 104
        width: page.isLow ? height : page.contentWidth
        height: Theme.isPortrait ? (page.isLow ? 540 : Theme.largerText ? 860 : 960) : 800
        clip: true

        Rectangle { anchors.fill: parent; color: Theme.s2 }
        LiveView {
            id: live
            objectName: "capture.live"
            anchors.fill: parent
            active: page.visible && Session.screen === "capture"
        }
        Repeater {
            objectName: "capture.boxes"
            model: Capture.boxes
            FaceBox {
                required property rect modelData
                required property int index
                /* The frame is cut to cover the mirror; the same cut moves the box. */
                readonly property real shownWidth: Math.max(mirror.width, mirror.height * Capture.frameRatio)
                readonly property real shownHeight: shownWidth / Capture.frameRatio
                readonly property real faceX: (mirror.width - shownWidth) / 2 + modelData.x * shownWidth
                readonly property real faceY: (mirror.height - shownHeight) / 2 + modelData.y * shownHeight
                isMain: Capture.mainBox === index
                /* Never over the edge: without a graphics card a shape is not cut there. */
                x: Math.max(8, faceX)
                y: Math.max(8, faceY)
                width: Math.max(0, Math.min(mirror.width - 8, faceX + modelData.width * shownWidth) - x)
                height: Math.max(0, Math.min(mirror.height - 8, faceY + modelData.height * shownHeight) - y)
                visible: width > 2 * bend && height > 2 * bend
            }
        }
        FaceRing {
            visible: !page.isBlind
            x: (parent.width - width) / 2
            y: (mirror.height - height) * (Theme.isPortrait ? 0.12 : 0.13)
            height: mirror.height * (Theme.isPortrait ? 0.775 : 0.72)
            width: height * 0.845
        }
        RoundMask { anchors.fill: parent }

        /* No picture: words over the last one, never an empty frame. */
        Rectangle {
            anchors.fill: parent
            radius: Theme.radiusCard
            visible: page.isBlind || !live.hasPicture
            color: Qt.alpha(Theme.bg, 0.8)
            WaitRing {
                anchors.centerIn: parent
                visible: !page.isBlind
                width: 96; height: 96
                stroke: 10
                tint: Theme.gold
            }
            Words {
                objectName: "capture.blind"
                anchors.centerIn: parent
                visible: page.isBlind
                width: parent.width - 128
                horizontalAlignment: Text.AlignHCenter
                role: "title"
                text: I18n.t(page.isLost ? "error.camera_lost" : "error.camera_none")
                Accessible.role: Accessible.AlertMessage
            }
        }
    }

    Column {
        visible: !page.isBlind
        x: page.actionX
        y: Theme.isPortrait ? mirror.y + mirror.height + 20 : 132
        width: page.actionWidth
        spacing: Theme.isPortrait ? 4 : 20

        GuidanceLine {
            objectName: "capture.guidance"
            width: parent.width
            height: Theme.isPortrait ? lineHeight : Math.max(implicitHeight, lineHeight * 2)
            horizontalAlignment: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
            fontSizeMode: Theme.isPortrait ? Text.HorizontalFit : Text.FixedSize
        }
        Words {
            width: parent.width
            horizontalAlignment: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
            color: Session.noticeText === "" && !page.isForFriend ? Theme.text2 : Theme.text
            text: Session.noticeText !== "" ? Session.noticeText : I18n.t(
                !Capture.asksLiveness ? (page.isForFriend ? "together.capture" : "capture.auto") :
                Capture.offersOtherWay ? "capture.live_other" : "capture.live")
        }
        Item { width: 1; height: Theme.isPortrait ? 12 : 16 }
        Grid {
            anchors.horizontalCenter: Theme.isPortrait ? parent.horizontalCenter : undefined
            columns: Theme.isPortrait ? 3 : 1
            spacing: 24
            CheckDot { isMet: Capture.isLit; iconName: "sun"; text: I18n.t("capture.light") }
            CheckDot { isMet: Capture.isFacing; iconName: "user"; text: I18n.t("capture.angle") }
            CheckDot { isMet: Capture.isNear; iconName: "ruler"; text: I18n.t("capture.distance") }
        }
    }

    StatusRow {
        x: Theme.isPortrait ? (1080 - width) / 2 : page.sideX
        y: page.primaryTop - height - (Theme.isPortrait ? 28 : 20)
        width: Theme.isPortrait ? implicitWidth : page.sideWidth
        visible: !page.isLow && !page.isBlind
        iconName: "shield-check"
        text: I18n.t("capture.private")
    }

    primary: [
        KioskButton {
            objectName: "capture.takeNow"
            anchors.fill: parent
            visible: !page.isBlind && !Capture.asksLiveness
            kind: Capture.hasWaited ? "primary" : "secondary"
            role: "title"
            iconName: "camera"
            text: I18n.t("capture.now")
            onClicked: Session.takeNow()
        },
        KioskButton {
            objectName: "capture.manual"
            anchors.fill: parent
            visible: page.isBlind || Capture.asksLiveness
            kind: page.isBlind ? (page.isLost ? "secondary" : "primary") : Capture.offersOtherWay ? "primary" : "secondary"
            role: "title"
            iconName: "hash"
            text: I18n.t("attract.no_face")
            onClicked: Session.goManual()
        }
    ]
}
