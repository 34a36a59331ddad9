import QtQuick
import Kiosk

/* Something that belongs to an order or waits to go out: its sign, what it is, when and how it stands, why; actions
   at the right. */
Item {
    id: row

    default property alias actions: buttons.data
    property string sign: "ring"
    property string title: ""
    property string note: ""
    property string reason: ""

    implicitHeight: Math.max(texts.height, buttons.height) + 24

    StateSign { id: dot; y: 12 + 10; sign: row.sign }
    Column {
        id: texts
        x: 34
        y: (row.height - height) / 2
        width: row.width - x - (buttons.width > 0 ? buttons.width + 20 : 0)
        StaffWords { width: parent.width; weight: Font.Medium; text: row.title }
        StaffWords { visible: text !== ""; width: parent.width; size: 22; color: Theme.text2; text: row.note }
        StaffWords { visible: text !== ""; width: parent.width; size: 22; text: row.reason }
    }
    Row {
        id: buttons
        x: row.width - width
        y: (row.height - height) / 2
        spacing: 12
    }
}
