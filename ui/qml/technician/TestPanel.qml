pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The test that is looked at: what it shows, what to do, what else can be done with it, what is known of it. */
FocusScope {
    id: panel

    property bool isNarrow: false
    signal touchAsked
    signal countAsked

    readonly property real padding: isNarrow ? 32 : 48
    readonly property real innerWidth: width - padding * 2
    readonly property real columnWidth: isNarrow ? (innerWidth - 32) / 2 : innerWidth
    readonly property bool hasPage: TechnicianTests.actions.includes("test_print")
    readonly property bool hasShot: TechnicianTests.actions.includes("test_shot")
    readonly property bool hasPicture: hasPage || hasShot || TechnicianTests.isAwaitingPayment
    readonly property bool isRunningIt: TechnicianTests.state === "running"

    function offers(action: string): bool {
        return TechnicianTests.actions.includes(action);
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.s1
        radius: panel.isNarrow ? Theme.radiusCard : 0
    }
    Rectangle {
        visible: !panel.isNarrow
        width: 2
        height: parent.height
        color: Theme.line
    }
    Row {
        id: head
        x: panel.padding
        y: panel.isNarrow ? 28 : 36
        spacing: 18
        TestMark { standing: TechnicianTests.state; size: 52 }
        Words {
            y: (52 - height) / 2
            width: panel.innerWidth - 70
            role: "title"
            textScale: 0.95
            weight: Font.DemiBold
            maximumLineCount: 1
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: 24
            text: TechnicianTests.title
        }
    }
    ScrollArea {
        id: scroll
        activeFocusOnTab: false
        x: panel.padding
        y: head.y + 76
        width: panel.innerWidth
        height: again.y - y - 16
        innerHeight: panel.isNarrow ? Math.max(shown.height, asked.y + asked.height) : asked.y + asked.height
        ground: Theme.s1

        Column {
            id: shown
            width: panel.columnWidth
            visible: panel.hasPicture
            height: visible ? implicitHeight : 0
            TestPagePicture {
                visible: panel.hasPage && !TechnicianTests.isAwaitingPayment
                width: parent.width
                paperText: TechnicianTests.paperText
            }
            CameraPicture {
                visible: panel.hasShot && !TechnicianTests.isAwaitingPayment
                width: parent.width
            }
            QrCard {
                objectName: "test.qr"
                visible: TechnicianTests.isAwaitingPayment
                anchors.horizontalCenter: parent.horizontalCenter
                wantedSide: panel.isNarrow ? 320 : 360
                text: TechnicianTests.qrText
                imageSource: TechnicianTests.qrImage
                caption: Words {
                    width: panel.isNarrow ? 320 : 360
                    horizontalAlignment: Text.AlignHCenter
                    bottomPadding: 12
                    role: "body"
                    weight: Font.DemiBold
                    color: "black"
                    text: I18n.money(TechnicianTests.dueSatang)
                }
            }
        }
        Column {
            id: asked
            x: panel.isNarrow && panel.hasPicture ? panel.columnWidth + 32 : 0
            y: panel.isNarrow || !panel.hasPicture ? 0 : shown.height + 28
            width: panel.isNarrow && !panel.hasPicture ? panel.innerWidth : panel.columnWidth
            spacing: 24

            Words {
                objectName: "test.advice"
                visible: text !== ""
                width: parent.width
                role: "small"
                textScale: 1.04
                color: TechnicianTests.state === "passed" ? Theme.text2 : Theme.text
                text: TechnicianTests.isAwaitingPayment ? I18n.t("tech.test.pay_text") : TechnicianTests.advice !== "" ? TechnicianTests.advice : TechnicianTests.measured
            }
            Words {
                visible: TechnicianTests.code !== ""
                width: parent.width
                role: "staff"
                textScale: 1.1
                color: Theme.text2
                text: TechnicianTests.code
            }
            Flow {
                width: parent.width
                spacing: 16
                component Act: KioskButton {
                    width: (asked.width - 16) / 2
                    height: 72
                    role: "small"
                    textScale: 0.92
                    maximumLines: 2
                }
                Act {
                    objectName: "test.countMatches"
                    visible: panel.offers("count_matches")
                    text: I18n.t("tech.test.count_matches")
                    onClicked: TechnicianTests.countMatches()
                }
                Act {
                    objectName: "test.setCount"
                    visible: panel.offers("set_count")
                    text: I18n.t("tech.test.set_count")
                    onClicked: panel.countAsked()
                }
                Act {
                    objectName: "test.print"
                    visible: panel.offers("test_print")
                    width: asked.width
                    iconName: "printer"
                    iconSize: 32
                    text: I18n.t("tech.test.print")
                    onClicked: TechnicianTests.printPage()
                }
                Act {
                    objectName: "test.pay"
                    visible: panel.offers("pay_one_baht") && !TechnicianTests.isAwaitingPayment
                    width: asked.width
                    iconName: "scan-qr-code"
                    iconSize: 32
                    text: I18n.t("tech.test.pay")
                    onClicked: TechnicianTests.pay()
                }
                Act {
                    objectName: "test.moneyCame"
                    visible: TechnicianTests.isAwaitingPayment && TechnicianTests.needsPerson
                    width: asked.width
                    iconName: "check"
                    iconSize: 32
                    text: I18n.t("tech.test.money_came")
                    onClicked: TechnicianTests.pay()
                }
                Act {
                    objectName: "test.touch"
                    visible: panel.offers("touch")
                    width: asked.width
                    text: I18n.t("tech.test.touch")
                    onClicked: panel.touchAsked()
                }
            }
            Column {
                width: parent.width
                spacing: 8
                Repeater {
                    model: TechnicianTests.facts
                    Item {
                        id: fact
                        required property var modelData
                        width: asked.width
                        height: Math.max(word.height, value.height)
                        Words {
                            id: word
                            width: parent.width * 0.56
                            role: "small"
                            textScale: 0.86
                            color: Theme.text2
                            text: fact.modelData.word
                        }
                        Words {
                            id: value
                            x: parent.width * 0.58
                            width: parent.width * 0.42
                            horizontalAlignment: Text.AlignRight
                            role: "small"
                            textScale: 0.86
                            wrapMode: Text.Wrap
                            text: fact.modelData.value
                        }
                    }
                }
            }
        }
    }
    KioskButton {
        id: again
        objectName: TechnicianTests.isAwaitingPayment ? "test.stopPayment" : "test.again"
        x: panel.padding
        y: panel.height - height - (panel.isNarrow ? 28 : 40)
        width: panel.innerWidth
        height: 104
        kind: TechnicianTests.isAwaitingPayment ? "secondary" : "primary"
        role: "button"
        iconName: TechnicianTests.isAwaitingPayment ? "x" : panel.hasShot ? "camera" : "refresh-cw"
        isWaiting: panel.isRunningIt && !TechnicianTests.isAwaitingPayment
        text: I18n.t(TechnicianTests.isAwaitingPayment ? "tech.test.stop" : panel.hasShot ? "tech.test.shoot" : "tech.test.again")
        onClicked: TechnicianTests.isAwaitingPayment ? TechnicianTests.stop() : TechnicianTests.again()
    }
}
