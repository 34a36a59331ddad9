import QtQuick
import Kiosk

/* The bar of the results in portrait: count, cheapest price, one honest hint. The page's primary lies on it. */
Rectangle {
    id: bar

    property string countText: ""
    property var satang: 0
    property string hint: ""
    property string hintAmount: ""
    property bool isOffer: true

    y: 1410
    width: Theme.gridWidth
    height: Theme.gridHeight - y
    color: Theme.s1
    Rectangle { visible: bar.color.a > 0; width: parent.width; height: 2; color: Theme.line }

    Words {
        x: 64; y: 46
        width: 952 - price.width - 24
        role: "title"
        weight: Font.Medium
        text: bar.countText
    }
    Money {
        id: price
        visible: bar.satang > 0
        anchors { right: parent.right; rightMargin: 64 }
        y: 40
        satang: bar.satang
        role: "h2"
        unitRole: "body"
    }
    StatusRow {
        x: 64; y: 128
        width: 952 - extra.width - 24
        visible: bar.hint !== ""
        iconName: bar.isOffer ? "tag" : "check"
        tone: Theme.gold
        ink: Theme.text
        text: bar.hint
    }
    Words {
        id: extra
        anchors { right: parent.right; rightMargin: 64 }
        y: 128
        role: "small"
        weight: Font.Medium
        text: bar.hintAmount
    }
}
