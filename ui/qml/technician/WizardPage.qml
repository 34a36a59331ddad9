pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"
import "../store"

/* The first run: one question, one gold action, until the kiosk can serve. */
FocusScope {
    id: page
    objectName: "page.wizard"

    readonly property string step: TechnicianWizard.step
    readonly property bool isNarrow: width < 1300
    readonly property real margin: isNarrow ? 64 : 96
    readonly property real innerWidth: Math.min(width - margin * 2, 1120)
    readonly property real leftEdge: (width - innerWidth) / 2

    focus: true

    onStepChanged: {
        area.toTop();
        if (step !== "test")
            return;
        TechnicianTests.runAll();
        runTests.forceActiveFocus();
    }

    function type(name: string) {
        TechnicianWizard.edit(name);
        StaffNavigator.openSheet(TechnicianEntry.sheet);
    }

    Words {
        id: heading
        x: page.leftEdge
        y: (page.isNarrow ? 72 : 56) - lineHeight / 2
        role: "small"
        color: Theme.text2
        text: I18n.t("wizard.title") + (page.step === "" ? "" : " · " + TechnicianWizard.progressText)
    }
    Row {
        x: page.leftEdge
        y: heading.y + heading.height + 12
        spacing: 8
        Repeater {
            model: TechnicianWizard.steps
            Rectangle {
                required property int index
                width: (page.innerWidth - (TechnicianWizard.steps - 1) * 8) / TechnicianWizard.steps
                height: 8
                radius: 4
                color: index <= TechnicianWizard.stepIndex || TechnicianWizard.isDone ? Theme.text : Theme.line
            }
        }
    }
    ScrollArea {
        id: area
        activeFocusOnTab: false
        function toTop() {
            (contentItem.parent as Flickable).contentY = 0;
        }
        x: page.leftEdge
        y: heading.y + heading.height + (page.isNarrow ? 84 : 64)
        width: page.innerWidth
        height: foot.y - y - 24
        innerHeight: content.height
        focus: true

        Column {
            id: content
            width: area.width
            spacing: 24

            Words {
                objectName: "wizard.question"
                width: parent.width
                role: "h2"
                weight: Font.DemiBold
                text: TechnicianWizard.isDone ? I18n.t("wizard.done") : page.step === "" ? I18n.t("wizard.loading") : I18n.t("wizard." + page.step + ".title")
            }
            Words {
                visible: page.step !== ""
                width: parent.width
                color: Theme.text2
                text: TechnicianWizard.isDone ? I18n.t("wizard.done_text") : page.step === "" ? "" : I18n.t("wizard." + page.step + ".text")
            }
            CameraPicture {
                visible: page.step === "camera" && !TechnicianWizard.isDone
                width: Math.min(parent.width, page.isNarrow ? 720 : 460)
            }
            StatusRow {
                visible: TechnicianWizard.isBlind && !TechnicianWizard.isDone
                width: parent.width
                iconName: "triangle-alert"
                tone: Theme.bad
                ink: Theme.text
                text: I18n.t("wizard.camera.none_found")
            }
            Grid {
                id: grid
                width: parent.width
                columns: page.isNarrow || page.step === "payment" || page.step === "printer" ? 1 : page.step === "camera" ? 3 : 2
                spacing: 16
                visible: !TechnicianWizard.isDone && TechnicianWizard.choices.length > 0
                Repeater {
                    model: TechnicianWizard.choices
                    WizardChoice {
                        required property var modelData
                        required property int index
                        objectName: "wizard.choice." + index
                        width: (content.width - (grid.columns - 1) * 16) / grid.columns
                        focus: index === 0
                        title: modelData.title
                        words: modelData.words
                        isChosen: TechnicianWizard.choice === index
                        onClicked: TechnicianWizard.choose(index)
                    }
                }
            }
            Grid {
                id: fields
                width: parent.width
                visible: !TechnicianWizard.isDone && TechnicianWizard.fields.length > 0
                columns: page.isNarrow || page.step !== "payment" ? 1 : 2
                spacing: 16
                Repeater {
                    model: fields.visible ? TechnicianWizard.fields : []
                    FieldButton {
                        required property var modelData
                        objectName: "wizard.field." + modelData.name
                        width: (content.width - (fields.columns - 1) * 16) / fields.columns
                        height: 104
                        label: modelData.label
                        value: modelData.value
                        emptyText: modelData.hint !== "" ? modelData.hint : I18n.t("tech.entry.touch")
                        onClicked: page.type(modelData.name)
                    }
                }
            }
            Column {
                id: tests
                width: parent.width
                visible: page.step === "test" && !TechnicianWizard.isDone
                spacing: 12
                Words { visible: text !== ""; width: parent.width; role: "title"; text: TechnicianTests.summary }
                KioskButton {
                    id: runTests
                    objectName: "wizard.runTests"
                    width: Math.min(parent.width, 480)
                    height: 88
                    role: "body"
                    iconName: "refresh-cw"
                    isWaiting: TechnicianTests.isRunning
                    text: I18n.t(TechnicianTests.summary === "" ? "tech.test.run_first" : "tech.test.run_all")
                    onClicked: TechnicianTests.runAll()
                }
                Repeater {
                    model: tests.visible ? TechnicianTests.rows : null
                    TestRowButton {
                        width: tests.width
                        focusPolicy: Qt.NoFocus
                        enabled: false
                    }
                }
            }
            StatusRow {
                objectName: "wizard.problem"
                visible: TechnicianWizard.problemText !== ""
                width: parent.width
                iconName: "triangle-alert"
                tone: Theme.bad
                ink: Theme.text
                text: TechnicianWizard.problemText
            }
        }
    }
    Item {
        id: foot
        x: page.leftEdge
        y: page.height - height - (page.isNarrow ? 64 : 40)
        width: page.innerWidth
        height: 112
        KioskButton {
            objectName: "wizard.back"
            visible: TechnicianWizard.canGoBack && !TechnicianWizard.isDone
            y: 12
            width: implicitWidth
            height: 88
            kind: "quiet"
            role: "body"
            iconName: "chevron-left"
            text: I18n.t("common.back")
            onClicked: TechnicianWizard.back()
        }
        KioskButton {
            objectName: "wizard.next"
            readonly property bool isOptional: page.step === "centre" && TechnicianWizard.fields.every(field => field.value === "")
            anchors.right: parent.right
            visible: page.step !== ""
            width: Math.min(560, parent.width - 240)
            height: 112
            kind: "primary"
            role: "button"
            isWaiting: TechnicianWizard.isWaiting
            reason: TechnicianWizard.isDone || TechnicianWizard.isWaiting ? "" : TechnicianWizard.missingText
            text: I18n.t(TechnicianWizard.isDone ? "wizard.finish" : TechnicianWizard.isWaiting ? "wizard.checking" : isOptional ? "wizard.skip" : "wizard.next")
            onClicked: TechnicianWizard.isDone ? TechnicianWizard.finish() : TechnicianWizard.goOn()
        }
    }
}
