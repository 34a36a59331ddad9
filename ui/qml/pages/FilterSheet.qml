pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Narrows the results by time, place and photographer; each choice works at once behind the sheet. */
Sheet {
    id: sheet
    objectName: "FilterSheet"
    title: I18n.t("results.filter")
    onDismissed: Navigator.closeSheet()

    component Choice: ChipGroup {
        required property var choices
        width: groups.width
        visible: choices.length > 1
        options: choices.map(choice => choice.text)
        current: choices.findIndex(choice => choice.isOn)
    }

    ScrollArea {
        width: parent.width
        height: Math.min(groups.height, sheet.maximumInnerHeight - 260)
        innerHeight: groups.height
        ground: Theme.s1

        Column {
            id: groups
            width: sheet.innerWidth
            spacing: 40
            Choice {
                name: "filter.time"
                title: I18n.t("results.filter.time")
                choices: Results.hours
                onPicked: index => Results.filterHour(index)
            }
            Choice {
                name: "filter.place"
                title: I18n.t("results.filter.place")
                choices: Results.places
                onPicked: index => Results.filterPlace(index)
            }
            Choice {
                name: "filter.photographer"
                title: I18n.t("results.filter.photographer")
                choices: Results.photographers
                onPicked: index => Results.filterPhotographer(index)
            }
        }
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "filter.done"
        width: parent.width
        height: 128
        focus: true
        kind: "primary"
        text: I18n.t("manual.search")
        onClicked: Navigator.closeSheet()
    }
}
