import QtQuick
import QtQuick.Templates as T
import Kiosk
import "../components"

/* One fact: what it is above, what was typed below; touched, it is typed on a sheet of its own, which tells
   `Typing.entered` with this `field`. */
T.AbstractButton {
    id: row

    required property string field
    required property string label
    property string value: ""
    property string kind: "text"
    property bool mayBeEmpty: true

    objectName: "field." + field
    implicitHeight: 104
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.EditableText
    Accessible.name: label
    Accessible.description: value
    Keys.onReturnPressed: click()
    onClicked: {
        Typing.ask(field, label, value, kind, mayBeEmpty);
        StoreNavigator.openSheet("TypeSheet");
    }

    background: Rectangle {
        radius: Theme.radiusControl
        color: row.down ? Theme.s2 : Theme.s1
        border { width: 2; color: Theme.edge }
    }
    contentItem: Item {
        Words {
            x: 28
            y: 12
            width: parent.width - 56
            role: "staff"
            color: Theme.text2
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: row.label
            Accessible.ignored: true
        }
        Words {
            x: 28
            y: 44
            width: parent.width - 56
            thai: false
            role: "body"
            weight: Font.Medium
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            color: row.value === "" ? Theme.text2 : Theme.text
            text: row.value === "" ? "–" : row.value
            Accessible.ignored: true
        }
    }
    FocusRing { isShown: row.visualFocus }
}
