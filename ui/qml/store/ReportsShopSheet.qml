pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* This shop, all of the chain, or another one. */
Sheet {
    id: sheet
    objectName: "ReportsShopSheet"
    title: I18n.t("store.period.shop")
    onDismissed: StoreNavigator.closeSheet()

    ScrollArea {
        width: parent.width
        height: Math.min(list.height, sheet.maximumInnerHeight - 220)
        innerHeight: list.height
        ground: Theme.s1
        Column {
            id: list
            width: sheet.innerWidth
            spacing: 16
            Repeater {
                model: Period.sites
                KioskButton {
                    required property var modelData
                    objectName: "shop." + modelData.siteId
                    width: list.width
                    height: 88
                    role: "body"
                    isSelected: Period.site === modelData.siteId
                    Accessible.role: Accessible.RadioButton
                    Accessible.checked: isSelected
                    text: modelData.text
                    onClicked: {
                        StoreNavigator.closeSheet();
                        Period.pickSite(modelData.siteId);
                    }
                }
            }
        }
    }
    KioskButton {
        objectName: "shop.cancel"
        width: parent.width
        height: 88
        kind: "quiet"
        role: "body"
        focus: true
        text: I18n.t("common.cancel")
        onClicked: StoreNavigator.closeSheet()
    }
}
