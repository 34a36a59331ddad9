import QtQuick
import Kiosk
import "../components"

/* The staff's pages over the visitor's, of which nothing is seen: the way in, then rail and page; the sheet over
   them, and over all the sentence of the moment. */
FocusScope {
    id: over
    objectName: "staff.layer"
    focus: true

    /* Keyboard and switch go on where they were: on top, or back on the page when a sheet has gone. */
    function focusTop() {
        const top = sheets.item ?? content.item;
        if (top)
            (top as Item).forceActiveFocus();
    }

    function tell() {
        if (Staff.noticeText === "" || (!Staff.isSignedIn && !Staff.isNoticeGood && Staff.isSetUp))
            return; // said above the keypad
        toast.isGood = Staff.isNoticeGood;
        toast.lifeMs = Staff.isNoticeGood ? 5000 : 20000;
        const code = Staff.noticeCode;
        toast.show(Staff.noticeText + (code === "" || Staff.noticeText.includes(code) ? "" : " (" + code + ")"), I18n.t("common.ok"));
    }

    Rectangle { anchors.fill: parent; color: Theme.bg }
    MouseArea { anchors.fill: parent }

    Loader {
        id: content
        anchors.fill: parent
        enabled: sheets.item === null
        /* The wizard stays whole to its end, also once it has made the first technician. */
        source: !Staff.isSetUp || StaffNavigator.place === "wizard" ? "StaffWizard.qml" : Staff.isSignedIn ? "StaffConsole.qml" : "StaffSignIn.qml"
        onItemChanged: over.focusTop()
    }
    Loader {
        id: sheets
        objectName: "staff.sheets"
        anchors.fill: parent
        source: StaffNavigator.sheet === "" ? "" : "../" + StaffNavigator.sheet + ".qml"
        onItemChanged: over.focusTop()
    }
    Toast {
        id: toast
        objectName: "staff.toast"
        x: (parent.width - width) / 2 + (Theme.isPortrait || !Staff.isSignedIn ? 0 : 150)
        y: parent.height - height - 48
        width: Math.min(parent.width - 96, Theme.isPortrait || !Staff.isSignedIn ? 1080 : 1240)
    }
    Connections {
        target: Staff
        /* After the page has turned, where both come at once. */
        function onNoticed() {
            Qt.callLater(over.tell);
        }
    }
    Connections {
        target: StaffNavigator
        /* What went wrong on a page stays behind with it. */
        function onPageChanged() {
            if (!toast.isGood)
                toast.opacity = 0;
        }
    }
    Connections {
        target: toast
        function onOpacityChanged() {
            if (toast.opacity === 0 && Staff.noticeText !== "")
                Staff.clearNotice();
        }
    }
}
