pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Who works here. */
StaffListPage {
    id: page
    objectName: "staff.page.members"
    title: I18n.t("staff.place.members")
    rows: StaffMembers.rows
    actions: [
        StaffButton {
            objectName: "members.add"
            height: 64
            kind: "primary"
            iconName: "user-plus"
            text: I18n.t("staff.members.add")
            onClicked: {
                StaffMembers.edit("");
                StaffNavigator.openSheet("staff/StaffMemberSheet");
            }
        }
    ]
    row: StaffEntryRow {
        id: entry
        required property var modelData
        width: page.contentWidth - 64
        sign: modelData.isActive ? "dot" : "none"
        title: modelData.name
        note: modelData.role
        reason: modelData.note
        StaffButton {
            objectName: "members.pin." + entry.modelData.staffId
            visible: entry.modelData.isActive
            iconName: "lock"
            kind: "quiet"
            text: I18n.t("staff.members.pin")
            onClicked: {
                StaffMembers.edit(entry.modelData.staffId);
                StaffNavigator.openSheet("staff/StaffPinSheet");
            }
        }
        StaffButton {
            objectName: "members.change." + entry.modelData.staffId
            text: I18n.t("staff.members.change")
            onClicked: {
                StaffMembers.edit(entry.modelData.staffId);
                StaffNavigator.openSheet("staff/StaffMemberSheet");
            }
        }
    }
}
