import QtQuick
import Kiosk

/* What was typed, with a standing cursor; always above its keypad or keyboard. */
Rectangle {
    id: field

    property string text: ""
    property string hint: ""
    property bool isCode: true
    signal cleared

    implicitHeight: 104
    radius: Theme.radiusControl
    color: Theme.s1
    border { width: 3; color: Theme.gold }
    Accessible.role: Accessible.EditableText
    Accessible.name: hint
    Accessible.description: text

    Row {
        anchors.verticalCenter: parent.verticalCenter
        x: field.isCode ? (parent.width - width) / 2 : 32
        spacing: 6
        Words {
            id: typed
            textScale: 1
            role: field.isCode ? "h2" : "title"
            weight: field.isCode ? Font.DemiBold : Font.Normal
            font.letterSpacing: field.isCode ? 6 : 0
            thai: false
            wrapMode: Text.NoWrap
            text: field.text
            Accessible.ignored: true
        }
        Rectangle {
            anchors.verticalCenter: parent.verticalCenter
            width: 3; height: 56
            color: Theme.gold
        }
        Words {
            visible: field.text === ""
            anchors.verticalCenter: parent.verticalCenter
            color: Theme.text2
            wrapMode: Text.NoWrap
            text: field.hint
            Accessible.ignored: true
        }
    }
    Key {
        visible: field.text !== ""
        anchors { right: parent.right; rightMargin: 8; verticalCenter: parent.verticalCenter }
        width: 88; height: 88
        iconName: "x"
        text: I18n.t("common.clear")
        background: null
        onClicked: field.cleared()
    }
}
