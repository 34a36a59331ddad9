pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The camera of the sheet: its live picture, whole, with the line across it; how it stands; its switches. */
FocusScope {
    id: part

    readonly property bool isOff: Streams.state === "off"
    height: rest.y + rest.height

    Item {
        id: frame
        width: part.width
        height: Math.round(width * 9 / 16)

        Rectangle { anchors.fill: parent; radius: Theme.radiusCard; color: Theme.s2 }
        StreamView {
            id: view
            objectName: "stream.view"
            anchors.centerIn: parent
            /* Whole, whatever the camera's shape: the line is drawn in shares of all of it. */
            width: Math.min(frame.width, frame.height * ratio)
            height: width / ratio
            streamId: Streams.streamId
            active: part.visible && !part.isOff
            visible: !part.isOff
        }
        StreamLineArea {
            anchors.fill: view
            visible: !part.isOff
        }
        Rectangle {
            anchors.fill: parent
            radius: Theme.radiusCard
            visible: part.isOff || Streams.state === "reconnecting" || !view.hasPicture
            color: Qt.alpha(Theme.bg, part.isOff ? 0.4 : 0.72)
            Words {
                anchors.centerIn: parent
                width: parent.width - 96
                horizontalAlignment: Text.AlignHCenter
                role: "body"
                weight: Font.DemiBold
                text: I18n.t(part.isOff ? "store.wall.is_off" : Streams.isRefused ? "store.wall.refused"
                    : Streams.state === "reconnecting" ? "store.wall.again" : "store.wall.first")
            }
        }
        RoundMask { anchors.fill: parent; ground: Theme.s1 }
    }

    Column {
        id: rest
        y: frame.height + 12
        width: part.width
        spacing: 6

        StreamLineActions { width: parent.width }
        Rectangle { width: parent.width; height: 2; color: Theme.line }
        Item {
            width: parent.width
            height: 64
            Words {
                id: standing
                objectName: "stream.standing"
                y: 32 - lineHeight / 2
                width: parent.width - switches.width - 16
                role: "small"
                textScale: 0.88
                weight: Font.DemiBold
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
                text: Streams.standing
            }
            Row {
                id: switches
                anchors.right: parent.right
                Words { y: 32 - lineHeight / 2; width: implicitWidth; role: "small"; textScale: 0.84; color: Theme.text2; text: I18n.t("store.stream.on") }
                Toggle { objectName: "stream.on"; isOn: Streams.isOn; text: I18n.t("store.stream.on"); onAsked: isWanted => Streams.setOn(isWanted) }
                Words { y: 32 - lineHeight / 2; width: implicitWidth; role: "small"; textScale: 0.84; color: Theme.text2; text: I18n.t("store.wall.recognition") }
                Toggle { objectName: "stream.recognition"; isOn: Streams.recognises; text: I18n.t("store.wall.recognition"); onAsked: isWanted => Streams.setRecognition(isWanted) }
            }
        }
        StatusRow {
            objectName: "stream.reason"
            visible: Streams.reasonText !== ""
            width: parent.width
            iconName: "circle-help"
            tone: Theme.bad
            ink: Theme.text
            text: Streams.reasonText + " (" + Streams.reasonCode + ")"
        }
        Row {
            visible: Streams.figures.length > 0
            width: parent.width
            spacing: 12
            Repeater {
                model: Streams.figures
                Rectangle {
                    id: figure
                    required property var modelData
                    objectName: "stream.figure"
                    width: (part.width - 36) / 4
                    height: 96
                    radius: Theme.radiusTile
                    color: Theme.s2
                    Words {
                        x: 16; y: 8
                        width: parent.width - 24
                        role: "staff"
                        color: Theme.text2
                        wrapMode: Text.NoWrap
                        fontSizeMode: Text.HorizontalFit
                        minimumPixelSize: 20
                        text: figure.modelData.word
                    }
                    Words { x: 16; y: 44; width: parent.width - 24; role: "body"; weight: Font.DemiBold; wrapMode: Text.NoWrap; text: figure.modelData.value }
                }
            }
        }
    }
}
