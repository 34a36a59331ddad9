import QtQuick
import Kiosk

/* The order's code, large: what staff ask for. */
Rectangle {
    id: strip

    required property string code

    height: Math.max(label.height, figure.height) + 32
    radius: Theme.radiusTile
    color: Theme.s2

    Words {
        id: label
        x: 32
        anchors.verticalCenter: parent.verticalCenter
        width: parent.width - figure.width - 96
        text: I18n.t("deliver.code")
    }
    Words {
        id: figure
        objectName: "payment.code"
        anchors { right: parent.right; rightMargin: 32; verticalCenter: parent.verticalCenter }
        role: "h1"
        textScale: 1
        thai: false
        weight: Font.DemiBold
        wrapMode: Text.NoWrap
        font.letterSpacing: 4
        text: strip.code
    }
}
