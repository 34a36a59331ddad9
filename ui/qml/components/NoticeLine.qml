import QtQuick
import Kiosk

/* The page's sentence of the moment (what did not work and what to do, or that it worked); nothing otherwise. */
Rectangle {
    id: notice

    visible: Session.noticeText !== ""
    implicitHeight: visible ? sentence.implicitHeight + 40 : 0
    height: implicitHeight
    radius: Theme.radiusTile
    color: Theme.s2
    Accessible.role: Accessible.AlertMessage
    Accessible.name: Session.noticeText

    StatusRow {
        id: sentence
        x: 24
        y: 20
        width: parent.width - 48
        iconName: Session.isNoticeGood ? "check" : "circle-help"
        tone: Session.isNoticeGood ? Theme.ok : Theme.gold
        ink: Theme.text
        text: Session.noticeText
    }
}
