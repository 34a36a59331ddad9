import QtQuick
import Kiosk

/* The number, its satang in gold, then baht. */
Row {
    id: money

    required property var satang
    property string role: "h2"
    property string unitRole: "small"
    property color tint: Theme.text
    property bool hasUnit: true

    spacing: 14
    Accessible.role: Accessible.StaticText
    Accessible.name: I18n.money(satang)

    Row {
        id: figure
        Words { role: money.role; weight: Font.DemiBold; color: money.tint; wrapMode: Text.NoWrap; text: Translator.wholeBaht(money.satang); Accessible.ignored: true }
        Words { role: money.role; weight: Font.DemiBold; color: Theme.gold; wrapMode: Text.NoWrap; text: Translator.satangPart(money.satang); Accessible.ignored: true }
    }
    Words {
        visible: money.hasUnit
        y: figure.height - height - (figure.height - height) * 0.22
        role: money.unitRole
        color: money.tint
        wrapMode: Text.NoWrap
        text: I18n.t("common.baht")
        Accessible.ignored: true
    }
}
