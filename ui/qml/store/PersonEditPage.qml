import QtQuick
import Kiosk
import "../components"

/* What somebody says of themselves, typed anew. */
StorePage {
    id: page
    objectName: "page.edit"
    title: I18n.t("store.facts.title", { name: Person.name })
    backText: I18n.t("common.cancel")

    Connections {
        target: Person
        function onSaved(what: string) {
            StoreNavigator.back();
        }
    }
    PersonForm {
        x: (page.width - width) / 2
        y: page.contentTop + 24
        width: Math.min(page.contentWidth, 1120)
        focus: true
        facts: Person.facts
        onChanged: (field, value) => Person.setFact(field, value)
    }
    KioskButton {
        objectName: "edit.save"
        x: (page.width - width) / 2
        y: page.contentBottom - height - 16
        width: Math.min(page.contentWidth, 1120)
        height: 112
        kind: "primary"
        isWaiting: Person.isSaving
        reason: Person.factsProblem
        text: I18n.t("store.facts.save")
        onClicked: Person.saveFacts()
    }
}
