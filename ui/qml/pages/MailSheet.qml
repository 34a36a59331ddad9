import QtQuick
import Kiosk
import "../components"

/* An e-mail address: for the link to the photos, used once. It is looked at as it is typed; nobody is asked
   whether it exists. */
TypingSheet {
    id: sheet
    readonly property bool isWrong: hasTried && !Delivery.isMailForm(text)
    property bool hasTried: false

    objectName: "MailSheet"
    title: I18n.t("deliver.email.prompt")
    kind: "email"
    hint: "name@example.com"
    note: I18n.t(isWrong ? "error.email_form" : "deliver.email.note")
    isNoteUrgent: isWrong
    mayBeEmpty: false
    onDismissed: Navigator.closeSheet()
    onEntered: text => {
        hasTried = true;
        if (!Delivery.isMailForm(text))
            return;
        Delivery.sendMail(text);
        Navigator.closeSheet();
    }
}
