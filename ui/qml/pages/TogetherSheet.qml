pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Who looks together: a new picture for one, taking one out, asking a friend. */
Sheet {
    id: sheet
    objectName: "TogetherSheet"
    title: I18n.t("together.title")
    onDismissed: Navigator.closeSheet()

    Grid {
        width: parent.width
        columns: 2
        columnSpacing: 48
        rowSpacing: 24
        Repeater {
            model: Together.people
            PersonRow {
                id: row
                required property var modelData
                width: (sheet.innerWidth - 48) / 2
                personId: modelData.personId
                name: modelData.name
                holdsFace: modelData.holdsFace
                RoundButton {
                    objectName: "together.again." + row.personId
                    width: 88; height: 88
                    isOutlined: true
                    iconName: "camera"
                    text: I18n.t("capture.retake")
                    onClicked: Together.lookAgain(row.personId)
                }
                RoundButton {
                    objectName: "together.takeOut." + row.personId
                    visible: Together.isGroup
                    width: 88; height: 88
                    isOutlined: true
                    iconName: "x"
                    text: I18n.t("together.remove")
                    onClicked: {
                        Navigator.closeSheet();
                        Together.takeOut(row.personId);
                    }
                }
            }
        }
    }
    StatusRow {
        width: parent.width
        iconName: "shield-check"
        text: I18n.t("together.hint")
    }
    StatusRow {
        visible: Together.count >= Together.most
        width: parent.width
        iconName: "users"
        text: I18n.t("together.most", { n: Together.most })
    }
    Item { width: 1; height: 8 }
    KioskButton {
        objectName: "together.add"
        visible: Together.canAdd
        width: parent.width
        height: 128
        kind: "primary"
        iconName: "users"
        text: I18n.t("results.friend")
        onClicked: Together.addFriend()
    }
    KioskButton {
        objectName: "together.done"
        width: parent.width
        height: 112
        focus: true
        text: I18n.t("common.done")
        onClicked: Navigator.closeSheet()
    }
}
