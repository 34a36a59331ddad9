import QtQuick
import Kiosk
import "../components"

/* A slip before the kiosk's own camera: found by its mini-QR, checked, taken for an amount. */
StaffPadSheet {
    id: sheet
    objectName: "StaffSlipSheet"
    title: I18n.t("staff.slip.title")
    hasPad: needsAmount

    readonly property string stage: StaffMoney.slipStage
    readonly property bool needsAmount: stage === "found" && StaffMoney.slipSatang < 0
    readonly property int satang: needsAmount ? entry.satang : StaffMoney.slipSatang

    /* The picture is made as large as its place once that is known. */
    property bool isStanding: false

    onDismissed: StaffNavigator.closeSheet()
    Component.onCompleted: isStanding = true
    Component.onDestruction: StaffMoney.stopScanning()

    words: [
        Item {
            visible: sheet.stage === "looking"
            width: parent.width
            height: Math.round(width * 9 / 16)
            Rectangle { anchors.fill: parent; radius: Theme.radiusTile; color: Theme.s2 }
            LiveView {
                id: live
                objectName: "slip.live"
                anchors.fill: parent
                active: sheet.isStanding && sheet.stage === "looking"
            }
            WaitRing {
                anchors.centerIn: parent
                visible: !live.hasPicture
                width: 72; height: 72
                stroke: 8
                tint: Theme.gold
            }
            RoundMask { anchors.fill: parent; ground: Theme.s1 }
            Rectangle {
                anchors.centerIn: parent
                visible: live.hasPicture
                width: 300; height: 300
                radius: Theme.radiusControl
                color: "transparent"
                border { width: 4; color: Theme.gold }
            }
        },
        Words {
            visible: sheet.stage === "looking"
            width: parent.width
            role: "small"
            textScale: 1
            horizontalAlignment: Text.AlignHCenter
            text: I18n.t("staff.slip.hold")
            Accessible.role: Accessible.AlertMessage
        },
        StatusRow {
            visible: sheet.stage === "failed"
            width: parent.width
            role: "body"
            iconName: "triangle-alert"
            tone: Theme.bad
            ink: Theme.text
            text: StaffMoney.slipTrouble
        },
        StatusRow {
            visible: sheet.stage === "taken"
            width: parent.width
            role: "body"
            iconName: "check"
            tone: Theme.ok
            ink: Theme.text
            text: I18n.t("staff.slip.taken")
        },
        StatusRow {
            visible: sheet.stage === "found"
            width: parent.width
            role: "body"
            iconName: sheet.needsAmount ? "eye" : "check"
            tone: sheet.needsAmount ? Theme.gold : Theme.ok
            ink: Theme.text
            text: sheet.needsAmount ? I18n.t("staff.slip.look")
                : I18n.t("staff.slip.checked", { amount: I18n.money(StaffMoney.slipSatang), receiver: StaffMoney.slipReceiver })
        }
    ]
    pad: [
        StaffAmount {
            id: entry
            width: parent.width
            hint: I18n.t("staff.slip.amount")
        }
    ]
    buttons: [
        KioskButton {
            objectName: "slip.take"
            visible: sheet.stage === "found"
            width: parent.width
            height: 104
            focus: true
            kind: "primary"
            role: "title"
            textScale: 0.9
            reason: sheet.satang > 0 ? "" : I18n.t("staff.slip.take.none")
            text: I18n.t("staff.slip.take", { amount: I18n.money(sheet.satang) })
            onClicked: StaffMoney.takeSlip(sheet.satang)
        },
        KioskButton {
            objectName: "slip.again"
            visible: sheet.stage === "failed" || sheet.stage === "found"
            width: parent.width
            height: 88
            kind: sheet.stage === "failed" ? "primary" : "quiet"
            role: "small"
            textScale: 1
            iconName: "scan-qr-code"
            text: I18n.t("staff.slip.again")
            onClicked: StaffMoney.scanAgain()
        },
        KioskButton {
            objectName: "slip.close"
            width: parent.width
            height: 88
            role: "small"
            textScale: 1
            text: I18n.t(sheet.stage === "taken" ? "common.done" : "common.cancel")
            onClicked: StaffNavigator.closeSheet()
        }
    ]
}
