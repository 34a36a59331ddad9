pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Who is known here: searched, by kind; touched, somebody is shown. */
StorePage {
    id: page
    objectName: "page.people"
    title: I18n.t("store.people.title")
    subtitle: Store.siteName

    readonly property var kinds: People.kinds
    readonly property string emptyText: People.isWaiting ? I18n.t("store.people.waiting")
        : People.text !== "" ? I18n.t("store.people.none", { text: People.text })
        : People.kind === "guest" ? I18n.t("store.people.empty.guest")
        : I18n.t(People.hasGuests ? "store.people.empty.named" : "store.people.empty")

    PeopleSearch {
        id: search
        x: page.contentX
        y: page.contentTop
        width: Theme.isPortrait ? page.contentWidth - add.width - 24 : 660
        what: People.text
        onCleared: People.search("")
        Connections {
            target: Typing
            function onEntered(field: string, text: string) {
                if (field === "search")
                    People.search(text);
            }
        }
    }
    Segments {
        id: kinds
        x: Theme.isPortrait ? page.contentX : search.x + search.width + 24
        y: Theme.isPortrait ? search.y + search.height + 20 : page.contentTop
        width: Theme.isPortrait ? page.contentWidth : add.x - 24 - x
        height: 72
        name: "people.kind"
        options: page.kinds.map(kind => kind.text)
        current: page.kinds.findIndex(kind => kind.kind === People.kind)
        onPicked: index => People.filter(page.kinds[index].kind)
    }
    KioskButton {
        id: add
        objectName: "people.add"
        x: page.contentX + page.contentWidth - width
        y: page.contentTop
        width: Theme.isPortrait ? 232 : 260
        height: 72
        kind: "primary"
        role: "body"
        iconName: "plus"
        iconSize: 36
        text: I18n.t("store.people.add")
        onClicked: StoreNavigator.openSheet("PeopleAddSheet")
    }
    PeopleList {
        x: page.contentX
        y: kinds.y + kinds.height + 24
        width: page.contentWidth
        height: page.contentBottom - y
        focus: true
        people: People.people
        emptyText: page.emptyText
        noteText: People.isFull ? I18n.t("store.people.full", { n: People.count })
            : People.kind === "guest" && People.count > 0 ? I18n.counted("store.people.guests_note", Store.returningDays) : ""
        onChosen: personId => {
            Person.open(personId);
            StoreNavigator.go("person");
        }
    }
}
