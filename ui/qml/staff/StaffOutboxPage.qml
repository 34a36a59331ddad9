pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What waits to go out and what was refused, each with its reason and a way on. */
StaffListPage {
    id: page
    objectName: "staff.page.outbox"
    title: I18n.t("staff.place.outbox")
    subtitle: StaffToday.outboxTrouble !== "" ? StaffToday.outboxTrouble : StaffToday.outboxNote
    rows: StaffOutbox.rows
    emptyText: I18n.t(StaffOutbox.isWaiting ? "staff.waiting" : "staff.outbox.nothing")
    row: StaffEntryRow {
        id: entry
        required property var modelData
        width: page.contentWidth - 64
        sign: modelData.sign
        title: modelData.title
        note: modelData.note
        reason: modelData.reason
        StaffButton {
            objectName: "outbox.retry." + entry.modelData.entryId
            visible: entry.modelData.canRetry
            text: entry.modelData.action
            onClicked: StaffOutbox.retry(entry.modelData.kind, entry.modelData.entryId)
        }
    }
}
