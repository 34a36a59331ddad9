pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Buyers of every photo who hear of new ones: no face and no address is shown. */
StaffListPage {
    id: page
    objectName: "staff.page.wishes"
    title: I18n.t("staff.wishes.title")
    rows: StaffWishes.rows
    noteText: I18n.t("staff.wishes.note")
    emptyIcon: "bell"
    emptyText: I18n.t("staff.wishes.none")
    row: StaffEntryRow {
        id: entry
        required property var modelData
        width: page.contentWidth - 64
        sign: "dot"
        title: modelData.code + " · " + modelData.way
        note: I18n.t("staff.wish.since", { when: modelData.since }) + " · " + modelData.until
        reason: modelData.added
        StaffButton {
            objectName: "wish.order." + entry.modelData.orderId
            text: I18n.t("staff.wish.order")
            onClicked: {
                StaffOrder.open(entry.modelData.orderId);
                StaffNavigator.go("order");
            }
        }
    }
}
