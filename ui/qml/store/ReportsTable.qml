pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* The rows of a report below their heads, the sum of all below them, and each shop's where all are asked for: of a
   few they stand below the sum, of many they are scrolled to. */
Item {
    id: table

    readonly property bool areManyShops: Reports.bySite.length > 4
    readonly property var heads: ["visitors", "new", "returning", "female", "male", "unknown", "in", "out"]

    ReportsRow {
        id: head
        width: parent.width
        isHead: true
        label: ""
        texts: table.heads.map(name => I18n.t("store.report." + name))
    }
    Rectangle { y: head.height; width: parent.width; height: 2; color: Theme.line }
    ListView {
        id: list
        objectName: "report.table"
        y: head.height + 2
        width: parent.width
        height: foot.y - y
        clip: true
        activeFocusOnTab: contentHeight > height + 1 || activeFocus
        boundsBehavior: Flickable.StopAtBounds
        Keys.onDownPressed: contentY = Math.min(contentY + 144, Math.max(0, contentHeight - height))
        Keys.onUpPressed: contentY = Math.max(contentY - 144, 0)
        model: Reports.rows
        delegate: ReportsRow {
            required property var modelData
            width: list.width
            label: modelData.label
            texts: modelData.texts
        }
        footer: Loader {
            width: list.width
            active: table.areManyShops
            sourceComponent: shops
        }
        FocusRing { isShown: list.activeFocus; around: 12 }
    }
    Component {
        id: shops
        Column {
            id: shopRows
            Words {
                topPadding: 12
                height: lineHeight + 12
                role: "staff"
                color: Theme.text2
                text: I18n.t("store.report.by_shop")
            }
            Repeater {
                model: Reports.bySite
                ReportsRow {
                    required property var modelData
                    width: shopRows.width
                    label: modelData.label
                    texts: modelData.texts
                }
            }
        }
    }
    Rectangle {
        y: foot.y - height
        width: parent.width
        height: 40
        visible: !list.atYEnd
        gradient: Gradient {
            GradientStop { position: 0; color: Qt.alpha(Theme.s1, 0) }
            GradientStop { position: 1; color: Theme.s1 }
        }
    }
    Rectangle {
        visible: list.contentHeight > list.height + 1
        x: parent.width + 10
        y: list.y + list.visibleArea.yPosition * list.height
        width: 6
        radius: 3
        height: Math.max(36, list.visibleArea.heightRatio * list.height)
        color: Theme.edge
    }
    Column {
        id: foot
        y: Math.min(parent.height - height, list.y + list.contentHeight)
        width: parent.width
        Rectangle { width: parent.width; height: 2; color: Theme.line }
        ReportsRow {
            width: parent.width
            objectName: "report.total"
            isTotal: true
            label: I18n.t("store.report.total")
            texts: Reports.total.texts ?? []
        }
        Loader {
            width: parent.width
            active: Reports.bySite.length > 0 && !table.areManyShops
            visible: active
            sourceComponent: shops
        }
    }
}
