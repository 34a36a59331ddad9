pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Kiosk

/* Thai or English, at once, on every page. */
Rectangle {
    id: control

    width: 260
    height: 80
    radius: height / 2
    color: "transparent"
    border { width: 2; color: Theme.edge }

    component Segment: T.AbstractButton {
        id: segment
        required property string language
        readonly property bool isChosen: Translator.language === language
        width: control.width / 2
        height: Theme.footTarget
        y: (control.height - height) / 2
        focusPolicy: Qt.StrongFocus
        checkable: false
        Accessible.role: Accessible.RadioButton
        Accessible.name: text
        Accessible.checked: isChosen
        onClicked: Translator.ask(language)
        Keys.onReturnPressed: click()
        contentItem: Words {
            thai: segment.language === "th"
            role: "small"
            textScale: 1
            weight: Font.Medium
            horizontalAlignment: Text.AlignHCenter
            topPadding: (Theme.footTarget - lineHeight) / 2
            text: segment.text
            color: segment.isChosen ? Theme.onPaper : Theme.text
            Accessible.ignored: true
        }
        FocusRing { isShown: segment.visualFocus; around: 40 }
    }

    /* The chosen half: a pill on the outer side, straight in the middle. */
    Item {
        x: Translator.language === "th" ? 2 : control.width / 2
        y: 2
        width: control.width / 2 - 2
        height: control.height - 4
        clip: true
        Rectangle {
            x: Translator.language === "th" ? 0 : -width / 2
            width: parent.width * 2
            height: parent.height
            radius: height / 2
            color: Theme.paper
        }
    }
    Segment { language: "th"; text: "ไทย"; objectName: "foot.thai" }
    Segment { x: control.width / 2; language: "en"; text: "English"; objectName: "foot.english" }
}
