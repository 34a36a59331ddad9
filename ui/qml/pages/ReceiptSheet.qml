pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What was bought, for how much, and when. */
Sheet {
    id: sheet
    objectName: "ReceiptSheet"
    title: I18n.t("deliver.receipt")
    onDismissed: Navigator.closeSheet()

    component Line: Item {
        id: line
        property string label: ""
        property string value: ""
        width: sheet.innerWidth
        height: Math.max(name.height, figure.height) + 16
        Words { id: name; anchors.verticalCenter: parent.verticalCenter; width: parent.width - figure.width - 24; color: Theme.text2; text: line.label }
        Words { id: figure; anchors { right: parent.right; verticalCenter: parent.verticalCenter } weight: Font.Medium; text: line.value }
    }

    Line { label: I18n.t("deliver.code"); value: Delivery.orderCode }
    Line { label: I18n.t("basket.digital"); value: I18n.counted("package.photos", Delivery.photoCount) }
    Line { visible: Delivery.printCopies > 0; label: I18n.t("basket.prints"); value: "× " + Delivery.printCopies }
    Line { visible: Delivery.paidAt !== ""; label: I18n.t("deliver.paid_at"); value: Delivery.paidAt }
    Rectangle { width: parent.width; height: 2; color: Theme.line }
    Item {
        width: parent.width
        height: sum.height
        Words { anchors.verticalCenter: parent.verticalCenter; role: "title"; weight: Font.DemiBold; text: I18n.t("basket.total") }
        Money { id: sum; anchors.right: parent.right; satang: Delivery.paid; role: "h2" }
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "close"
        width: parent.width
        height: 112
        focus: true
        text: I18n.t("common.ok")
        onClicked: Navigator.closeSheet()
    }
}
