import QtQuick
import Kiosk
import "../components"

/* The second step: what they say of themselves. */
FocusScope {
    id: step

    Column {
        width: Math.min(parent.width, 1120)
        anchors.horizontalCenter: parent.horizontalCenter
        spacing: 32
        Words {
            width: parent.width
            role: "h2"
            weight: Font.DemiBold
            text: I18n.t("store.facts.title.new")
        }
        PersonForm {
            width: parent.width
            facts: Enrolment.facts
            onChanged: (field, value) => Enrolment.setFact(field, value)
        }
    }
    KioskButton {
        objectName: "enrol.toPictures"
        anchors { bottom: parent.bottom; horizontalCenter: parent.horizontalCenter }
        width: Math.min(parent.width, 1120)
        height: 112
        kind: "primary"
        iconName: "camera"
        reason: Enrolment.factsProblem
        text: I18n.t("store.enrol.to_pictures")
        onClicked: Enrolment.toPictures()
    }
}
