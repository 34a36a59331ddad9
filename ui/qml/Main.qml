import QtQuick
import Kiosk
import "components"
import "staff"

/* The window: the design grid, scaled as a whole to whatever the window is; the page, the sheet over it, and over
   both the idle warning, under which the sheet keeps what was typed; over all of it the staff's pages. */
Window {
    id: root

    title: "Photo kiosk"
    color: ScreenSleep.isDark ? "black" : Theme.bg
    onWidthChanged: Theme.setWindowSize(width, height)
    onHeightChanged: Theme.setWindowSize(width, height)

    /* Pages and sheets are compiled one by one while the first page stands, so that none makes anybody wait. */
    Timer {
        id: warming
        property list<Component> ready
        readonly property list<string> names: Navigator.allPages()
        interval: 40
        repeat: true
        running: host.shownPage !== "" && ready.length < names.length
        onTriggered: ready.push(Qt.createComponent("pages/" + names[ready.length] + ".qml", Component.Asynchronous))
    }

    Item {
        id: grid
        objectName: "grid"
        visible: !ScreenSleep.isDark
        width: Theme.gridWidth
        height: Theme.gridHeight
        transformOrigin: Item.TopLeft
        scale: Math.min(root.width / width, root.height / height)
        x: (root.width - width * scale) / 2
        y: (root.height - height * scale) / 2

        /* Keyboard and switch go on where they were: on top, or back on the page when a sheet has gone. */
        function focusTop() {
            const top = staff.item ?? idle.item ?? sheets.item ?? host.shownItem;
            if (top)
                (top as FocusScope).forceActiveFocus();
        }

        PageHost {
            id: host
            anchors.fill: parent
            page: Navigator.page
            enabled: sheets.item === null && idle.item === null && staff.item === null
            visible: staff.item === null
        }
        StaffCorner {}
        Loader {
            id: sheets
            objectName: "sheets"
            anchors.fill: parent
            visible: idle.item === null && staff.item === null
            enabled: visible
            source: Navigator.sheet === "" ? "" : "pages/" + Navigator.sheet + ".qml"
            onItemChanged: grid.focusTop()
        }
        Loader {
            id: idle
            anchors.fill: parent
            visible: staff.item === null
            enabled: visible
            source: Session.isIdleWarning ? "pages/IdleSheet.qml" : ""
            onItemChanged: grid.focusTop()
        }
        StaffDoor {}
        Loader {
            id: staff
            anchors.fill: parent
            source: Staff.isOpen ? "staff/StaffLayer.qml" : ""
            onItemChanged: grid.focusTop()
        }
    }
}
