import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* What is looked for; touched, it is typed on a sheet of its own. `asked` by `Typing` as field "search". */
T.AbstractButton {
    id: field

    property string what: ""
    signal cleared

    objectName: "people.search"
    implicitHeight: 72
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.Button
    Accessible.name: I18n.t("store.people.search")
    Accessible.description: what
    Keys.onReturnPressed: click()
    onClicked: {
        Typing.ask("search", I18n.t("store.people.search"), what, "text", true);
        StoreNavigator.openSheet("TypeSheet");
    }

    background: Rectangle {
        radius: height / 2
        color: field.down ? Theme.s2 : "transparent"
        border { width: 2; color: Theme.edge }
    }
    contentItem: Item {
        Icon { id: sign; x: 26; anchors.verticalCenter: parent.verticalCenter; name: "search"; size: 34; tint: Theme.text2 }
        Words {
            x: 78
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - x - (field.what === "" ? 24 : 80)
            role: "small"
            color: field.what === "" ? Theme.text2 : Theme.text
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: field.what === "" ? I18n.t("store.people.search") : field.what
            Accessible.ignored: true
        }
    }
    RoundButton {
        visible: field.what !== ""
        objectName: "people.clear"
        anchors { right: parent.right; rightMargin: 4; verticalCenter: parent.verticalCenter }
        width: 64; height: 64
        iconSize: 32
        iconName: "x"
        text: I18n.t("store.people.clear")
        background: null
        onClicked: field.cleared()
    }
    FocusRing { isShown: field.visualFocus; around: 36 }
}
