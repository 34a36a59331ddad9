pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Two that are one: the other one is chosen from a list, then both stand side by side. */
StorePage {
    id: page
    objectName: "page.merge"
    title: I18n.t("store.person.merge")
    subtitle: Person.name
    backText: I18n.t("common.cancel")

    Connections {
        target: Merge
        function onFinished(personId: string) {
            Person.open(personId);
            StoreNavigator.back();
        }
    }
    Connections {
        target: Typing
        function onEntered(field: string, text: string) {
            if (field === "search")
                Merge.search(text);
        }
    }
    Item {
        visible: !Merge.hasOther
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.contentHeight

        Words {
            id: question
            width: parent.width
            role: Theme.isPortrait ? "title" : "h2"
            weight: Font.DemiBold
            text: I18n.t("store.merge.title", { name: Person.name })
        }
        PeopleSearch {
            id: search
            y: question.height + 20
            width: Math.min(parent.width, 952)
            what: Merge.text
            onCleared: Merge.search("")
        }
        PeopleList {
            y: search.y + search.height + 24
            width: parent.width
            height: parent.height - y
            people: Merge.people
            emptyText: Merge.isWaiting ? I18n.t("store.people.waiting")
                : Merge.text !== "" ? I18n.t("store.people.none", { text: Merge.text }) : I18n.t("store.merge.none")
            noteText: Merge.isFull ? I18n.t("store.people.full", { n: Merge.people.length }) : ""
            onChosen: personId => Merge.choose(personId)
        }
    }
    Loader {
        active: Merge.hasOther
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.contentHeight
        sourceComponent: MergePair {}
        onLoaded: (item as Item).forceActiveFocus()
    }
}
