import QtQuick
import Kiosk

/* Back · My data · Easy access · language, in fixed places; an unused place stays empty. */
Item {
    id: foot

    property bool hasBack: Session.canGoBack
    property bool hasMyData: true
    /* For staff, where Back would be. */
    property string staffText: ""

    x: Theme.isPortrait ? 64 : 48
    y: Theme.isPortrait ? 1776 : 944
    width: Theme.isPortrait ? 952 : 984
    height: Theme.footTarget

    component FootButton: KioskButton {
        kind: "quiet"
        role: "small"
        height: Theme.footTarget
        alignLeft: true
        textScale: Theme.largerText ? 1.16 : 1.08
        maximumLines: 1
    }

    FootButton {
        objectName: "foot.back"
        x: -8; width: 196
        visible: foot.hasBack
        iconName: "chevron-left"
        text: I18n.t("common.back")
        onClicked: Session.back()
    }
    Words {
        visible: foot.staffText !== "" && !foot.hasBack
        height: parent.height
        width: 430
        verticalAlignment: Text.AlignVCenter
        role: "small"
        weight: Font.Medium
        text: foot.staffText
    }
    FootButton {
        objectName: "foot.myData"
        x: (Theme.isPortrait ? 196 : 200) - 8; width: Theme.isPortrait ? 244 : 254
        visible: foot.hasMyData
        iconName: "shield-check"
        text: I18n.t("common.my_data")
        onClicked: Navigator.openSheet("MyDataSheet")
    }
    FootButton {
        objectName: "foot.aids"
        x: (Theme.isPortrait ? 442 : 457) - 8; width: 250
        iconName: "person-standing"
        text: I18n.t("common.aids")
        onClicked: Navigator.openSheet("AidsSheet")
    }
    LanguageSwitch {
        x: Theme.isPortrait ? 692 : 724
        anchors.verticalCenter: parent.verticalCenter
    }
}
