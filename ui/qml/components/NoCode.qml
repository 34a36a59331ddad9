import QtQuick
import Kiosk

/* The payment page without a code: what happened, what to do, the order's code for staff, the amount. */
Column {
    id: said

    readonly property bool isFailed: !Payment.hasCode

    spacing: 32

    Rectangle {
        width: 104; height: 104; radius: 52
        color: Theme.s2
        Icon { anchors.centerIn: parent; name: said.isFailed ? "refresh-cw" : "clock"; tint: Theme.gold; size: 52 }
    }
    Column {
        width: parent.width
        spacing: 16
        Words {
            width: parent.width
            role: "h1"
            weight: Font.DemiBold
            text: I18n.t(!said.isFailed ? "pay.ended.title"
                : Session.noticeKey === "error.pay_network" ? "pay.no_bank.title" : "pay.failed.title")
        }
        Words {
            objectName: "payment.state"
            width: parent.width
            role: "title"
            color: Theme.text2
            Accessible.role: Accessible.AlertMessage
            text: Session.noticeKey === "common.staff_called" ? Session.noticeText
                : I18n.t(said.isFailed ? "pay.failed.text" : "pay.ended.text")
        }
    }
    OrderCode { width: parent.width; code: Payment.orderCode }
    Item {
        width: parent.width
        height: due.height
        Words { anchors.verticalCenter: due.verticalCenter; x: 32; color: Theme.text2; text: I18n.t("basket.total") }
        Money {
            id: due
            anchors { right: parent.right; rightMargin: 32 }
            satang: Payment.due
        }
    }
}
