import QtQuick
import Kiosk
import "../components"

/* A bank's slip before the camera, which looks for its code and nothing else. What is found lies beside the
   payment for staff; it pays nothing by itself. */
Sheet {
    id: sheet
    objectName: "SlipSheet"
    readonly property bool isNoted: Payment.slipStage === "noted"
    readonly property bool hasFailed: Payment.slipStage === "failed"

    title: I18n.t("slip.title")
    onDismissed: close()
    property bool isStanding: false
    Component.onCompleted: {
        isStanding = true;
        Payment.scanSlip();
    }
    Component.onDestruction: Payment.stopScanning()

    function close() {
        Navigator.closeSheet();
    }

    StatusRow {
        width: parent.width
        iconName: "shield-check"
        tone: Theme.text
        text: I18n.t("slip.private")
    }
    Item {
        visible: !sheet.isNoted
        width: parent.width
        height: Theme.lower ? 240 : Theme.isPortrait ? 600 : 420
        clip: true
        Accessible.role: Accessible.Graphic
        Accessible.name: I18n.t("slip.looking")
        Rectangle { anchors.fill: parent; color: Theme.s2 }
        LiveView {
            id: live
            anchors.fill: parent
            active: sheet.isStanding && Payment.slipStage !== "" && !sheet.isNoted
        }
        WaitRing {
            anchors.centerIn: parent
            visible: !live.hasPicture
            width: 72; height: 72
            stroke: 8
            tint: Theme.gold
        }
        RoundMask { anchors.fill: parent; ground: Theme.s1 }
    }
    StatusRow {
        objectName: "slip.state"
        width: parent.width
        role: "body"
        iconName: sheet.isNoted ? "check" : sheet.hasFailed ? "circle-help" : "scan-qr-code"
        tone: sheet.isNoted ? Theme.ok : Theme.gold
        ink: Theme.text
        text: I18n.t(sheet.isNoted ? "slip.noted" : sheet.hasFailed ? Payment.slipReason : "slip.looking")
        Accessible.role: Accessible.AlertMessage
        Accessible.name: text
    }
    foot: [
        KioskButton {
            objectName: "slip.close"
            width: parent.width
            height: Theme.lower ? 96 : 112
            focus: true
            text: I18n.t(sheet.isNoted ? "common.ok" : "common.cancel")
            onClicked: sheet.close()
        }
    ]
}
