pragma Singleton
import QtQuick
import Kiosk

/* Sentences and money; every call follows a change of language, as it reads `revision`. */
QtObject {
    function t(key: string, params: var): string {
        return Translator.revision >= 0 ? Translator.translate(key, params ?? {}) : "";
    }
    function inLanguage(language: string, key: string, params: var): string {
        return Translator.translateIn(language, key, params ?? {});
    }
    /* A sentence with {n}; English has its own for exactly one. */
    function counted(key: string, n: int): string {
        return Translator.revision >= 0 ? Translator.counted(key, n) : "";
    }
    /* "1,499 baht": the number, then the word. */
    function money(satang: var): string {
        return Translator.baht(satang) + " " + t("common.baht", {});
    }
}
