import QtQuick
import Kiosk
import "../components"

/* Where news of later photos are to go. */
TypingSheet {
    id: sheet
    readonly property bool isWrong: hasTried && !Delivery.isMailForm(text)
    property bool hasTried: false

    objectName: "KeepMailSheet"
    title: I18n.t("keep.mail.prompt")
    kind: "email"
    hint: "name@example.com"
    note: I18n.t(isWrong ? "error.email_form" : "keep.mail.note")
    isNoteUrgent: isWrong
    mayBeEmpty: false
    onDismissed: Navigator.closeSheet()
    onEntered: text => {
        hasTried = true;
        if (!Delivery.isMailForm(text))
            return;
        Delivery.keepByMail(text);
        Navigator.closeSheet();
    }
}
