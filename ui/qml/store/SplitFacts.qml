import QtQuick
import Kiosk
import "../components"

/* Who the other person is. */
FocusScope {
    id: step

    readonly property real inner: Math.min(width, 1120)

    Column {
        width: step.inner
        anchors.horizontalCenter: parent.horizontalCenter
        spacing: 24
        Words {
            width: parent.width
            role: Theme.isPortrait ? "h2" : "title"
            weight: Font.DemiBold
            text: I18n.t("store.split.who")
        }
        Segments {
            width: parent.width
            height: 80
            name: "split.kind"
            options: [I18n.t("store.people.kind.customer"), I18n.t("store.people.kind.staff")]
            current: Split.isStaff ? 1 : 0
            onPicked: index => Split.beStaff(index === 1)
        }
        PersonForm {
            width: parent.width
            facts: Split.facts
            onChanged: (field, value) => Split.setFact(field, value)
        }
    }
    Row {
        anchors { bottom: parent.bottom; horizontalCenter: parent.horizontalCenter }
        spacing: 24
        KioskButton {
            objectName: "split.back"
            width: (step.inner - 24) / 3
            height: 104
            text: I18n.t("common.back")
            onClicked: Split.goBack()
        }
        KioskButton {
            objectName: "split.toConsent"
            width: (step.inner - 24) / 3 * 2
            height: 104
            kind: "primary"
            reason: Split.factsProblem !== "" ? Split.factsProblem : Split.problem
            text: I18n.t("store.split.next")
            onClicked: Split.goOn()
        }
    }
}
