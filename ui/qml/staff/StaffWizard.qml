import QtQuick
import Kiosk
import "../components"

/* Nobody works here yet: the wizard alone, without a rail. */
FocusScope {
    focus: true
    PageHost {
        anchors.fill: parent
        folder: "../"
        page: StaffNavigator.page
    }
}
