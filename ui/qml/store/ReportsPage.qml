pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* How many came: by hour, day, weekday, week or month, as a chart and a table, for some days and a shop. */
StorePage {
    id: page
    objectName: "page.reports"
    title: I18n.t("store.report.title")
    subtitle: Period.siteText + " · " + Period.text

    readonly property var divisions: ["hour", "day", "weekday", "week", "month"]
    readonly property bool isReady: Reports.hasReport && !Reports.isWaiting && !Reports.hasFailed
    readonly property real gap: 24
    readonly property real chartWidth: Theme.isPortrait ? contentWidth : 800
    readonly property string sentence: Reports.hasFailed ? I18n.t("store.report.failed")
        : Reports.isWaiting ? I18n.t("store.report.waiting") : Reports.isEmpty ? I18n.t("store.report.empty") : ""

    actions: [
        HeadAction {
            objectName: "report.visits"
            iconName: "list"
            text: I18n.t("store.report.visits")
            onClicked: StoreNavigator.go("visits")
        },
        HeadAction {
            objectName: "report.csv"
            iconName: "arrow-down-to-line"
            enabled: page.isReady && Reports.saving === ""
            opacity: enabled ? 1 : 0.4
            text: I18n.t("store.report.csv")
            onClicked: Reports.save("csv")
        },
        HeadAction {
            objectName: "report.pdf"
            iconName: "printer"
            enabled: page.isReady && Reports.saving === ""
            opacity: enabled ? 1 : 0.4
            text: I18n.t("store.report.pdf")
            onClicked: Reports.save("pdf")
        }
    ]
    foot: [
        Words {
            width: parent.width
            height: parent.height
            verticalAlignment: Text.AlignVCenter
            role: "staff"
            color: Theme.text2
            maximumLineCount: 2
            elide: Text.ElideRight
            text: I18n.t("store.report.note")
        }
    ]

    ReportsDays {
        id: days
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
    }
    Segments {
        id: divisions
        x: page.contentX
        y: days.y + days.height + 16
        width: page.chartWidth
        height: 72
        name: "report.by"
        options: page.divisions.map(by => I18n.t("store.report.by." + by))
        current: page.divisions.indexOf(Reports.by)
        onPicked: index => Reports.divide(page.divisions[index])
    }
    Column {
        id: notes
        x: page.contentX
        y: divisions.y + divisions.height + 16
        width: page.chartWidth
        spacing: 8
        StatusRow {
            objectName: "report.onlyHere"
            visible: page.isReady && Reports.isOnlyHere
            width: parent.width
            iconName: "wifi"
            tone: Theme.gold
            text: I18n.t("store.report.only_here")
        }
        StatusRow {
            objectName: "report.saved"
            visible: Reports.savedPath !== ""
            width: parent.width
            iconName: "check"
            tone: Theme.ok
            ink: Theme.text
            wrapMode: Text.Wrap
            text: I18n.t("store.report.saved", { path: Reports.savedPath })
        }
    }
    Rectangle {
        id: chartCard
        x: page.contentX
        y: notes.y + (notes.height > 0 ? notes.height + 16 : 0)
        width: page.chartWidth
        height: Theme.isPortrait ? 500 : page.contentBottom - 8 - y
        radius: Theme.radiusCard
        color: Theme.s1

        Words {
            id: sum
            visible: page.sentence === ""
            x: 32
            y: 20
            role: "h2"
            weight: Font.DemiBold
            text: Reports.total.texts ? Reports.total.texts[0] : ""
        }
        Words {
            visible: page.sentence === ""
            x: sum.x + sum.width + 14
            y: sum.y + sum.lineHeight - lineHeight - 6
            role: "small"
            color: Theme.text2
            text: I18n.t("store.report.sum")
        }
        ReportsChart {
            visible: page.sentence === ""
            x: 16
            y: 84
            width: parent.width - 48
            height: parent.height - y - 12
            rows: Reports.rows
            axis: Reports.axis
            isByHour: Reports.by === "hour"
        }
        Column {
            anchors.centerIn: parent
            visible: page.sentence !== ""
            width: parent.width - 96
            spacing: 28
            Words {
                objectName: "report.sentence"
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                color: Theme.text2
                text: page.sentence
            }
            KioskButton {
                objectName: "report.again"
                visible: Reports.hasFailed
                anchors.horizontalCenter: parent.horizontalCenter
                width: 360
                height: 80
                text: I18n.t("store.report.again")
                onClicked: Reports.divide(Reports.by)
            }
        }
    }
    Rectangle {
        id: tableCard
        x: Theme.isPortrait ? page.contentX : page.contentX + page.chartWidth + page.gap
        y: Theme.isPortrait ? chartCard.y + chartCard.height + page.gap : days.y + days.height + 16
        width: Theme.isPortrait ? page.contentWidth : page.contentWidth - page.chartWidth - page.gap
        height: page.contentBottom - 8 - y
        radius: Theme.radiusCard
        color: Theme.s1
        ReportsTable {
            visible: page.isReady
            x: 24
            y: 12
            width: parent.width - 56
            height: parent.height - 24
        }
    }
}
