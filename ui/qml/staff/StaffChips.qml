pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* One of several, as pills that wrap: `picked` says which. */
Flow {
    id: chips

    required property var options
    property int current: 0
    property string name: ""
    signal picked(int index)

    spacing: 12
    Repeater {
        model: chips.options
        StaffButton {
            required property string modelData
            required property int index
            objectName: chips.name + "." + index
            height: 64
            isPill: true
            isSelected: chips.current === index
            text: modelData
            Accessible.role: Accessible.RadioButton
            Accessible.checked: isSelected
            onClicked: chips.picked(index)
        }
    }
}
