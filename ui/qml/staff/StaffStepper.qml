import QtQuick
import Kiosk
import "../components"

/* A number that is stepped up and down: `asked` with the next one. */
Item {
    id: stepper

    required property string label
    required property int value
    property string valueText: value
    property int least: 1
    property int most: 100
    property var steps: [1]
    property string name: ""
    signal asked(int value)

    implicitHeight: 80

    /* Small numbers by one, large ones faster. */
    function step(from: int, direction: int): int {
        const size = from + direction < 10 ? 1 : from + direction < 50 ? 5 : from + direction < 200 ? 10 : 50;
        const next = direction > 0 ? Math.floor(from / size) * size + size : Math.ceil(from / size) * size - size;
        return Math.max(least, Math.min(most, next));
    }

    StaffWords {
        y: (parent.height - lineHeight) / 2
        width: parent.width - 380
        size: 27
        text: stepper.label
    }
    RoundButton {
        objectName: stepper.name + ".less"
        x: parent.width - 370
        y: (parent.height - height) / 2
        width: 72; height: 72
        iconName: "minus"
        isOutlined: true
        enabled: stepper.value > stepper.least
        text: I18n.t("staff.less") + " " + stepper.label
        onClicked: stepper.asked(stepper.step(stepper.value, -1))
    }
    StaffWords {
        x: parent.width - 292
        y: (parent.height - lineHeight) / 2
        width: 214
        size: 30
        weight: Font.DemiBold
        horizontalAlignment: Text.AlignHCenter
        wrapMode: Text.NoWrap
        text: stepper.valueText
    }
    RoundButton {
        objectName: stepper.name + ".more"
        x: parent.width - 72
        y: (parent.height - height) / 2
        width: 72; height: 72
        iconName: "plus"
        isOutlined: true
        enabled: stepper.value < stepper.most
        text: I18n.t("staff.more") + " " + stepper.label
        onClicked: stepper.asked(stepper.step(stepper.value, 1))
    }
}
