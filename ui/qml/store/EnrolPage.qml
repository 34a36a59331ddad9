pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* Somebody is enrolled: told and asked, then facts, then pictures from a camera of the wall. Leaving the page drops
   everything that is not saved. */
StorePage {
    id: page
    objectName: "page.enrol"

    readonly property string step: Enrolment.step
    readonly property int stepNumber: ["asked", "facts", "pictures"].indexOf(step) + 1

    title: Enrolment.isMore ? I18n.t("store.enrol.title.more", { name: Enrolment.personName })
        : I18n.t(Enrolment.isStaff ? "store.enrol.title.staff" : "store.enrol.title.customer")
    subtitle: stepNumber > 0 && !Enrolment.isMore ? I18n.t("store.enrol.step", { n: stepNumber }) : ""
    backText: step === "refused" ? I18n.t("common.back") : I18n.t("store.enrol.cancel")

    Connections {
        target: Enrolment
        function onFinished(personId: string) {
            Person.open(personId);
            StoreNavigator.replace("person");
        }
    }
    Loader {
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: page.contentHeight - 8
        focus: true
        sourceComponent: page.step === "asked" ? asked : page.step === "facts" ? facts : page.step === "pictures" ? pictures
            : page.step === "refused" ? refused : null
        onLoaded: (item as Item).forceActiveFocus()
    }
    Component {
        id: asked
        EnrolConsent {
            isStaff: Enrolment.isStaff
            onAgreed: Enrolment.agree()
            onRefused: Enrolment.refuse()
        }
    }
    Component {
        id: facts
        EnrolFacts {}
    }
    Component {
        id: pictures
        EnrolPictures {}
    }
    Component {
        id: refused
        Item {
            Column {
                anchors.centerIn: parent
                width: Math.min(parent.width, 860)
                spacing: 32
                Words {
                    width: parent.width
                    horizontalAlignment: Text.AlignHCenter
                    role: "h2"
                    weight: Font.DemiBold
                    text: I18n.t("store.enrol.refused")
                }
                Words {
                    width: parent.width
                    horizontalAlignment: Text.AlignHCenter
                    color: Theme.text2
                    text: I18n.t("store.enrol.refused.text")
                }
                Item { width: 1; height: 16 }
                KioskButton {
                    objectName: "enrol.toPeople"
                    width: parent.width
                    height: 112
                    kind: "primary"
                    text: I18n.t("store.enrol.to_people")
                    onClicked: StoreNavigator.back()
                }
            }
        }
    }
}
