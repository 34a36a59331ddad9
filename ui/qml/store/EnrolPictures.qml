pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The third step: a live picture of a camera, pictures taken from it, and why one was not usable. */
FocusScope {
    id: step

    readonly property real sideWidth: Theme.isPortrait ? width : 560
    readonly property real liveWidth: Theme.isPortrait ? width : width - sideWidth - 48
    readonly property real liveHeight: Math.min(liveWidth * 9 / 16, Theme.isPortrait ? 540 : height - chips.height - 24 - words.height)
    readonly property string sentence: Enrolment.streamId === "" ? I18n.t("store.enrol.no_camera")
        : !Enrolment.isLive ? I18n.t("store.enrol.not_live")
        : Enrolment.reasonText !== "" ? Enrolment.reasonText : I18n.t("store.enrol.look")

    Flow {
        id: chips
        width: step.liveWidth
        height: visible ? implicitHeight : 0
        visible: Enrolment.streams.length > 1
        spacing: 16
        Repeater {
            model: Enrolment.streams
            KioskButton {
                required property var modelData
                objectName: "enrol.stream." + modelData.streamId
                height: 72
                isPill: true
                role: "small"
                maximumLines: 1
                isSelected: Enrolment.streamId === modelData.streamId
                Accessible.role: Accessible.RadioButton
                Accessible.checked: isSelected
                text: modelData.name
                onClicked: Enrolment.chooseStream(modelData.streamId)
            }
        }
    }
    Item {
        id: live
        y: chips.height > 0 ? chips.height + 24 : 0
        width: step.liveWidth
        height: step.liveHeight
        Rectangle { anchors.fill: parent; radius: Theme.radiusCard; color: Theme.s1 }
        StreamView {
            id: view
            anchors.fill: parent
            streamId: Enrolment.streamId
            active: Enrolment.streamId !== ""
        }
        Repeater {
            model: view.faces
            FaceBox {
                required property real faceX
                required property real faceY
                required property real faceWidth
                required property real faceHeight
                x: faceX
                y: faceY
                width: faceWidth
                height: faceHeight
            }
        }
        Rectangle {
            anchors.fill: parent
            visible: !Enrolment.isLive
            color: Qt.alpha(Theme.bg, 0.7)
            Icon { anchors.centerIn: parent; name: "refresh-cw"; size: 72; tint: Theme.text2 }
        }
        RoundMask { anchors.fill: parent }
    }
    Words {
        id: words
        objectName: "enrol.sentence"
        y: live.y + live.height + 16
        width: step.liveWidth
        height: Math.max(2, lineCount) * lineHeight
        role: Theme.isPortrait ? "title" : "body"
        weight: Font.DemiBold
        text: step.sentence
        Accessible.role: Accessible.AlertMessage
    }

    Column {
        id: side
        x: Theme.isPortrait ? 0 : step.width - width
        y: Theme.isPortrait ? words.y + words.height + 24 : 0
        width: step.sideWidth
        spacing: 20

        Words {
            objectName: "enrol.count"
            width: parent.width
            role: "title"
            weight: Font.DemiBold
            text: Enrolment.countText
        }
        Flow {
            width: parent.width
            spacing: 20
            Repeater {
                model: Enrolment.shots
                Item {
                    id: shot
                    required property string modelData
                    required property int index
                    width: 160; height: 160
                    PersonFace {
                        anchors.fill: parent
                        isShot: true
                        pictureKey: shot.modelData
                        Accessible.role: Accessible.Graphic
                        Accessible.name: I18n.t("store.enrol.shot", { n: shot.index + 1 })
                    }
                    RoundButton {
                        objectName: "enrol.drop." + shot.index
                        anchors { right: parent.right; top: parent.top; margins: 6 }
                        width: 64; height: 64
                        iconSize: 32
                        iconName: "x"
                        text: I18n.t("store.enrol.drop", { n: shot.index + 1 })
                        onClicked: Enrolment.dropShot(shot.modelData)
                    }
                }
            }
            Repeater {
                model: Math.max(0, Enrolment.needed - Enrolment.shots.length)
                Rectangle {
                    width: 160; height: 160
                    radius: Theme.radiusTile
                    color: Theme.s1
                    Icon { anchors.centerIn: parent; name: "user"; size: 72; tint: Theme.edge }
                }
            }
        }
        Card {
            visible: Enrolment.knownName !== ""
            width: parent.width
            padding: 24
            color: Theme.s2
            spacing: 16
            StatusRow {
                width: parent.width
                iconName: "circle-help"
                tone: Theme.gold
                ink: Theme.text
                text: I18n.t("store.enrol.known", { name: Enrolment.knownName })
            }
            KioskButton {
                objectName: "enrol.openKnown"
                width: parent.width
                height: 72
                role: "small"
                text: I18n.t("store.enrol.known.open", { name: Enrolment.knownName })
                onClicked: {
                    Person.open(Enrolment.knownId);
                    StoreNavigator.replace("person");
                }
            }
        }
    }
    Column {
        x: side.x
        y: step.height - height
        width: step.sideWidth
        spacing: 20
        KioskButton {
            objectName: "enrol.toFacts"
            visible: !Enrolment.isMore
            width: parent.width
            height: 72
            kind: "quiet"
            iconName: "chevron-left"
            iconSize: 34
            text: I18n.t("store.facts.title.new")
            onClicked: Enrolment.toFacts()
        }
        KioskButton {
            objectName: "enrol.take"
            width: parent.width
            height: 112
            kind: Enrolment.isEnough ? "secondary" : "primary"
            iconName: "camera"
            isWaiting: Enrolment.isTaking
            reason: Enrolment.isFull ? I18n.t("store.enrol.full") : ""
            enabled: Enrolment.isLive && !Enrolment.isFull && !Enrolment.isTaking && !Enrolment.isSaving
            opacity: Enrolment.isLive ? 1 : 0.4
            text: I18n.t(Enrolment.isTaking ? "store.enrol.taking" : "store.enrol.take")
            onClicked: Enrolment.takePicture()
        }
        KioskButton {
            objectName: "enrol.save"
            width: parent.width
            height: 112
            kind: Enrolment.isEnough ? "primary" : "secondary"
            iconName: Enrolment.isEnough ? "check" : ""
            isWaiting: Enrolment.isSaving
            reason: Enrolment.isEnough ? "" : Enrolment.countText
            text: I18n.t("store.enrol.save")
            onClicked: Enrolment.save()
        }
    }
}
