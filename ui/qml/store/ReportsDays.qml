import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* Which days and which shop: the same for reports and for the list of visits. */
Item {
    id: bar

    readonly property var choices: ["today", "week", "month", "last_month", "other"]
    readonly property bool hasShops: Period.sites.length > 1
    readonly property real shopWidth: Theme.isPortrait ? width : 420

    implicitHeight: Theme.isPortrait && hasShops ? 72 * 2 + 16 : 72

    Segments {
        width: bar.hasShops && !Theme.isPortrait ? bar.width - bar.shopWidth - 24 : bar.width
        height: 72
        name: "period"
        options: bar.choices.map(choice => I18n.t("store.period." + choice))
        current: bar.choices.indexOf(Period.choice)
        onPicked: index => {
            if (bar.choices[index] === "other") {
                Period.beginPicking();
                StoreNavigator.openSheet("ReportsDaysSheet");
            } else {
                Period.pick(bar.choices[index]);
            }
        }
    }
    T.AbstractButton {
        id: shop
        objectName: "period.shop"
        visible: bar.hasShops
        x: bar.width - width
        y: Theme.isPortrait ? 88 : 0
        width: bar.shopWidth
        height: 72
        focusPolicy: Qt.StrongFocus
        Accessible.role: Accessible.ComboBox
        Accessible.name: I18n.t("store.period.shop") + ": " + Period.siteText
        Keys.onReturnPressed: click()
        onClicked: StoreNavigator.openSheet("ReportsShopSheet")
        background: Rectangle {
            radius: height / 2
            color: shop.down ? Theme.s2 : "transparent"
            border { width: 2; color: Theme.edge }
        }
        contentItem: Item {
            Words {
                x: 32
                anchors.verticalCenter: parent.verticalCenter
                width: parent.width - x - 72
                role: "small"
                weight: Font.Medium
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
                text: Period.siteText
                Accessible.ignored: true
            }
            Icon {
                anchors { right: parent.right; rightMargin: 24; verticalCenter: parent.verticalCenter }
                name: "chevron-down"
                size: 34
            }
        }
        FocusRing { isShown: shop.visualFocus; around: 36 }
    }
}
