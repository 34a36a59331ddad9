import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* What is looked for; touched, it is typed on a sheet of its own: `Typing` as field "orders". */
T.AbstractButton {
    id: field

    property string what: ""
    signal cleared

    objectName: "orders.search"
    implicitHeight: 72
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.Button
    Accessible.name: I18n.t("staff.orders.search")
    Accessible.description: what
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()
    onClicked: {
        Typing.ask("orders", I18n.t("staff.orders.search"), what, "text", true);
        StaffNavigator.openSheet("staff/StaffCodeSheet");
    }

    background: Rectangle {
        radius: height / 2
        color: field.down ? Theme.s2 : "transparent"
        border { width: 2; color: Theme.edge }
    }
    contentItem: Item {
        Icon { x: 26; anchors.verticalCenter: parent.verticalCenter; name: "search"; size: 32; tint: Theme.text2 }
        StaffWords {
            x: 76
            y: (parent.height - lineHeight) / 2
            width: parent.width - x - (field.what === "" ? 24 : 80)
            size: 26
            color: field.what === "" ? Theme.text2 : Theme.text
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: field.what === "" ? I18n.t("staff.orders.search") : field.what
            Accessible.ignored: true
        }
    }
    RoundButton {
        visible: field.what !== ""
        objectName: "orders.clear"
        anchors { right: parent.right; rightMargin: 4; verticalCenter: parent.verticalCenter }
        width: 64; height: 64
        iconSize: 32
        iconName: "x"
        text: I18n.t("common.clear")
        background: null
        onClicked: field.cleared()
    }
    FocusRing { isShown: field.visualFocus; around: 36 }
}
