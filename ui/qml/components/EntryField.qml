import QtQuick
import Kiosk

/* What was typed, with a standing cursor; always above its keypad or keyboard. */
Rectangle {
    id: field

    property string text: ""
    property string hint: ""
    property bool isCode: true
    /* Off where it stands out of reach, and keys erase it. */
    property bool canClear: true
    signal cleared

    implicitHeight: Theme.lower ? 88 : 104
    clip: true
    radius: Theme.radiusControl
    color: Theme.s1
    border { width: 3; color: Theme.gold }
    Accessible.role: Accessible.EditableText
    Accessible.name: hint
    Accessible.description: text

    Row {
        anchors.verticalCenter: parent.verticalCenter
        /* Of a long text the end is seen. */
        x: field.isCode ? (parent.width - width) / 2 : Math.min(32, parent.width - 104 - width)
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
        visible: field.canClear && field.text !== ""
        anchors { right: parent.right; rightMargin: 8; verticalCenter: parent.verticalCenter }
        width: 80; height: Math.min(88, parent.height)
        iconName: "x"
        text: I18n.t("common.clear")
        background: null
        onClicked: field.cleared()
    }
}
