import QtQuick
import Kiosk
import "../components"

/* Asked before everything goes; says so when chosen photos are not paid. */
Sheet {
    objectName: "FinishSheet"
    title: I18n.t("finish.confirm")
    onDismissed: Navigator.closeSheet()

    Words {
        visible: Session.unpaidCount > 0
        width: parent.width
        color: Theme.text2
        text: I18n.t("finish.basket", { n: Session.unpaidCount })
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "finish.confirm"
        width: parent.width
        height: 128
        kind: "primary"
        iconName: "check"
        text: I18n.t("common.finish")
        onClicked: {
            Navigator.closeSheet();
            Session.finish();
        }
    }
    KioskButton {
        objectName: "finish.cancel"
        width: parent.width
        height: 112
        focus: true
        text: I18n.t("common.cancel")
        onClicked: Navigator.closeSheet()
    }
}
