pragma ComponentBehavior: Bound
import QtQuick
import Kiosk
import "../components"

/* A short break, in both languages; what was paid is safe; the order code still works. */
PageFrame {
    id: page
    objectName: "page.out_of_service"
    announced: I18n.t("out.title")

    readonly property string firstLanguage: Theme.isThai ? "th" : "en"
    readonly property string secondLanguage: Theme.isThai ? "en" : "th"

    title: Session.bothEventNames
    hasBack: false
    hasMyData: false
    hasSide: false
    staffText: Session.failureCode === "" ? "" : I18n.t("out.ref", { code: Session.failureCode })

    component Both: Column {
        id: both
        required property string key
        property string detailKey: ""
        property bool isFirst: true
        property string role: "h1"
        property string detailRole: "title"
        property int align: Text.AlignHCenter
        readonly property string language: isFirst ? page.firstLanguage : page.secondLanguage
        Words {
            width: both.width
            thai: both.language === "th"
            role: both.role
            weight: both.isFirst ? Font.DemiBold : Font.Medium
            horizontalAlignment: both.align
            text: I18n.inLanguage(both.language, both.key)
        }
        Words {
            width: both.width
            visible: both.detailKey !== ""
            thai: both.language === "th"
            role: both.detailRole
            color: Theme.text2
            horizontalAlignment: both.align
            text: both.detailKey === "" ? "" : I18n.inLanguage(both.language, both.detailKey)
        }
    }

    Column {
        id: saying
        x: page.contentX
        y: Theme.isPortrait ? Math.max(page.contentTop - 40, 252) : 130
        width: Theme.isPortrait ? 952 : 880
        spacing: Theme.isPortrait ? 48 : 32

        Rectangle {
            visible: !page.isLow
            anchors.horizontalCenter: parent.horizontalCenter
            width: 184; height: 264; radius: 24
            color: Theme.s1
            border { width: 4; color: Theme.edge }
            Rectangle { x: 24; y: 26; width: 136; height: 176; radius: 10; color: Theme.s2 }
            Rectangle { x: 54; y: 110; width: 76; height: 7; radius: 3.5; color: Theme.text2 }
            Rectangle { x: 38; y: 228; width: 108; height: 6; radius: 3; color: Theme.edge }
        }
        Both { width: parent.width; key: "out.title"; detailKey: "out.sub" }
        Both { width: parent.width; isFirst: false; role: "title"; detailRole: "body"; key: "out.title"; detailKey: "out.sub" }
    }

    Rectangle {
        x: Theme.isPortrait ? 64 : 992
        y: Theme.isPortrait ? page.primaryTop - height - 96 : 300
        width: Theme.isPortrait ? 952 : 880
        height: safe.height + 96
        radius: Theme.radiusCard
        color: Theme.s1
        Icon { x: 52; y: 56; name: "shield-check"; tint: Theme.ok; size: 64 }
        Column {
            id: safe
            x: 156
            y: 48
            width: parent.width - 156 - 48
            spacing: 24
            Both { width: parent.width; role: "title"; detailRole: "body"; align: Text.AlignLeft; key: "out.paid"; detailKey: "out.paid.text" }
            Both { width: parent.width; isFirst: false; role: "body"; detailRole: "small"; align: Text.AlignLeft; key: "out.paid"; detailKey: "out.paid.text" }
        }
    }

    primary: KioskButton {
        objectName: "outOfService.orderCode"
        anchors.fill: parent
        role: "title"
        text: I18n.t("attract.redownload")
        onClicked: Navigator.openSheet("OrderSheet")
    }
}
