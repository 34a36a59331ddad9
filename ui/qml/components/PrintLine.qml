pragma ComponentBehavior: Bound
import QtQuick
import Kiosk

/* One photo on one paper: which, how large, glossy or matte, how many. */
Item {
    id: row
    required property string photoId
    required property string paper
    required property bool isGlossy
    required property int copies
    required property int index
    height: 160
    Photo { y: 24; width: 112; height: 112; photoId: row.photoId; saysMissing: false }
    Words { x: 136; y: 8; text: I18n.t("basket.size.cm", { size: row.paper }); weight: Font.Medium; textScale: 1 }
    Row {
        x: 136
        y: 72
        spacing: 12
        Repeater {
            model: [true, false]
            KioskButton {
                required property bool modelData
                objectName: "basket." + (modelData ? "glossy." : "matte.") + row.index
                height: 72
                isPill: true
                role: "small"
                maximumLines: 1
                isSelected: row.isGlossy === modelData
                text: I18n.t(modelData ? "basket.glossy" : "basket.matte")
                onClicked: Basket.setGlossy(row.index, modelData)
            }
        }
    }
    Row {
        anchors { right: parent.right; verticalCenter: parent.verticalCenter }
        RoundButton {
            objectName: "basket.fewer." + row.index
            width: 80; height: 80
            isOutlined: true
            iconName: "minus"
            text: I18n.t("basket.fewer")
            onClicked: Basket.setCopies(row.index, row.copies - 1)
        }
        Words {
            anchors.verticalCenter: parent.verticalCenter
            width: 92
            horizontalAlignment: Text.AlignHCenter
            role: "h2"
            weight: Font.DemiBold
            textScale: 1
            text: row.copies
        }
        RoundButton {
            objectName: "basket.more." + row.index
            width: 80; height: 80
            isOutlined: true
            iconName: "plus"
            text: I18n.t("basket.more")
            onClicked: Basket.setCopies(row.index, row.copies + 1)
        }
    }
}
