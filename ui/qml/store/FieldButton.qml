import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* A field of a form: what it is called, and what stands in it. Touched, it is typed on a sheet of its own. */
T.AbstractButton {
    id: field

    required property string label
    required property string value
    property string emptyText: ""

    height: 96
    focusPolicy: Qt.StrongFocus
    text: label
    Accessible.role: Accessible.EditableText
    Accessible.name: label
    Accessible.description: value
    Keys.onReturnPressed: click()
    Keys.onEnterPressed: click()

    background: Rectangle {
        radius: Theme.radiusTile
        color: field.down ? Theme.line : Theme.s2
        border { width: 2; color: Theme.edge }
    }
    contentItem: Item {
        Words {
            x: 24
            y: 10
            width: parent.width - 48
            role: "staff"
            textScale: 1.05
            color: Theme.text2
            wrapMode: Text.NoWrap
            text: field.label
            Accessible.ignored: true
        }
        Words {
            x: 24
            y: 44
            width: parent.width - 48
            role: "small"
            color: field.value === "" ? Theme.text2 : Theme.text
            wrapMode: Text.NoWrap
            elide: Text.ElideMiddle
            text: field.value === "" ? field.emptyText : field.value
            Accessible.ignored: true
        }
    }
    FocusRing { isShown: field.visualFocus; around: Theme.radiusTile }
}
