import QtQuick
import Kiosk
import "../components"

/* Rail and page, in that order for keyboard and switch. */
FocusScope {
    focus: true
    StaffRail {
        id: rail
        width: Theme.isPortrait ? parent.width : 300
        height: Theme.isPortrait ? implicitHeight : parent.height
    }
    PageHost {
        x: Theme.isPortrait ? 0 : rail.width
        y: Theme.isPortrait ? rail.height : 0
        width: parent.width - x
        height: parent.height - y
        folder: "../"
        page: StaffNavigator.page
    }
}
