pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* A camera on the wall: its live picture with the faces in it, and below how it stands and whether faces are looked
   at. Lost, its last picture is dimmed and says what goes on; switched off, it says so and can be started. */
Item {
    id: tile

    required property string streamId
    required property string name
    required property string siteName
    /* off, connecting, live or reconnecting */
    required property string standing
    required property real behind
    required property string statusText
    required property string lostText
    /* Lost until somebody mends what is wrong. */
    required property bool isRefused
    required property bool recognises

    readonly property bool isLive: standing === "live"
    /* On a busy machine a picture waits longer for its faces than it was under way. */
    readonly property string standingText: isLive && behind >= 0 && view.waited > behind
        ? I18n.t("store.wall.live_behind", { s: view.waited.toFixed(1) }) : statusText
    readonly property bool isOff: standing === "off"
    readonly property bool isNarrow: width < 560
    readonly property real footHeight: isNarrow ? 112 : 64
    signal chosen

    objectName: "tile." + streamId

    Rectangle {
        anchors.fill: parent
        radius: Theme.radiusCard
        color: Theme.s2
    }
    Item {
        id: picture
        width: tile.width
        height: tile.height - tile.footHeight
        clip: true

        Rectangle { anchors.fill: parent; color: Theme.s1 }
        StreamView {
            id: view
            objectName: "tile.view"
            anchors.fill: parent
            streamId: tile.streamId
            active: tile.visible && !tile.isOff
            visible: !tile.isOff
        }
        Repeater {
            model: tile.isLive ? view.faces : null
            FaceMark {}
        }
        Rectangle {
            anchors.fill: parent
            visible: !tile.isLive
            color: Qt.alpha(Theme.bg, tile.isOff ? 0 : 0.72)
        }
        Column {
            visible: !tile.isLive || !view.hasPicture
            width: parent.width - 48
            x: 24
            y: (parent.height - height) / 2
            spacing: tile.isNarrow ? 4 : 8
            Icon {
                anchors.horizontalCenter: parent.horizontalCenter
                visible: tile.isOff || tile.standing === "reconnecting"
                name: tile.isOff ? "pause" : tile.isRefused ? "circle-help" : "refresh-cw"
                size: tile.isNarrow ? 36 : 44
            }
            WaitRing {
                anchors.horizontalCenter: parent.horizontalCenter
                visible: !tile.isOff && tile.standing !== "reconnecting"
                tint: Theme.text
                width: 44; height: 44
            }
            Words {
                objectName: "tile.title"
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                role: "small"
                textScale: tile.isNarrow ? 0.85 : 0.92
                weight: Font.DemiBold
                text: I18n.t(tile.isOff ? "store.wall.is_off" : tile.isRefused ? "store.wall.refused"
                    : tile.standing === "reconnecting" ? "store.wall.again" : "store.wall.first")
                Accessible.role: Accessible.AlertMessage
            }
            Words {
                objectName: "tile.lost"
                visible: tile.standing === "reconnecting"
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                role: "small"
                textScale: tile.isNarrow ? 0.76 : 0.84
                text: tile.isNarrow ? tile.lostText.replace(" · ", "\n") : tile.lostText
            }
            KioskButton {
                objectName: "tile.start"
                anchors.horizontalCenter: parent.horizontalCenter
                visible: tile.isOff
                width: Math.max(200, implicitWidth)
                height: 64
                role: "small"
                iconName: "play"
                iconSize: 30
                text: I18n.t("store.wall.start")
                onClicked: Wall.startStream(tile.streamId)
            }
        }
        T.AbstractButton {
            objectName: "tile.open"
            z: -1
            anchors.fill: parent
            focusPolicy: Qt.StrongFocus
            text: I18n.t("store.wall.open", { name: tile.name })
            Accessible.role: Accessible.Button
            Accessible.name: text
            onClicked: tile.chosen()
            Keys.onReturnPressed: click()
            id: opener
        }
    }
    RoundMask { anchors.fill: parent }

    Item {
        id: foot
        y: picture.height
        width: tile.width
        height: tile.footHeight

        Rectangle {
            id: sign
            x: 22
            y: 32 - height / 2
            width: 14
            height: 14
            radius: tile.standing === "reconnecting" ? 3 : 7
            color: tile.isLive ? Theme.ok : tile.standing === "reconnecting" ? Theme.bad : "transparent"
            border { width: tile.isOff || tile.standing === "connecting" ? 3 : 0; color: Theme.edge }
        }
        Words {
            id: title
            x: 50
            y: 32 - lineHeight / 2
            width: Math.min(implicitWidth, foot.width * (tile.isNarrow ? 0.5 : 0.34))
            role: "small"
            textScale: 0.88
            weight: Font.DemiBold
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: tile.name
        }
        Words {
            objectName: "tile.status"
            x: title.x + title.width + 14
            y: 32 - lineHeight / 2
            width: (tile.isNarrow ? foot.width - 20 : words.x - 12) - x
            role: "small"
            textScale: 0.8
            color: Theme.text2
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: tile.siteName === "" ? tile.standingText : tile.siteName + " · " + tile.standingText
        }
        Words {
            id: words
            x: tile.isNarrow ? 50 : recognition.x - width - 4
            y: (tile.isNarrow ? 80 : 32) - lineHeight / 2
            width: implicitWidth
            role: "small"
            textScale: 0.8
            color: Theme.text2
            wrapMode: Text.NoWrap
            text: I18n.t("store.wall.recognition")
            Accessible.ignored: true
        }
        Toggle {
            id: recognition
            objectName: "tile.recognition"
            x: foot.width - width - 4
            y: tile.isNarrow ? 48 : 0
            isOn: tile.recognises
            text: I18n.t("store.wall.recognition_of", { name: tile.name })
            onAsked: isWanted => Wall.setRecognition(tile.streamId, isWanted)
        }
    }
    FocusRing { isShown: opener.visualFocus; around: Theme.radiusCard }
}
