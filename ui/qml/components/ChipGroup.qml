pragma ComponentBehavior: Bound
import QtQuick

/* One of several, or any: a heading and pills that wrap. `picked` says which; -1 is any. */
Column {
    id: group

    property string title: ""
    property string anyText: I18n.t("results.filter.any")
    property string name: ""
    required property var options
    property int current: -1
    signal picked(int index)

    spacing: 20

    Words {
        visible: group.title !== ""
        width: parent.width
        role: "title"
        weight: Font.DemiBold
        text: group.title
    }
    Flow {
        width: parent.width
        spacing: 16
        Repeater {
            model: [group.anyText].concat(group.options)
            KioskButton {
                required property string modelData
                required property int index
                objectName: group.name + "." + (index === 0 ? "any" : index - 1)
                height: 80
                isPill: true
                role: "small"
                maximumLines: 1
                isSelected: group.current === index - 1
                Accessible.role: Accessible.RadioButton
                Accessible.checked: isSelected
                text: modelData
                onClicked: group.picked(index - 1)
            }
        }
    }
}
