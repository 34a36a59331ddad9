pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What staff write down of a camera: name, shop, kind, and where its pictures come from. A field is touched and typed
   on a sheet of its own (`asked`). */
FocusScope {
    id: form

    signal asked(string field)

    implicitHeight: column.height
    height: implicitHeight

    component Label: Words {
        width: column.width
        role: "small"
        textScale: 0.84
        color: Theme.text2
    }
    component Field: FieldButton {
        required property string field
        objectName: "stream." + field
        width: column.width
        label: I18n.t("store.stream." + field)
        onClicked: form.asked(field)
    }

    Column {
        id: column
        width: form.width
        spacing: 16

        Field { field: "name"; value: Streams.name; emptyText: I18n.t("store.stream.name_hint"); focus: true }

        Label { text: I18n.t("store.stream.site") }
        Flow {
            width: parent.width
            spacing: 12
            Repeater {
                model: Store.siteNames
                KioskButton {
                    required property string modelData
                    required property int index
                    objectName: "stream.site." + index
                    height: 68
                    width: Math.min(implicitWidth, column.width)
                    isPill: true
                    role: "small"
                    textScale: 0.92
                    maximumLines: 1
                    isSelected: Streams.site === index
                    Accessible.role: Accessible.RadioButton
                    Accessible.checked: isSelected
                    text: modelData
                    onClicked: Streams.setSite(index)
                }
            }
            KioskButton {
                objectName: "stream.addSite"
                height: 68
                width: implicitWidth
                kind: "quiet"
                role: "small"
                textScale: 0.92
                iconName: "plus"
                iconSize: 30
                text: I18n.t("store.stream.add_site")
                onClicked: form.asked("site")
            }
        }

        Label { text: I18n.t("store.stream.kind") }
        Segments {
            width: parent.width
            height: 72
            name: "stream.kind"
            options: [I18n.t("store.stream.kind.webcam"), I18n.t("store.stream.kind.network"), I18n.t("store.stream.kind.clip")]
            current: Streams.kind
            onPicked: index => Streams.setKind(index)
        }
        Item {
            visible: Streams.kind === 0
            width: parent.width
            height: 88
            Words {
                width: parent.width - stepper.width - 24
                y: (parent.height - height) / 2
                role: "small"
                textScale: 0.92
                text: I18n.t("store.stream.number") + " · " + I18n.t("store.stream.number_first")
            }
            Row {
                id: stepper
                anchors.right: parent.right
                spacing: 16
                RoundButton {
                    objectName: "stream.numberLess"
                    width: 88; height: 88
                    isOutlined: true
                    iconName: "minus"
                    enabled: Streams.number > 0
                    text: I18n.t("store.stream.number_less")
                    onClicked: Streams.setNumber(Streams.number - 1)
                }
                Words {
                    width: 64
                    y: (88 - lineHeight) / 2
                    horizontalAlignment: Text.AlignHCenter
                    role: "title"
                    weight: Font.DemiBold
                    text: Streams.number
                }
                RoundButton {
                    objectName: "stream.numberMore"
                    width: 88; height: 88
                    isOutlined: true
                    iconName: "plus"
                    enabled: Streams.number < 9
                    text: I18n.t("store.stream.number_more")
                    onClicked: Streams.setNumber(Streams.number + 1)
                }
            }
        }
        Field { visible: Streams.kind === 1; field: "address"; value: Streams.address }
        Row {
            visible: Streams.kind === 1
            width: parent.width
            spacing: 16
            Field { field: "user"; width: (column.width - 16) / 2; value: Streams.user; emptyText: I18n.t("store.stream.none") }
            Field { field: "password"; width: (column.width - 16) / 2; value: Streams.passwordText; emptyText: I18n.t("store.stream.none") }
        }
        Field { visible: Streams.kind === 2; field: "path"; value: Streams.path }
    }
}
