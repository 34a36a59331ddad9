import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* What stands in a field; touched, it is typed on a sheet of its own. */
T.AbstractButton {
    id: field

    required property string label
    required property string value
    property string unit: ""
    property string emptyText: I18n.t("tech.field.empty")

    height: 72
    focusPolicy: Qt.StrongFocus
    text: label
    Accessible.role: Accessible.EditableText
    Accessible.name: label
    Accessible.description: value === "" ? emptyText : value + " " + unit
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    background: Rectangle {
        radius: Theme.radiusTile
        color: field.down ? Theme.line : Theme.s2
        border { width: 2; color: Theme.edge }
    }
    contentItem: Item {
        Words {
            x: 20
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - 40 - (counts.visible ? counts.width + 12 : 0)
            role: "small"
            color: field.value === "" ? Theme.text2 : Theme.text
            wrapMode: Text.NoWrap
            elide: Text.ElideMiddle
            text: field.value === "" ? field.emptyText : field.value
            Accessible.ignored: true
        }
        Words {
            id: counts
            visible: field.unit !== "" && field.value !== ""
            anchors.verticalCenter: parent.verticalCenter
            x: parent.width - width - 20
            role: "small"
            textScale: 0.86
            color: Theme.text2
            wrapMode: Text.NoWrap
            text: field.unit
            Accessible.ignored: true
        }
    }
    FocusRing { isShown: field.visualFocus; around: Theme.radiusTile }
}
