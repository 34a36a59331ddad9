import QtQuick
import Kiosk
import "../components"

/* Not found yet: the other ways, and what helps with a new picture. */
PageFrame {
    id: page
    objectName: "page.no_match"
    announced: I18n.t("none.title")

    readonly property int minutes: Session.minutesSinceImport()

    Column {
        id: heading
        x: page.contentX
        y: page.contentTop + (Theme.isPortrait ? 16 : -16)
        width: page.contentWidth
        Words { width: parent.width; role: Theme.isPortrait ? "h1" : "h2"; weight: Font.DemiBold; text: I18n.t("none.title") }
        Words { width: parent.width; role: Theme.isPortrait ? "title" : "body"; color: Theme.text2; text: I18n.t("none.sub") }
    }

    ScrollArea {
        x: page.contentX
        y: heading.y + heading.height + (Theme.isPortrait ? 56 : 32)
        width: page.contentWidth
        height: (Theme.isPortrait && tip.visible ? tip.y - 24 : page.contentBottom) - y
        innerHeight: ways.height
        lead: page.leadOf(y)

        Column {
            id: ways
            width: page.contentWidth
            spacing: 24

            NoticeLine { width: parent.width }
            Grid {
                id: grid
                width: parent.width
                columns: Theme.isPortrait ? 1 : 2
                spacing: 24
                readonly property real row: Math.max(byBib.implicitHeight, byNumber.implicitHeight, byTime.implicitHeight, byMaybe.implicitHeight, byAll.implicitHeight)
                readonly property real cell: Theme.isPortrait ? width : (width - 24) / 2
                WayRow {
                    id: byBib
                    objectName: "noMatch.bib"
                    height: grid.row
                    visible: Session.readsNumbers
                    width: grid.cell
                    iconName: "tag"
                    text: I18n.t("none.bib")
                    hint: I18n.t("none.bib.hint")
                    onClicked: {
                        Manual.goBy("bib");
                        Session.goManual();
                    }
                }
                WayRow {
                    id: byNumber
                    objectName: "noMatch.number"
                    height: grid.row
                    width: grid.cell
                    iconName: "hash"
                    text: I18n.t("none.number")
                    hint: I18n.t("none.number.hint")
                    onClicked: {
                        Manual.goBy("number");
                        Session.goManual();
                    }
                }
                WayRow {
                    id: byTime
                    objectName: "noMatch.time"
                    height: grid.row
                    width: grid.cell
                    iconName: "clock"
                    text: I18n.t("none.time")
                    hint: I18n.t("none.time.hint")
                    onClicked: {
                        Manual.goBy("time");
                        Session.goManual();
                    }
                }
                WayRow {
                    id: byMaybe
                    objectName: "noMatch.maybe"
                    height: grid.row
                    visible: Results.maybeCount > 0
                    width: grid.cell
                    iconName: "eye"
                    text: I18n.counted("none.maybe", Results.maybeCount)
                    hint: I18n.t("none.maybe.hint")
                    onClicked: Results.showMaybe()
                }
                WayRow {
                    id: byAll
                    objectName: "noMatch.all"
                    height: grid.row
                    width: grid.cell
                    iconName: "layout-grid"
                    text: I18n.t("none.all")
                    hint: I18n.t("attract.count", { n: Session.photoCount })
                    onClicked: Results.findAll()
                }
            }
            StatusRow {
                visible: page.minutes >= 0 && page.minutes <= 120
                width: parent.width
                role: "body"
                iconName: "refresh-cw"
                text: I18n.counted("none.arriving", Math.max(1, page.minutes))
            }
        }
    }

    /* What makes a new picture work: a face in the light. */
    Rectangle {
        id: tip
        visible: !page.isLow
        x: page.actionX
        y: page.primaryTop - height - 24
        width: page.actionWidth
        height: Math.max(Theme.isPortrait ? 208 : 0, advice.height + 64)
        radius: Theme.radiusCard
        color: "transparent"
        border { width: 2; color: Theme.line }
        PhotoView {
            id: still
            objectName: "no_match.still"
            x: 38
            anchors.verticalCenter: parent.verticalCenter
            visible: Theme.isPortrait && isReady
            width: 146
            height: 146
            corner: 73
            preview: Session.holdsFace ? "still" : "small"
        }
        Rectangle {
            visible: Theme.isPortrait && !still.visible
            x: 38
            anchors.verticalCenter: parent.verticalCenter
            width: 146; height: 146; radius: 73
            color: Theme.s2
            Icon { anchors.centerIn: parent; name: "user"; size: 72; tint: Theme.text2 }
        }
        Words {
            id: advice
            x: Theme.isPortrait ? 222 : 32
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - x - 132
            text: I18n.t("none.retake.tip")
        }
        Icon {
            anchors { right: parent.right; rightMargin: 40; verticalCenter: parent.verticalCenter }
            name: "sun"
            size: 56
        }
    }

    primary: KioskButton {
        objectName: "noMatch.retake"
        anchors.fill: parent
        focus: true
        kind: "primary"
        iconName: "camera"
        reason: Session.hasCamera ? "" : I18n.t("common.camera_off")
        text: I18n.t("none.retake")
        onClicked: Session.retake()
    }
}
