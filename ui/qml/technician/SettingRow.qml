pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"
import "../store"

/* One setting, as its own description makes it: what it is, what stands in it, what is usual, when it works. */
Item {
    id: row

    required property string name
    required property string kind
    required property string title
    required property string words
    required property string value
    required property string unit
    required property string standardText
    required property string worksText
    required property string problem
    required property var choices
    required property int choice
    required property bool isOn
    required property var rows
    required property bool isChanged
    required property bool isFixed

    property bool isNarrow: false
    readonly property real controlWidth: isNarrow ? width : Math.min(560, width * 0.45)
    readonly property real textWidth: isNarrow ? width - (kind === "switch" ? 120 : 0) : width - controlWidth - 40
    signal editAsked
    signal rowAsked(string row)
    signal newRowAsked

    objectName: "setting." + name
    height: Math.max(about.height, control.y - 24 + control.height) + 48

    Column {
        id: about
        y: 24
        width: row.textWidth
        spacing: 4
        Row {
            width: parent.width
            spacing: 16
            Words {
                width: Math.min(implicitWidth, parent.width - (mark.visible ? mark.width + 16 : 0))
                role: "small"
                weight: Font.DemiBold
                text: row.title
            }
            Rectangle {
                id: mark
                visible: row.isChanged
                width: changed.implicitWidth + 24
                height: 36
                radius: 18
                color: "transparent"
                border { width: 2; color: Theme.edge }
                Words {
                    id: changed
                    anchors.centerIn: parent
                    role: "staff"
                    textScale: 1
                    wrapMode: Text.NoWrap
                    text: I18n.t("tech.field.changed")
                }
            }
        }
        Words {
            visible: text !== ""
            width: parent.width
            role: "small"
            textScale: 0.86
            color: Theme.text2
            text: row.words
        }
        Words {
            width: parent.width
            role: "staff"
            textScale: 1.05
            color: Theme.text2
            text: row.standardText + " · " + row.worksText
        }
        TextAction {
            objectName: "setting." + row.name + ".standard"
            visible: row.isChanged && !row.isFixed
            x: -12
            iconName: "rotate-ccw"
            iconSize: 28
            textScale: 0.82
            text: I18n.t("tech.field.take_standard")
            Accessible.name: I18n.t("tech.field.take_standard") + ": " + row.title
            onClicked: TechnicianSettings.takeStandard(row.name)
        }
    }
    Column {
        id: control
        readonly property bool isBeside: !row.isNarrow || row.kind === "switch"
        x: isBeside ? row.width - width : 0
        y: isBeside ? 24 : about.y + about.height + 12
        width: row.kind === "switch" && row.isNarrow ? 100 : row.controlWidth
        spacing: 12

        Loader {
            width: parent.width
            sourceComponent: row.isFixed ? fixed : row.kind === "switch" ? flip : row.kind === "choice" ? pick : row.kind === "table" ? table : typed
        }
        StatusRow {
            objectName: "setting." + row.name + ".problem"
            visible: row.problem !== ""
            width: parent.width
            iconName: "triangle-alert"
            tone: Theme.bad
            ink: Theme.text
            text: row.problem
        }
    }

    Component {
        id: fixed
        StatusRow {
            iconName: "lock"
            ink: Theme.text
            wrapMode: Text.Wrap
            text: row.value === "" ? I18n.t("tech.field.empty") : row.value + (row.unit === "" ? "" : " " + row.unit)
        }
    }
    Component {
        id: typed
        ValueButton {
            objectName: "setting." + row.name + ".value"
            label: row.title
            value: row.value
            unit: row.unit
            onClicked: row.editAsked()
        }
    }
    Component {
        id: flip
        Item {
            height: 64
            Toggle {
                objectName: "setting." + row.name + ".value"
                anchors.right: parent.right
                text: row.title
                isOn: row.isOn
                onAsked: isWanted => TechnicianSettings.switch(row.name, isWanted)
            }
        }
    }
    Component {
        id: pick
        Flow {
            id: flow
            spacing: 12
            Repeater {
                model: row.choices
                KioskButton {
                    required property string modelData
                    required property int index
                    objectName: "setting." + row.name + "." + index
                    height: 68
                    width: Math.min(implicitWidth, flow.width)
                    isPill: true
                    role: "small"
                    textScale: 0.92
                    maximumLines: 1
                    isSelected: row.choice === index
                    Accessible.role: Accessible.RadioButton
                    Accessible.name: row.title + ": " + modelData
                    Accessible.checked: isSelected
                    text: modelData
                    onClicked: TechnicianSettings.choose(row.name, index)
                }
            }
        }
    }
    Component {
        id: table
        Column {
            id: lines
            spacing: 12
            Words {
                visible: row.rows.length === 0
                role: "small"
                textScale: 0.9
                color: Theme.text2
                text: I18n.t("tech.table.none")
            }
            Repeater {
                model: row.rows
                Item {
                    id: line
                    required property var modelData
                    width: lines.width
                    height: 72
                    Words {
                        anchors.verticalCenter: parent.verticalCenter
                        width: parent.width * 0.36 - 12
                        role: "small"
                        textScale: 0.92
                        maximumLineCount: 2
                        elide: Text.ElideRight
                        text: line.modelData.title
                    }
                    ValueButton {
                        objectName: "setting." + row.name + ".row." + line.modelData.row
                        x: parent.width * 0.36
                        width: parent.width * 0.64 - 84
                        label: row.title + ": " + line.modelData.title
                        value: line.modelData.value
                        unit: row.unit
                        onClicked: row.rowAsked(line.modelData.row)
                    }
                    RoundButton {
                        objectName: "setting." + row.name + ".remove." + line.modelData.row
                        x: parent.width - width
                        width: 72
                        height: 72
                        iconSize: 30
                        isOutlined: true
                        iconName: "trash-2"
                        text: I18n.t("tech.table.remove", { what: line.modelData.title })
                        onClicked: TechnicianSettings.removeRow(row.name, line.modelData.row)
                    }
                }
            }
            TextAction {
                objectName: "setting." + row.name + ".add"
                x: -12
                iconName: "plus"
                text: I18n.t("tech.table.add")
                Accessible.name: I18n.t("tech.table.add") + ": " + row.title
                onClicked: row.newRowAsked()
            }
        }
    }
}
