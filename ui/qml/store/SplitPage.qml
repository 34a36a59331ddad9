pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* One that is two: faces and visits that are somebody else's, then who that is, then their agreement. */
StorePage {
    id: page
    objectName: "page.split"
    title: I18n.t("store.person.split")
    subtitle: Person.name
    backText: I18n.t("common.cancel")

    readonly property string step: Split.step

    Connections {
        target: Split
        function onFinished() {
            StoreNavigator.back();
        }
    }
    Loader {
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.contentHeight - 8
        focus: true
        sourceComponent: page.step === "choose" ? choose : page.step === "facts" ? facts : page.step === "asked" ? asked : refused
        onLoaded: (item as Item).forceActiveFocus()
    }
    Component {
        id: choose
        SplitChoice {}
    }
    Component {
        id: facts
        SplitFacts {}
    }
    Component {
        id: asked
        EnrolConsent {
            isStaff: Split.isStaff
            isWaiting: Split.isSaving
            onAgreed: Split.agree()
            onRefused: Split.refuse()
        }
    }
    Component {
        id: refused
        FocusScope {
            Column {
                anchors.centerIn: parent
                width: Math.min(parent.width, 900)
                spacing: 40
                Words {
                    width: parent.width
                    horizontalAlignment: Text.AlignHCenter
                    role: "title"
                    text: I18n.t("store.split.refused", { name: Person.name })
                }
                KioskButton {
                    objectName: "split.toPerson"
                    width: parent.width
                    height: 112
                    kind: "primary"
                    focus: true
                    text: I18n.t("common.back")
                    onClicked: StoreNavigator.back()
                }
            }
        }
    }
}
