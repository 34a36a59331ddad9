pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Who came, the newest first, with pictures while they are kept; whoever is known is touched to be shown. */
StorePage {
    id: page
    objectName: "page.visits"
    title: I18n.t("store.visits.title")
    subtitle: Period.siteText + " · " + Period.text

    foot: [
        Words {
            width: parent.width
            height: parent.height
            verticalAlignment: Text.AlignVCenter
            role: "staff"
            color: Theme.text2
            maximumLineCount: 2
            elide: Text.ElideRight
            text: I18n.t("store.visits.note")
        }
    ]

    ReportsDays {
        id: days
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
    }
    StatusRow {
        id: onlyHere
        objectName: "visits.onlyHere"
        visible: Visits.isOnlyHere && !Visits.isWaiting
        x: page.contentX
        y: days.y + days.height + 16
        width: page.contentWidth
        iconName: "wifi"
        tone: Theme.gold
        text: I18n.t("store.report.only_here")
    }
    ScrollArea {
        id: area
        x: page.contentX
        y: onlyHere.visible ? onlyHere.y + onlyHere.height + 16 : days.y + days.height + 20
        width: page.contentWidth
        height: (turning.visible ? turning.y - 16 : page.contentBottom) - y
        innerHeight: list.height

        Column {
            id: list
            width: area.width
            spacing: 8
            Repeater {
                model: Visits.rows
                VisitsRow {
                    required property var modelData
                    width: list.width
                    visit: modelData
                    onClicked: {
                        Person.open(modelData.personId);
                        StoreNavigator.go("person");
                    }
                }
            }
        }
    }
    Words {
        objectName: "visits.sentence"
        visible: Visits.count === 0
        x: page.contentX
        y: area.y + 160
        width: page.contentWidth
        horizontalAlignment: Text.AlignHCenter
        color: Theme.text2
        text: I18n.t(Visits.isWaiting ? "store.visits.waiting" : "store.visits.empty")
    }
    Item {
        id: turning
        visible: Visits.hasMore || Visits.hasBefore
        x: page.contentX
        y: page.contentBottom - height - 4
        width: page.contentWidth
        height: 80
        KioskButton {
            objectName: "visits.before"
            visible: Visits.hasBefore
            width: 300
            height: 80
            role: "small"
            iconName: "chevron-left"
            isWaiting: Visits.isWaiting
            text: I18n.t("store.visits.before")
            onClicked: Visits.goBack()
        }
        Words {
            anchors.centerIn: parent
            role: "small"
            color: Theme.text2
            text: Visits.place
        }
        KioskButton {
            objectName: "visits.more"
            visible: Visits.hasMore
            anchors.right: parent.right
            width: 300
            height: 80
            role: "small"
            iconName: "chevron-right"
            isWaiting: Visits.isWaiting
            text: I18n.t("store.visits.more")
            onClicked: Visits.goOn()
        }
    }
}
