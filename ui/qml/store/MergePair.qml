pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Both side by side: who is kept, what happens, and the word for it. */
FocusScope {
    id: pair

    readonly property real gap: 32
    readonly property real cardWidth: (Math.min(width, 1200) - gap) / 2

    Words {
        id: question
        width: parent.width
        horizontalAlignment: Text.AlignHCenter
        role: "h2"
        weight: Font.DemiBold
        text: I18n.t("store.merge.ask")
    }
    Row {
        id: both
        readonly property real sideHeight: Math.max(one.wanted, other.wanted)
        anchors.horizontalCenter: parent.horizontalCenter
        y: question.height + (Theme.isPortrait ? 24 : 12)
        spacing: pair.gap
        MergeSide {
            id: one
            name: "one"
            width: pair.cardWidth
            height: both.sideHeight
            card: Merge.one
            isKept: !Merge.keepsOther
            onPicked: Merge.keepOther(false)
        }
        MergeSide {
            id: other
            name: "other"
            width: pair.cardWidth
            height: both.sideHeight
            card: Merge.other
            isKept: Merge.keepsOther
            onPicked: Merge.keepOther(true)
        }
    }
    Column {
        anchors.horizontalCenter: parent.horizontalCenter
        y: both.y + both.height + (Theme.isPortrait ? 28 : 20)
        width: Math.min(parent.width, 1200)
        spacing: 8
        Repeater {
            model: Merge.whatHappens
            StatusRow {
                required property string modelData
                width: parent.width
                iconName: "check"
                ink: Theme.text
                text: modelData
            }
        }
    }
    Row {
        anchors { bottom: parent.bottom; bottomMargin: 8; horizontalCenter: parent.horizontalCenter }
        spacing: pair.gap
        KioskButton {
            objectName: "merge.again"
            width: pair.cardWidth
            height: 112
            focus: true
            text: I18n.t("store.merge.again")
            onClicked: Merge.chooseAgain()
        }
        KioskButton {
            objectName: "merge.confirm"
            width: pair.cardWidth
            height: 112
            kind: "primary"
            isWaiting: Merge.isSaving
            text: I18n.t("store.merge.confirm")
            onClicked: Merge.merge()
        }
    }
}
