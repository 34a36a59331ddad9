pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* A payment that waits for staff: whose, what happened, the sums, what to do. `isFull` with all that can be done and
   what to do in words; else the last two. The recommended one of the oldest is gold. */
Item {
    id: row

    required property var decision
    required property bool isOldest
    property bool isFull: false
    readonly property int firstAction: isFull ? 0 : Math.max(0, decision.actions.length - 2)
    readonly property bool isBelow: width < (isFull ? 1100 : 820)
    readonly property real textWidth: isBelow ? width - 190 : width - 190 - buttons.width - 20

    implicitHeight: isBelow ? texts.height + buttons.height + 48 : Math.max(108, texts.height + 32)
    height: implicitHeight

    function act(action: string) {
        if (StaffMoney.begin(decision.paymentId, action))
            StaffNavigator.openSheet("staff/StaffDecideSheet");
        else if (action === "scan_slip") {
            StaffMoney.scan(decision.paymentId);
            StaffNavigator.openSheet("staff/StaffSlipSheet");
        }
    }

    Column {
        id: whose
        y: row.isBelow ? 16 : (row.height - height) / 2
        width: 170
        StaffWords { width: parent.width; thai: false; weight: Font.DemiBold; wrapMode: Text.NoWrap; text: row.decision.code }
        StaffWords { width: parent.width; size: 22; color: Theme.text2; wrapMode: Text.NoWrap; text: row.decision.when }
    }
    Column {
        id: texts
        x: 190
        y: row.isBelow ? 16 : (row.height - height) / 2
        width: row.textWidth
        StaffWords { width: parent.width; weight: Font.DemiBold; text: row.decision.title }
        StaffWords { width: parent.width; size: 22; color: Theme.text2; text: row.decision.sums }
        StaffWords { visible: row.isFull; width: parent.width; size: 22; topPadding: 8; height: contentHeight + 8; text: row.decision.todo }
    }
    Row {
        id: buttons
        x: row.width - width
        y: row.isBelow ? row.height - height - 16 : (row.height - height) / 2
        spacing: 16
        Repeater {
            model: row.decision.actions.length - row.firstAction
            StaffButton {
                required property int index
                readonly property string what: row.decision.actions[row.firstAction + index]
                objectName: "decide." + row.decision.paymentId + "." + what
                kind: row.isOldest && row.firstAction + index === row.decision.actions.length - 1 ? "primary" : "secondary"
                text: row.decision.actionTexts[row.firstAction + index]
                Accessible.description: row.decision.code + ", " + row.decision.title
                onClicked: row.act(what)
            }
        }
    }
}
