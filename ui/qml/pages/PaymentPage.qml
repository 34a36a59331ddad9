import QtQuick
import Kiosk
import "../components"

/* The code to scan, the exact amount, three steps; where staff confirm, the order's code too. Primary: I have
   paid, which asks the bank or calls staff; without a code (it ended, or none came), another one. */
PageFrame {
    id: page
    objectName: "page.payment"
    announced: headline.text

    readonly property bool isPreparing: Payment.stage === "preparing"
    readonly property bool isOver: Payment.stage === "expired"
    readonly property bool isChecking: Payment.stage === "checking"
    readonly property bool hasFailed: isOver && !Payment.hasCode
    readonly property bool hasCode: !isPreparing && !isOver && Payment.hasCode
    readonly property bool isByStaff: hasCode && !Payment.confirmsByItself
    readonly property real codeSide: !Theme.isPortrait ? 556 : isLow && Payment.canScanSlip ? (Theme.largerText ? 300 : 380) : isLow || Theme.largerText ? 480 : isByStaff ? 540 : 620
    readonly property real middle: Theme.isPortrait ? 540 : 326

    Words {
        id: headline
        visible: !page.isOver
        x: page.contentX
        y: Theme.isPortrait ? (page.isLow ? card.y - height - 16 : 112) : page.contentTop - 16
        width: page.contentWidth
        horizontalAlignment: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
        role: Theme.isPortrait ? "h1" : "h2"
        weight: Font.DemiBold
        text: I18n.t(Payment.stage === "paid" ? "pay.done" : "pay.title")
    }

    QrCard {
        id: card
        visible: page.hasCode
        x: page.middle - width / 2
        y: Theme.isPortrait ? (page.isLow ? 560 : 112 + headline.height + 16) : 192
        wantedSide: page.codeSide
        text: Payment.qrText
        imageSource: Payment.qrImage
        /* The payment mark by its owner's name; who receives the money. */
        heading: Item {
            width: card.width
            height: mark.height + 20
            Words {
                id: mark
                y: 20
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                role: "body"
                textScale: 1
                weight: Font.DemiBold
                color: "#1A1A1A"
                text: "PromptPay"
            }
        }
        caption: Item {
            visible: Payment.receiver !== ""
            width: card.width
            height: receiver.height + 24
            Words {
                id: receiver
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                role: "small"
                textScale: 1
                color: "#45423B"
                text: I18n.t("pay.receiver", { name: Payment.receiver })
            }
        }
    }
    NoCode {
        visible: page.isOver
        x: page.contentX
        y: page.isLow ? page.primaryTop - height - 48 : page.contentTop + (page.primaryTop - page.contentTop - height) / 2
        width: page.contentWidth
    }
    /* Being prepared, or paid. */
    Rectangle {
        visible: !page.hasCode && !page.isOver
        x: page.middle - width / 2
        y: card.y
        width: page.codeSide
        height: page.codeSide
        radius: Theme.radiusTile
        color: Theme.s1
        WaitRing { anchors.centerIn: parent; width: 96; height: 96; stroke: 10; visible: page.isPreparing; tint: Theme.gold }
        Words {
            visible: page.isPreparing
            y: parent.height / 2 + 80
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            color: Theme.text2
            text: I18n.t("pay.preparing")
        }
        Icon {
            anchors.centerIn: parent
            visible: !page.isPreparing
            name: Payment.stage === "paid" ? "check" : "clock"
            tint: Payment.stage === "paid" ? Theme.ok : Theme.edge
            size: 120
        }
    }

    Column {
        id: amount
        visible: !page.isPreparing && !page.isOver
        x: Theme.isPortrait ? 64 : 668
        y: Theme.isPortrait ? (page.hasCode ? card.y + card.height : card.y + page.codeSide) + 20 : 192
        width: Theme.isPortrait ? 952 : 684
        spacing: 0
        readonly property int align: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
        Words {
            width: parent.width
            horizontalAlignment: amount.align
            role: "body"
            color: Theme.text2
            text: I18n.t("pay.amount")
        }
        Money {
            x: Theme.isPortrait ? (parent.width - width) / 2 : 0
            satang: Payment.due
            role: "amount"
            unitRole: "h2"
        }
        Words {
            visible: Payment.addedSatang !== ""
            width: parent.width
            horizontalAlignment: amount.align
            role: "small"
            color: Theme.text2
            text: I18n.t("pay.satang", { satang: Payment.addedSatang })
        }
    }

    OrderCode {
        id: orderCode
        visible: page.isByStaff
        x: amount.x
        y: amount.y + amount.height + 16
        width: amount.width
        code: Payment.orderCode
    }

    Row {
        visible: page.hasCode && steps.room > (Theme.largerText ? 330 : 280)
        id: steps
        readonly property real room: (Theme.isPortrait ? saying.y : page.contentBottom) - y
        x: Theme.isPortrait ? 64 : 668
        y: page.isByStaff ? orderCode.y + orderCode.height + 28 : amount.y + amount.height + (Theme.isPortrait ? 28 : 56)
        width: Theme.isPortrait ? 952 : 684
        spacing: Theme.isPortrait ? 4 : 24
        readonly property real each: (width - spacing * 2) / 3
        PayStep { width: steps.each; number: 1; text: I18n.t("pay.step1") }
        PayStep { width: steps.each; number: 2; text: I18n.t("pay.step2") }
        PayStep {
            width: steps.each
            number: 3
            text: I18n.t("pay.step3")
            amount: Translator.wholeBaht(Payment.due) + Translator.satangPart(Payment.due)
        }
    }

    /* What is going on: the kiosk's sentence of the moment, else the stage's. */
    Column {
        id: saying
        visible: !page.isOver && (!page.isPreparing || Session.noticeText !== "")
        x: page.actionX
        y: Theme.isPortrait ? page.contentBottom - height + 4 : page.sideTop
        width: page.actionWidth
        spacing: 8
        Row {
            x: Theme.isPortrait ? (parent.width - width) / 2 : 0
            spacing: 20
            Rectangle {
                y: (sentence.lineHeight - height) / 2
                width: 18; height: 18; radius: 9
                color: Session.noticeKey === "error.pay_network" || Session.noticeKey === "pay.offline" ? Theme.edge : Theme.ok
            }
            Words {
                id: sentence
                objectName: "payment.state"
                width: Math.min(implicitWidth, page.actionWidth - 40)
                role: Theme.isPortrait && Session.noticeText === "" ? "small" : "body"
                horizontalAlignment: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
                Accessible.role: Accessible.AlertMessage
                text: page.isByStaff && Session.noticeKey === "common.staff_called" ? I18n.t("pay.staff.called")
                    : Session.noticeText !== "" ? Session.noticeText
                    : Payment.stage === "not_yet" ? I18n.t("pay.not_yet")
                    : Payment.stage === "staff" || !Payment.confirmsByItself ? I18n.t("pay.staff")
                    : Payment.stage === "paid" ? I18n.t("pay.done")
                    : I18n.t("pay.waiting")
            }
        }
        Words {
            visible: Payment.isEnding && page.hasCode && Payment.until !== ""
            width: parent.width
            horizontalAlignment: Theme.isPortrait ? Text.AlignHCenter : Text.AlignLeft
            role: "small"
            color: Theme.text2
            text: I18n.t("pay.until", { time: Payment.until })
        }
    }

    seconds: KioskButton {
        objectName: "payment.slip"
        visible: Payment.canScanSlip
        role: "body"
        implicitHeight: Theme.isPortrait ? 96 : 88
        iconName: "scan-qr-code"
        text: I18n.t("pay.slip")
        onClicked: Navigator.openSheet("SlipSheet")
    }
    secondsRise: Theme.isPortrait ? 0 : 120
    primary: [
        KioskButton {
            objectName: page.hasFailed ? "payment.askStaff" : page.isOver ? "payment.check" : "payment.noApp"
            y: Theme.isPortrait ? 0 : -height - 16
            width: Theme.isPortrait ? 408 : page.actionWidth
            height: parent ? parent.height : 104
            role: "body"
            text: I18n.t(page.hasFailed ? "common.ask_staff" : page.isOver ? "pay.check" : "pay.no_app")
            onClicked: page.hasFailed ? Payment.askStaff() : page.isOver ? Payment.check() : Navigator.openSheet("NoBankAppSheet")
        },
        KioskButton {
            objectName: page.isOver ? "payment.renew" : "payment.check"
            x: Theme.isPortrait ? 432 : 0
            width: Theme.isPortrait ? 520 : page.actionWidth
            height: parent ? parent.height : 104
            focus: true
            kind: "primary"
            iconName: page.isOver ? "refresh-cw" : "check"
            isWaiting: page.isChecking || page.isPreparing
            text: I18n.t(page.hasFailed ? "pay.again" : page.isOver ? "pay.renew" : page.isChecking ? "pay.checking" : "pay.check")
            onClicked: page.isOver ? Payment.renew() : Payment.check()
        }
    ]
}
