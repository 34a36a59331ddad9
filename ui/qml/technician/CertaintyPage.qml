pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* How often visitors may meet a stranger's photo: chosen in words, never as a number of the recogniser. */
TechnicianPage {
    id: page
    objectName: "page.certainty"
    title: I18n.t("tech.certainty.title")

    readonly property string reason: !TechnicianCertainty.canChange ? I18n.t("tech.certainty.fixed")
        : TechnicianCertainty.isChanged ? "" : I18n.t("tech.certainty.same")

    component Steps: Card {
        id: card
        required property string name
        required property string heading
        required property string sentence
        required property int chosen
        signal picked(int index)
        width: parent ? parent.width : 0
        spacing: 20
        padding: page.isNarrow ? 28 : 36
        Words { width: card.innerWidth; role: "title"; textScale: 0.9; weight: Font.DemiBold; text: card.heading }
        Grid {
            id: grid
            columns: page.isNarrow ? 3 : 6
            spacing: 12
            Repeater {
                model: TechnicianCertainty.steps
                KioskButton {
                    required property string modelData
                    required property int index
                    objectName: "certainty." + card.name + "." + index
                    width: (card.innerWidth - (grid.columns - 1) * 12) / grid.columns
                    height: 76
                    isPill: true
                    role: "small"
                    maximumLines: 1
                    isSelected: card.chosen === index
                    enabled: TechnicianCertainty.canChange
                    Accessible.role: Accessible.RadioButton
                    Accessible.name: card.heading + ": " + modelData
                    Accessible.checked: isSelected
                    text: modelData
                    focus: card.name === "sure" && index === 0
                    onClicked: card.picked(index)
                }
            }
        }
        Words {
            objectName: "certainty." + card.name + ".words"
            width: card.innerWidth
            role: "small"
            textScale: 1.05
            color: Theme.text2
            text: card.sentence
        }
    }

    ScrollArea {
        id: area
        activeFocusOnTab: false
        x: page.contentX
        y: page.contentTop
        width: page.contentWidth
        height: save.y - y - 20
        innerHeight: list.height
        focus: true
        Column {
            id: list
            width: area.width
            spacing: 24
            Words { width: parent.width; role: "body"; text: I18n.t("tech.certainty.text") }
            Steps {
                name: "sure"
                focus: true
                heading: I18n.t("tech.certainty.sure")
                sentence: TechnicianCertainty.sureText
                chosen: TechnicianCertainty.sure
                onPicked: index => TechnicianCertainty.setSure(index)
            }
            Steps {
                name: "maybe"
                heading: I18n.t("tech.certainty.maybe")
                sentence: TechnicianCertainty.maybeText
                chosen: TechnicianCertainty.maybe
                onPicked: index => TechnicianCertainty.setMaybe(index)
            }
            Column {
                width: parent.width
                spacing: 6
                Words {
                    width: parent.width
                    role: "small"
                    weight: Font.DemiBold
                    text: I18n.t("tech.certainty.now")
                }
                Words {
                    objectName: "certainty.words"
                    width: parent.width
                    role: "small"
                    color: Theme.text2
                    text: TechnicianCertainty.words
                }
                Words {
                    visible: text !== ""
                    width: parent.width
                    role: "small"
                    textScale: 0.86
                    color: Theme.text2
                    text: TechnicianCertainty.originText
                }
            }
        }
    }
    KioskButton {
        id: save
        objectName: "certainty.save"
        x: page.isNarrow ? page.contentX : page.contentX + page.contentWidth - width
        y: page.contentBottom - height
        width: page.isNarrow ? page.contentWidth : 560
        height: 104
        kind: "primary"
        role: "button"
        isWaiting: TechnicianCertainty.isSaving
        reason: TechnicianCertainty.isSaving ? "" : page.reason
        text: I18n.t("tech.certainty.save")
        onClicked: TechnicianCertainty.save()
    }
}
