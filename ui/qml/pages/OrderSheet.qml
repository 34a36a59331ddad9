import Kiosk
import "../components"

/* An order code; the kiosk opens the order or says that it does not know it. */
CodeSheet {
    objectName: "OrderSheet"
    title: I18n.t("manual.order")
    hint: "K7-4Q2M"
    least: 4
    most: 10
    onEntered: Session.openOrder(code)
}
