pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* What is held of people right now, counted; until when; and deleting what is due. */
StorePage {
    id: page
    objectName: "page.held"
    title: I18n.t("store.held.title")
    subtitle: Store.timeLine

    readonly property real gap: 16
    readonly property real cardWidth: Theme.isPortrait ? contentWidth : (contentWidth - gap) / 2
    readonly property real purgeHeight: Theme.isPortrait ? 376 : 176
    readonly property real cardHeight: (contentHeight - purgeHeight - gap * (Theme.isPortrait ? 4 : 2)) / (Theme.isPortrait ? 4 : 2)

    function place(index: int): point {
        return Theme.isPortrait ? Qt.point(contentX, contentTop + index * (cardHeight + gap))
            : Qt.point(contentX + index % 2 * (cardWidth + gap), contentTop + Math.floor(index / 2) * (cardHeight + gap));
    }

    component Sort: HeldCard {
        required property int index
        x: page.place(index).x
        y: page.place(index).y
        width: page.cardWidth
        height: page.cardHeight
    }

    Sort {
        objectName: "held.people"
        index: 0
        iconName: "users"
        title: I18n.t("store.held.people")
        figures: [
            { value: Held.staff, word: I18n.t("store.held.staff") },
            { value: Held.customers, word: I18n.counted("store.held.customers", Held.customers) }
        ].concat(Store.knowsReturning || Held.guests > 0 ? [{ value: Held.guests, word: I18n.counted("store.held.guests", Held.guests) }] : [])
        note: I18n.t("store.held.people_note") + (Store.knowsReturning ? " " + I18n.counted("store.held.guests_note", Store.returningDays) : "")
    }
    Sort {
        objectName: "held.faces"
        index: 1
        iconName: "scan-face"
        title: I18n.t("store.held.faces")
        figures: [
            { value: Held.embeddings, word: I18n.t("store.held.embeddings") },
            { value: Held.throwaway, word: I18n.t("store.held.throwaway") }
        ]
        note: I18n.counted("store.held.throwaway_note", Store.stayMinutes)
    }
    Sort {
        objectName: "held.visits"
        index: 2
        iconName: "list"
        title: I18n.t("store.held.visits")
        figures: [{ value: Held.visits, word: I18n.t("store.held.visits_n") }]
        note: I18n.t("store.held.visits_note")
    }
    Sort {
        objectName: "held.pictures"
        index: 3
        iconName: "camera"
        title: I18n.t("store.held.pictures")
        figures: [{
            value: Held.pictures,
            word: Held.oldestPicture === "" ? I18n.t("store.held.pictures_n") : I18n.t("store.held.oldest", { date: Held.oldestPicture })
        }]
        note: I18n.counted("store.held.picture_days", Held.pictureDays) + (Store.keepsPictures ? "" : " " + I18n.t("store.held.pictures_off"))
    }

    Rectangle {
        x: page.contentX
        y: page.contentBottom - height
        width: page.contentWidth
        height: page.purgeHeight
        radius: Theme.radiusCard
        color: Theme.s1

        Column {
            x: 36
            y: Theme.isPortrait ? 32 : (parent.height - height) / 2
            width: Theme.isPortrait ? parent.width - 72 : purge.x - 72
            spacing: 6
            Words {
                width: parent.width
                role: "small"
                weight: Font.Medium
                text: Held.lastPurge === "" ? I18n.t("store.held.no_purge") : I18n.t("store.held.last_purge", { at: Held.lastPurge })
            }
            Words {
                visible: Held.nextPurge !== ""
                width: parent.width
                role: "small"
                textScale: 0.9
                color: Theme.text2
                text: I18n.t("store.held.next_purge", { at: Held.nextPurge })
            }
            StatusRow {
                objectName: "held.outcome"
                visible: Held.outcome !== ""
                width: parent.width
                iconName: "check"
                tone: Theme.ok
                ink: Theme.text
                text: Held.outcome
                Accessible.role: Accessible.AlertMessage
                Accessible.name: text
            }
        }
        KioskButton {
            id: purge
            objectName: "held.purge"
            x: Theme.isPortrait ? 36 : parent.width - width - 36
            y: Theme.isPortrait ? parent.height - height - 32 : (parent.height - height) / 2
            width: Theme.isPortrait ? parent.width - 72 : 620
            height: 104
            focus: true
            kind: "primary"
            role: "title"
            iconName: "trash-2"
            isWaiting: Held.isPurging
            text: I18n.t(Held.isPurging ? "store.purge.doing" : "store.purge.do")
            onClicked: Held.purge()
        }
    }
}
