pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What is held right now; deleting one face or all (asked once more); finishing. */
Sheet {
    id: sheet
    objectName: "MyDataSheet"
    readonly property bool areSeveral: Session.holdsFace && Together.isGroup
    readonly property int columns: Theme.isPortrait ? 2 : 3
    readonly property real actionHeight: Theme.isPortrait ? 128 : 104
    /* Whose face is to be deleted: a person's id, or everyone's. */
    property string asked: ""
    property bool areAllAsked: false
    readonly property bool isAsking: Session.holdsFace && (areAllAsked || asked !== "")

    sheetWidth: areSeveral && !Theme.isPortrait ? 1400 : 1080
    title: I18n.t("data.title")
    onDismissed: Navigator.closeSheet()

    StatusRow {
        width: parent.width
        role: "body"
        iconName: Session.holdsFace ? "scan-face" : "check"
        tone: Session.holdsFace ? Theme.text : Theme.ok
        ink: Theme.text
        text: Together.faceCount > 1 ? I18n.t("data.faces", { n: Together.faceCount }) : I18n.t(Session.holdsFace ? "data.face" : "data.none")
    }
    Grid {
        visible: sheet.areSeveral && !sheet.isAsking
        width: parent.width
        columns: sheet.columns
        columnSpacing: 48
        rowSpacing: 24
        Repeater {
            model: sheet.areSeveral ? Together.people : []
            PersonRow {
                id: row
                required property var modelData
                width: (sheet.innerWidth - 48 * (sheet.columns - 1)) / sheet.columns
                personId: modelData.personId
                name: modelData.name
                holdsFace: modelData.holdsFace
                RoundButton {
                    objectName: "myData.delete." + row.personId
                    width: 88; height: 88
                    isOutlined: true
                    iconName: "trash-2"
                    text: I18n.t("consent.withdraw.one")
                    onClicked: sheet.asked = row.personId
                }
            }
        }
    }
    StatusRow {
        visible: Session.orderCode !== ""
        width: parent.width
        role: "body"
        iconName: "credit-card"
        tone: Theme.text
        ink: Theme.text
        text: I18n.t("data.order", { code: Session.orderCode })
    }
    StatusRow {
        objectName: "myData.kept"
        visible: Delivery.isKept
        width: parent.width
        role: "body"
        iconName: "scan-face"
        tone: Theme.text
        ink: Theme.text
        text: I18n.t("keep.until", { date: Delivery.keepDate })
    }
    NoticeLine {
        width: parent.width
        visible: Session.noticeKey === "consent.withdraw.done" || Session.noticeKey === "together.withdrawn"
    }
    Words {
        visible: sheet.isAsking
        width: parent.width
        text: I18n.t(sheet.asked !== "" ? "consent.withdraw.confirm_one" : sheet.areSeveral ? "consent.withdraw.confirm_all" : "consent.withdraw.confirm")
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "myData.deleteFace"
        visible: Session.holdsFace
        width: parent.width
        height: sheet.actionHeight
        iconName: "trash-2"
        kind: sheet.isAsking ? "primary" : "secondary"
        text: I18n.t(sheet.asked !== "" ? "consent.withdraw.one" : sheet.areSeveral ? "consent.withdraw.all" : "consent.withdraw.action")
        onClicked: {
            if (sheet.asked !== "")
                Together.withdraw(sheet.asked);
            else if (sheet.areAllAsked)
                Together.withdrawAll();
            sheet.areAllAsked = !sheet.isAsking;
            sheet.asked = "";
        }
    }
    KioskButton {
        objectName: "myData.stopKeeping"
        visible: Delivery.isKept && !sheet.isAsking
        width: parent.width
        height: sheet.actionHeight
        role: "body"
        iconName: "trash-2"
        text: I18n.t("keep.stop")
        onClicked: Delivery.stopKeeping()
    }
    KioskButton {
        objectName: "myData.finish"
        visible: !sheet.isAsking
        width: parent.width
        height: sheet.actionHeight
        text: I18n.t("common.finish")
        onClicked: Navigator.openSheet("FinishSheet")
    }
    KioskButton {
        objectName: "myData.cancel"
        width: parent.width
        height: 96
        kind: "quiet"
        role: "body"
        focus: true
        text: I18n.t(sheet.isAsking ? "common.cancel" : "common.ok")
        onClicked: {
            if (!sheet.isAsking)
                Navigator.closeSheet();
            sheet.asked = "";
            sheet.areAllAsked = false;
        }
    }
}
