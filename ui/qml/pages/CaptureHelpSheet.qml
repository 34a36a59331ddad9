import QtQuick
import Kiosk
import "../components"

/* No picture for 45 s: take one now, or go on without a face. The camera keeps looking meanwhile. */
Sheet {
    objectName: "CaptureHelpSheet"
    title: I18n.t("error.capture_timeout")
    onDismissed: Navigator.closeSheet()

    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "captureHelp.takeNow"
        width: parent.width
        height: 128
        visible: !Capture.asksLiveness
        focus: visible
        kind: "primary"
        iconName: "camera"
        text: I18n.t("capture.now")
        onClicked: {
            Navigator.closeSheet();
            Session.takeNow();
        }
    }
    KioskButton {
        objectName: "captureHelp.manual"
        width: parent.width
        height: 112
        focus: Capture.asksLiveness
        kind: Capture.asksLiveness ? "primary" : "secondary"
        text: I18n.t("attract.no_face")
        onClicked: Session.goManual()
    }
}
