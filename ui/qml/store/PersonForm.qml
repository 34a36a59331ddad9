import QtQuick
import Kiosk
import "../components"

/* What somebody says of themselves; each touched field is typed on a sheet. `changed` with field and value. */
Column {
    id: form

    required property var facts
    readonly property real half: (width - 24) / 2
    readonly property var genders: ["female", "male", "unknown"]
    signal changed(string field, string value)

    spacing: 24

    Connections {
        target: Typing
        function onEntered(field: string, text: string) {
            form.changed(field, text);
        }
    }
    PersonField {
        width: parent.width
        field: "name"
        label: I18n.t("store.facts.name")
        value: form.facts.name
        mayBeEmpty: false
    }
    Column {
        width: parent.width
        spacing: 8
        Words {
            role: "staff"
            color: Theme.text2
            text: I18n.t("store.facts.gender")
        }
        Segments {
            width: parent.width
            height: 80
            name: "field.gender"
            options: form.genders.map(gender => I18n.t("store.facts.gender." + gender))
            current: form.genders.indexOf(form.facts.gender)
            onPicked: index => form.changed("gender", form.genders[index])
        }
    }
    Row {
        spacing: 24
        PersonField {
            width: form.half
            field: "birth_year"
            kind: "year"
            label: I18n.t("store.facts.birth_year")
            value: form.facts.birth_year
        }
        PersonField {
            width: form.half
            field: "phone"
            kind: "phone"
            label: I18n.t("store.facts.phone")
            value: form.facts.phone
        }
    }
    PersonField {
        width: parent.width
        field: "email"
        kind: "email"
        label: I18n.t("store.facts.email")
        value: form.facts.email
    }
    StatusRow {
        width: parent.width
        iconName: "circle-help"
        text: I18n.t("store.facts.hint")
    }
}
