pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk
import "../components"

/* Who it is: face, name, what they are, what they said of themselves, what they agreed to; what can be done. */
Column {
    id: facts

    readonly property var card: Person.card
    readonly property bool isStaff: Person.isStaff

    spacing: 24

    Row {
        width: parent.width
        spacing: 28
        PersonFace {
            id: face
            width: 160; height: 160
            radius: 80
            pictureKey: facts.card.pictureKey ?? ""
        }
        Column {
            width: parent.width - face.width - 28
            anchors.verticalCenter: parent.verticalCenter
            spacing: 4
            Words {
                objectName: "person.name"
                width: parent.width
                role: text.length > 20 ? "title" : "h2"
                weight: Font.DemiBold
                wrapMode: Text.Wrap
                text: facts.card.name ?? ""
            }
            Row {
                spacing: 12
                PersonSign { anchors.verticalCenter: parent.verticalCenter; kind: facts.card.kind ?? "customer" }
                Words {
                    objectName: "person.kind"
                    role: "small"
                    text: (facts.card.kindText ?? "") + " · " + (facts.card.visitsText ?? "")
                }
            }
            Words {
                visible: !facts.isStaff
                width: parent.width
                role: "small"
                textScale: 0.9
                color: Theme.text2
                text: (facts.card.lastText ?? "") === "" ? I18n.t("store.people.never") : I18n.t("store.people.last", { when: facts.card.lastText })
            }
        }
    }
    GridLayout {
        width: parent.width
        columns: 2
        columnSpacing: 16
        rowSpacing: 16
        uniformCellWidths: true

        component Action: KioskButton {
            Layout.preferredHeight: 88
            role: "small"
            iconSize: 32
        }
        Action {
            objectName: "person.edit"
            visible: !Person.isGuest
            text: I18n.t("store.person.edit")
            onClicked: {
                Person.beginEditing();
                StoreNavigator.go("edit");
            }
        }
        Action {
            objectName: "person.turn"
            visible: !Person.isGuest
            reason: !Person.isStaff && !Person.canBeStaff ? I18n.t("store.person.to_staff.photos") : ""
            text: I18n.t(Person.isStaff ? "store.person.to_customer" : "store.person.to_staff")
            onClicked: StoreNavigator.openSheet("PersonKindSheet")
        }
        Action {
            objectName: "person.merge"
            text: I18n.t("store.person.merge")
            onClicked: StoreNavigator.go("merge")
        }
        Action {
            objectName: "person.split"
            visible: !Person.isGuest
            reason: (facts.card.faces ?? 0) < 2 ? I18n.t("store.person.split.faces") : ""
            text: I18n.t("store.person.split")
            onClicked: StoreNavigator.go("split")
        }
        Action {
            objectName: "person.forget"
            Layout.columnSpan: Person.isGuest ? 1 : 2
            iconName: "trash-2"
            isWaiting: Person.isSaving
            text: I18n.t("store.person.forget")
            onClicked: StoreNavigator.openSheet("ForgetSheet")
        }
    }
    Column {
        visible: !Person.isGuest
        width: parent.width
        spacing: 12
        Repeater {
            model: Person.rows
            Item {
                id: line
                required property var modelData
                /* A long one stands below what it is. */
                readonly property bool isLong: value.implicitWidth > width - label.implicitWidth - 24
                width: parent.width
                height: value.y + value.height
                Words { id: label; role: "small"; color: Theme.text2; text: line.modelData.label }
                Words {
                    id: value
                    y: line.isLong ? label.height : 0
                    width: parent.width
                    horizontalAlignment: Text.AlignRight
                    role: "small"
                    wrapMode: Text.Wrap
                    text: line.modelData.value
                }
            }
        }
    }
    Words {
        width: parent.width
        role: "small"
        textScale: 0.9
        color: Theme.text2
        text: Person.isGuest ? I18n.counted("store.person.guest_note", Store.returningDays) : Person.agreedText
    }
}
