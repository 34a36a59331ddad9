import QtQuick
import Kiosk

/* The page's sentence of the moment (what did not work and what to do, or that it worked); nothing otherwise.
   What a code sheet has said of its code, the page behind it does not say again. */
Rectangle {
    id: notice

    property bool isInSheet: false
    property string saidInSheet: ""
    readonly property bool hasSentence: text !== "" && (isInSheet || text !== saidInSheet)
    readonly property string text: Session.noticeText

    onTextChanged: saidInSheet = Navigator.sheet === "OrderSheet" || Navigator.sheet === "VoucherSheet" ? text : ""
    visible: hasSentence
    implicitHeight: visible ? sentence.implicitHeight + 40 : 0
    height: implicitHeight
    radius: Theme.radiusTile
    color: Theme.s2
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    StatusRow {
        id: sentence
        x: 24
        y: 20
        width: parent.width - 48
        iconName: Session.isNoticeGood ? "check" : "circle-help"
        tone: Session.isNoticeGood ? Theme.ok : Theme.gold
        ink: Theme.text
        text: notice.text
    }
}
