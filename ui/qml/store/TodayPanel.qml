pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Today's figures beside the wall, or below it: visitors, who of them is back, staff, in and out, by hour, and what
   is done with faces. Beside the wall in one column, below it over its whole width. */
Rectangle {
    id: panel
    objectName: "today"

    readonly property bool isWide: Theme.isPortrait
    readonly property real padding: 36
    readonly property real columnWidth: isWide ? (width - padding * 2 - 64) / 2 : width - padding * 2
    readonly property real secondX: isWide ? padding + columnWidth + 64 : padding
    readonly property var lastHour: Wall.hours.length > 0 ? Wall.hours[Wall.hours.length - 1] : null

    radius: Theme.radiusCard
    color: Theme.s1

    component Note: Words {
        role: "small"
        textScale: 0.8
        color: Theme.text2
    }
    component Divider: Rectangle {
        height: 2
        color: Theme.line
    }
    component Fact: Item {
        id: fact
        required property string text
        property string note: ""
        required property int value
        height: 60
        Words {
            y: 30 - lineHeight / 2
            width: parent.width - side.width - 16
            role: "small"
            textScale: 0.88
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            text: fact.text
        }
        Row {
            id: side
            anchors.right: parent.right
            y: 0
            spacing: 16
            Note { y: 30 - lineHeight / 2; width: implicitWidth; visible: fact.note !== ""; wrapMode: Text.NoWrap; text: fact.note }
            Words {
                y: 30 - lineHeight / 2
                width: implicitWidth
                role: "title"
                textScale: 0.9
                weight: Font.DemiBold
                text: fact.value
            }
        }
    }

    Column {
        id: figures
        x: panel.padding
        y: 24
        width: panel.columnWidth

        Note { width: parent.width; text: Wall.sinceText }
        Item {
            width: parent.width
            height: 104
            Words {
                objectName: "today.visitors"
                y: (104 - lineHeight) / 2
                width: implicitWidth
                role: "display"
                thai: false
                weight: Font.DemiBold
                text: Wall.visitors.toLocaleString(Qt.locale("en"), "f", 0)
            }
            Words {
                objectName: "today.returning"
                anchors.right: parent.right
                y: 104 - lineHeight - 2
                width: implicitWidth
                role: "h1"
                thai: false
                textScale: 0.84
                weight: Font.DemiBold
                color: Theme.gold
                text: Wall.returning.toLocaleString(Qt.locale("en"), "f", 0)
            }
        }
        Item {
            width: parent.width
            height: 42
            Words { width: implicitWidth; role: "small"; textScale: 0.9; text: I18n.counted("store.today.visitors", Wall.visitors) }
            Words {
                anchors.right: parent.right
                width: implicitWidth
                role: "small"
                textScale: 0.9
                text: I18n.t("store.today.returning")
            }
        }
    }

    Column {
        id: facts
        x: panel.secondX
        y: panel.isWide ? 46 : figures.y + figures.height + 14
        width: panel.columnWidth

        Divider { visible: !panel.isWide; width: parent.width }
        Fact { objectName: "today.staff"; width: parent.width; text: I18n.t("store.today.staff"); note: I18n.t("store.today.not_counted"); value: Wall.staffPresent }
        Divider { visible: ways.visible || !panel.isWide; width: parent.width }
        Item {
            id: ways
            objectName: "today.lines"
            visible: Wall.hasLines
            width: parent.width
            height: 60
            Words {
                y: 30 - lineHeight / 2
                width: implicitWidth
                role: "small"
                textScale: 0.88
                text: I18n.t("store.today.lines")
            }
            Row {
                anchors.right: parent.right
                spacing: 12
                Repeater {
                    model: [[I18n.t("store.today.in"), Wall.cameIn], [I18n.t("store.today.out"), Wall.wentOut]]
                    Row {
                        required property var modelData
                        spacing: 12
                        Note { y: 30 - lineHeight / 2; width: implicitWidth; text: parent.modelData[0] }
                        Words { y: 30 - lineHeight / 2; width: implicitWidth; role: "title"; textScale: 0.9; weight: Font.DemiBold; text: parent.modelData[1] }
                    }
                }
            }
        }
        Divider { visible: ways.visible && !panel.isWide; width: parent.width }
    }

    Item {
        id: hours
        x: panel.padding
        y: panel.isWide ? figures.y + figures.height + 24 : facts.y + facts.height + 16
        width: panel.width - panel.padding * 2
        height: panel.isWide ? Math.min(460, Math.max(220, panel.height - y - 264)) : Math.max(190, panel.height * 0.25)

        Note { width: parent.width; text: I18n.t("store.today.by_hour") }
        HourChart {
            objectName: "today.hours"
            y: 34
            width: parent.width
            height: parent.height - y - 38
            hours: Wall.hours
        }
        Row {
            y: parent.height - 32
            spacing: 12
            Repeater {
                model: [[Theme.paper, I18n.t("store.today.new")], [Theme.gold, I18n.t("store.today.returning_short")]]
                Row {
                    id: key
                    required property var modelData
                    spacing: 10
                    rightPadding: 12
                    Rectangle { anchors.verticalCenter: parent.verticalCenter; width: 18; height: 18; radius: 5; color: key.modelData[0] }
                    Note { width: implicitWidth; height: 32; lineHeight: 32; text: key.modelData[1] }
                }
            }
            Note {
                visible: panel.lastHour !== null && panel.lastHour.isRunning
                width: implicitWidth
                height: 32
                lineHeight: 32
                text: panel.lastHour === null ? "" : I18n.t("store.today.running", { time: panel.lastHour.time })
            }
        }
    }

    Item {
        id: again
        readonly property real rowHeight: 54
        readonly property int room: Math.max(0, Math.floor((height - 40) / rowHeight))
        x: panel.padding
        y: hours.y + hours.height + (panel.isWide ? 24 : 16)
        width: panel.columnWidth
        height: (panel.isWide ? panel.height - 20 : promise.y - 8) - y
        visible: room > 0
        clip: true

        Note { width: parent.width; text: I18n.t("store.today.back") }
        Repeater {
            model: Wall.backAgain.slice(0, again.room)
            Item {
                id: visit
                required property var modelData
                required property int index
                y: 40 + index * again.rowHeight
                width: again.width
                height: again.rowHeight
                Words {
                    y: (parent.height - lineHeight) / 2
                    width: Math.min(implicitWidth, parent.width * 0.5)
                    role: "small"
                    textScale: 0.88
                    weight: Font.DemiBold
                    wrapMode: Text.NoWrap
                    elide: Text.ElideRight
                    text: visit.modelData.name
                }
                Note { x: parent.width * 0.52; y: (parent.height - lineHeight) / 2; width: implicitWidth; text: visit.modelData.visit }
                Words {
                    anchors.right: parent.right
                    y: (parent.height - lineHeight) / 2
                    width: implicitWidth
                    role: "small"
                    textScale: 0.82
                    text: visit.modelData.time
                }
                Divider { y: parent.height - 2; width: parent.width; visible: visit.index < Math.min(again.room, Wall.backAgain.length) - 1 }
            }
        }
        Note {
            visible: Wall.backAgain.length === 0
            y: 40
            width: parent.width
            text: I18n.t("store.today.nobody_back")
        }
    }

    Words {
        id: promise
        objectName: "today.promise"
        x: panel.secondX
        y: panel.isWide ? again.y : panel.height - height - 24
        width: panel.columnWidth
        role: "staff"
        textScale: 1.05
        color: Store.knowsReturning ? Theme.text : Theme.text2
        text: Store.knowsReturning ? I18n.counted("store.today.knows", Store.returningDays) : I18n.t("store.today.privacy")
    }
}
