import Kiosk
import "../components"

/* A voucher's code; the kiosk uses it, or says in a sentence why it cannot be used. */
CodeSheet {
    readonly property bool isApplied: Basket.voucherCode !== ""

    objectName: "VoucherSheet"
    title: I18n.t("basket.voucher.prompt")
    least: 2
    onIsAppliedChanged: if (isApplied) Navigator.closeSheet()
    onEntered: Basket.applyVoucher(code)
}
