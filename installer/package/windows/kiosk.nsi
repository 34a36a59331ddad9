; The Windows installer of the photo kiosk. Compiled by `python3 -m installer package windows` with:
;   VERSION, FOLDER (the frozen program), TARGET (the installer to write)
;
; Silent: photo-kiosk-setup.exe /S [/D=C:\Photo Kiosk]      Exit codes, as Windows Installer has them, so that tools that
; roll out software (Intune, Configuration Manager) know them:
;   0     installed, or removed
;   1602  somebody cancelled
;   1603  it failed: files could not be written
;   1618  the kiosk is running, or another set-up of it
;   1633  this Windows is not 64-bit, or older than Windows 10
; Removing: "Uninstall.exe" /S keeps the data in ProgramData\Photo Kiosk; with /PURGE it deletes it, too.

Unicode true
ManifestSupportedOS Win10
RequestExecutionLevel admin
SetCompressor /SOLID lzma

!include "MUI2.nsh"
!include "x64.nsh"
!include "WinVer.nsh"
!include "FileFunc.nsh"

!define NAME "Photo Kiosk"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\PhotoKiosk"
!define RUNNING "Global\photo-kiosk-setup"

Name "${NAME}"
OutFile "${TARGET}"
InstallDir "$PROGRAMFILES64\${NAME}"
InstallDirRegKey HKLM "${UNINSTALL}" "InstallLocation"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "FileDescription" "${NAME} set-up"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" ""

!define MUI_ABORTWARNING
!define MUI_CUSTOMFUNCTION_ABORT WhenCancelled
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Thai"

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "This needs Windows 10 or newer, 64-bit." /SD IDOK
    SetErrorLevel 1633
    Quit
  ${EndIf}
  SetRegView 64
  System::Call 'kernel32::CreateMutexW(p 0, i 1, w "${RUNNING}") p .r1 ?e'
  Pop $0
  ${If} $0 = 183 ; ERROR_ALREADY_EXISTS
    Call KioskIsRunning
  ${EndIf}
  ; A program that runs keeps its file from being opened for writing.
  ${If} ${FileExists} "$INSTDIR\kiosk.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\kiosk.exe" a
    ${If} ${Errors}
      Call KioskIsRunning
    ${EndIf}
    FileClose $0
  ${EndIf}
FunctionEnd

Function KioskIsRunning
  MessageBox MB_OK|MB_ICONSTOP "The kiosk, or another set-up of it, is running. Close it first." /SD IDOK
  SetErrorLevel 1618
  Quit
FunctionEnd

Function WhenCancelled
  SetErrorLevel 1602
FunctionEnd

Function .onInstFailed
  SetErrorLevel 1603
FunctionEnd

Section "-Program"
  SetShellVarContext all
  ClearErrors
  RMDir /r "$INSTDIR\_internal" ; of the version before: a file that is gone must not linger
  SetOutPath "$INSTDIR"
  File /r "${FOLDER}/*"
  ${If} ${Errors}
    SetErrorLevel 1603
    Abort
  ${EndIf}
  File "shell-launcher.xml"
  CreateDirectory "$APPDATA\${NAME}"
  WriteRegExpandStr HKLM "SYSTEM\CurrentControlSet\Control\Session Manager\Environment" "KIOSK_HOME" "$APPDATA\${NAME}"
  CreateDirectory "$SMPROGRAMS\${NAME}"
  CreateShortCut "$SMPROGRAMS\${NAME}\${NAME}.lnk" "$INSTDIR\kiosk.exe" "run"
  WriteUninstaller "$INSTDIR\Uninstall.exe"
  WriteRegStr HKLM "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKLM "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${UNINSTALL}" "UninstallString" '"$INSTDIR\Uninstall.exe"'
  WriteRegStr HKLM "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S'
  WriteRegDWORD HKLM "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKLM "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKLM "${UNINSTALL}" "EstimatedSize" $0
  SetErrorLevel 0
SectionEnd

Section "Uninstall"
  SetRegView 64
  SetShellVarContext all
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\kiosk.exe"
  Delete "$INSTDIR\THIRD_PARTY_NOTICES.txt"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\shell-launcher.xml"
  Delete "$INSTDIR\Uninstall.exe"
  RMDir "$INSTDIR"
  RMDir /r "$SMPROGRAMS\${NAME}"
  DeleteRegKey HKLM "${UNINSTALL}"
  DeleteRegValue HKLM "SYSTEM\CurrentControlSet\Control\Session Manager\Environment" "KIOSK_HOME"
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/PURGE" $1
  ${IfNot} ${Errors}
    RMDir /r "$APPDATA\${NAME}"
  ${EndIf}
  SetErrorLevel 0
SectionEnd
