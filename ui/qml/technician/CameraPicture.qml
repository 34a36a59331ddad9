import QtQuick
import Kiosk
import "../components"

/* What the kiosk's camera sees now, as visitors see themselves. */
Rectangle {
    id: frame

    property bool isActive: visible

    onIsActiveChanged: TechnicianTests.look(isActive)
    Component.onCompleted: if (isActive) TechnicianTests.look(true)
    Component.onDestruction: if (isActive) TechnicianTests.look(false)

    height: width * 9 / 16
    radius: Theme.radiusTile
    color: Theme.s2
    clip: true
    Accessible.role: Accessible.Graphic
    Accessible.name: I18n.t("tech.test.camera_view")

    Words {
        anchors.centerIn: parent
        width: parent.width - 48
        visible: !live.hasPicture
        horizontalAlignment: Text.AlignHCenter
        role: "small"
        color: Theme.text2
        text: I18n.t("tech.test.camera_none")
    }
    LiveView {
        id: live
        objectName: "technician.live"
        anchors.fill: parent
        active: frame.isActive
    }
}
