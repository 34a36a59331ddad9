pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* All orders, the newest first, as far as somebody scrolls; searched by code, filtered by state. */
StaffPage {
    id: page
    objectName: "staff.page.orders"
    title: I18n.t("staff.place.orders")

    Connections {
        target: Typing
        function onEntered(field: string, text: string) {
            if (field === "orders")
                StaffOrders.search(text);
        }
    }
    StaffSearch {
        id: field
        x: page.contentX
        y: page.contentTop
        width: Theme.isPortrait ? page.contentWidth : 520
        what: StaffOrders.text
        onCleared: StaffOrders.search("")
    }
    StaffChips {
        id: chips
        x: Theme.isPortrait ? page.contentX : field.x + field.width + 24
        y: Theme.isPortrait ? field.y + field.height + 20 : page.contentTop + 4
        width: page.contentX + page.contentWidth - x
        name: "orders.state"
        options: StaffOrders.stateNames
        current: StaffOrders.stateIndex
        onPicked: index => StaffOrders.filterBy(index)
    }
    Rectangle {
        id: card
        x: page.contentX
        y: Math.max(field.y + field.height, chips.y + chips.height) + 24
        width: page.contentWidth
        height: page.height - y
        topLeftRadius: Theme.radiusCard
        topRightRadius: Theme.radiusCard
        color: Theme.s1

        ListView {
            id: list
            objectName: "orders.list"
            anchors { fill: parent; leftMargin: 20; rightMargin: 20; topMargin: 8 }
            leftMargin: 12
            rightMargin: 12
            clip: true
            focus: true
            reuseItems: true
            cacheBuffer: 320
            boundsBehavior: Flickable.StopAtBounds
            model: StaffOrders.rows
            bottomMargin: 36
            delegate: Item {
                id: line
                required property var row
                required property int index
                width: list.width - 24
                height: 72
                StaffOrderRow {
                    id: button
                    objectName: "orders.order." + line.row.orderId
                    width: parent.width
                    height: parent.height - 1
                    hasDay: true
                    order: line.row
                    onClicked: {
                        StaffOrder.open(line.row.orderId);
                        StaffNavigator.go("order");
                    }
                    onActiveFocusChanged: if (activeFocus) list.positionViewAtIndex(line.index, ListView.Contain)
                }
                Rectangle { y: parent.height - 1; width: parent.width; height: 1; color: Theme.line }
            }
            // A list that has no row to show yet would begin with the ones that are added to it then.
            function askForMore() {
                if (visible && (itemAtIndex(0) !== null || contentY > 0) && contentHeight - contentY < height * 3)
                    StaffOrders.more();
            }
            onVisibleChanged: Qt.callLater(list.askForMore)
            contentItem.onChildrenChanged: Qt.callLater(list.askForMore)
            onContentYChanged: Qt.callLater(list.askForMore)
            onCountChanged: Qt.callLater(list.askForMore)
        }
        Rectangle {
            visible: list.contentHeight > list.height
            x: parent.width - 14
            y: 12 + list.visibleArea.yPosition * (list.height - 24)
            width: 6
            radius: 3
            height: Math.max(48, list.visibleArea.heightRatio * (list.height - 24))
            color: Theme.edge
        }
        StaffEmpty {
            objectName: "orders.none"
            visible: list.count === 0
            anchors.horizontalCenter: parent.horizontalCenter
            y: 140
            width: parent.width * 0.7
            iconName: "search"
            text: I18n.t(StaffOrders.isWaiting ? "staff.waiting" : StaffOrders.text !== "" ? "staff.orders.unknown" : "staff.orders.none")
        }
    }
}
