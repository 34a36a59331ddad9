import QtQuick
import Kiosk
import "../components"

/* A payment that came short, late, twice, too high, or of which the bank says nothing yet: what was asked, what
   came, what is to do. The money is safe, and nobody pays twice. */
PageFrame {
    id: page
    objectName: "page.problem"
    announced: Payment.problemTitle

    readonly property bool isShort: Payment.problem === "short"
    readonly property bool isOver: Payment.problem === "over"
    areSecondsStacked: !Payment.canScanSlip
    secondColumns: 2

    component Line: Item {
        id: line
        property alias text: label.text
        property alias weight: label.weight
        default property alias figure: slot.data
        width: parent ? parent.width : 0
        height: Math.max(label.height, slot.childrenRect.height) + 40
        Words {
            id: label
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - slot.childrenRect.width - 24
            role: "title"
        }
        Item {
            id: slot
            anchors { right: parent.right; verticalCenter: parent.verticalCenter }
            width: childrenRect.width
            height: childrenRect.height
        }
    }
    component Rule: Rectangle {
        width: parent ? parent.width : 0
        height: 2
        color: Theme.line
    }

    ScrollArea {
        x: page.contentX
        y: page.contentTop + (Theme.isPortrait && !page.isLow ? 48 : 0)
        width: page.contentWidth
        height: page.contentBottom - y - 16
        innerHeight: saying.height

        Column {
            id: saying
            width: page.contentWidth
            spacing: 32

            Rectangle {
                visible: Theme.isPortrait
                width: 104; height: 104; radius: 52
                color: Theme.s2
                Icon { anchors.centerIn: parent; name: "shield-check"; tint: Theme.ok; size: 52 }
            }
            Column {
                width: parent.width
                spacing: 16
                Words {
                    width: parent.width
                    role: "h1"
                    weight: Font.DemiBold
                    text: Payment.problemTitle
                }
                Words {
                    width: parent.width
                    role: "title"
                    color: Theme.text2
                    text: Payment.problemText
                }
            }
            NoticeLine { width: parent.width }
            Item { width: 1; height: 8; visible: Theme.isPortrait }
            Card {
                width: parent.width
                padding: Theme.isPortrait ? 44 : 32
                spacing: 0
                Line {
                    text: I18n.t("problem.short.need")
                    Words { role: "h2"; weight: Font.DemiBold; text: Payment.askedText }
                }
                Rule { visible: Payment.receivedLabel !== "" }
                Line {
                    visible: Payment.receivedLabel !== ""
                    text: Payment.receivedLabel
                    Words { role: "h2"; weight: Font.DemiBold; text: Payment.receivedText }
                }
                Rule { visible: page.isShort }
                Line {
                    visible: page.isShort
                    weight: Font.DemiBold
                    text: I18n.t("problem.short.rest")
                    Money { satang: Payment.difference; role: "h1"; unitRole: "title" }
                }
                Rectangle {
                    visible: page.isShort
                    width: parent.width
                    height: 16
                    radius: 8
                    color: Theme.s2
                    Rectangle {
                        width: parent.width * Math.min(1, Payment.received / Math.max(1, Payment.due))
                        height: 16
                        radius: 8
                        color: Theme.paper
                    }
                }
            }
            Item {
                x: 44
                width: parent.width - 88
                height: Math.max(keep.height, code.height)
                Words {
                    id: keep
                    anchors.verticalCenter: parent.verticalCenter
                    width: parent.width - code.width - 32
                    color: Theme.text2
                    text: I18n.t("problem.keep")
                }
                Words {
                    id: code
                    anchors { right: parent.right; verticalCenter: parent.verticalCenter }
                    role: "h2"
                    thai: false
                    weight: Font.DemiBold
                    font.letterSpacing: 3
                    text: Payment.orderCode
                }
            }
        }
    }

    seconds: [
        KioskButton {
            objectName: "problem.slip"
            visible: Payment.canScanSlip
            role: "body"
            iconName: "scan-qr-code"
            text: I18n.t("pay.slip")
            onClicked: Navigator.openSheet("SlipSheet")
        },
        KioskButton {
            objectName: "problem.staff"
            role: "body"
            iconName: "users"
            text: I18n.t("common.ask_staff")
            onClicked: Payment.askStaff()
        },
        KioskButton {
            objectName: "problem.refund"
            visible: page.isShort
            role: "body"
            text: I18n.t("problem.refund")
            onClicked: Payment.askStaff()
        }
    ]
    primary: KioskButton {
        objectName: page.isShort ? "problem.payRest" : "problem.check"
        anchors.fill: parent
        focus: true
        kind: "primary"
        iconName: page.isShort ? "scan-line" : "refresh-cw"
        isWaiting: Payment.stage === "checking" && !page.isShort && Payment.problem === ""
        text: page.isShort ? I18n.t("problem.short.action", { amount: Translator.baht(Payment.difference) })
            : I18n.t("problem.late.action")
        onClicked: page.isShort ? Payment.payRest() : Payment.check()
    }
}
