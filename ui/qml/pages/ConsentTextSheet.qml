pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The whole text of the consent, in the reading face. */
Sheet {
    id: sheet
    objectName: "ConsentTextSheet"
    title: I18n.t("consent.full.title")
    onDismissed: Navigator.closeSheet()

    ScrollArea {
        id: area
        width: parent.width
        height: Math.min(paragraphs.height, sheet.maximumInnerHeight - 240)
        innerHeight: paragraphs.height
        ground: Theme.s1

        Column {
            id: paragraphs
            width: area.width
            spacing: 20
            Repeater {
                model: 8
                Words {
                    required property int index
                    width: paragraphs.width
                    role: "body"
                    isReading: true
                    text: I18n.t(index === 4 && Session.readsNumbers ? "consent.full.bib" : "consent.full." + (index + 1), {
                        n: Session.keepMinutes, operator: Session.operatorName, event: Session.eventName, contact: Session.contact
                    })
                }
            }
        }
    }
    KioskButton {
        objectName: "close"
        width: parent.width
        height: 112
        focus: true
        text: I18n.t("common.ok")
        onClicked: Navigator.closeSheet()
    }
}
