pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* One person: who they are and what can be done, their faces, their visits. */
StorePage {
    id: page
    objectName: "page.person"
    title: I18n.t("store.person.title")
    subtitle: Person.isShown ? (Person.card.sinceText ?? "") : ""

    readonly property real leftWidth: 600
    readonly property bool isEmpty: Person.visits.length === 0

    Connections {
        target: Person
        function onForgotten() {
            StoreNavigator.back();
        }
    }
    Words {
        visible: !Person.isShown
        x: page.contentX
        y: page.contentTop + 240
        width: page.contentWidth
        horizontalAlignment: Text.AlignHCenter
        color: Theme.text2
        text: I18n.t(Person.isMissing ? "store.person.missing" : "store.person.waiting")
    }
    ScrollArea {
        visible: Person.isShown && !Theme.isPortrait
        x: page.contentX
        y: page.contentTop
        width: page.leftWidth
        height: page.contentHeight
        innerHeight: aside.height
        Loader {
            id: aside
            active: !Theme.isPortrait
            width: page.leftWidth
            sourceComponent: PersonFacts {}
        }
    }
    ScrollArea {
        id: area
        visible: Person.isShown
        x: Theme.isPortrait ? page.contentX : page.contentX + page.leftWidth + 56
        y: page.contentTop
        width: page.contentX + page.contentWidth - x
        height: page.contentHeight
        innerHeight: content.height

        Column {
            id: content
            width: area.width
            spacing: 28
            bottomPadding: 24
            Loader {
                active: Theme.isPortrait
                visible: active
                width: parent.width
                sourceComponent: PersonFacts {}
            }
            PersonFaces { width: parent.width }
            Words {
                role: "title"
                weight: Font.DemiBold
                text: I18n.t("store.person.visits")
            }
            Words {
                visible: page.isEmpty
                width: parent.width
                role: "small"
                color: Theme.text2
                text: I18n.t(Person.isStaff ? "store.person.no_visits.staff" : "store.person.no_visits")
            }
            Column {
                width: parent.width
                spacing: 8
                Repeater {
                    model: Person.visits
                    VisitsRow {
                        required property var modelData
                        width: content.width
                        visit: modelData
                        hasName: false
                    }
                }
            }
        }
    }
}
