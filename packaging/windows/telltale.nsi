; Windows installer for one user, without administrator rights. Build: makensis -DVERSION=0.1.0 -DFOLDER=dist/telltale [-DOUT=FILE] [-DQUICK] telltale.nsi
; Silent: telltale-VERSION-windows-setup.exe /S [/D=C:\place]; silent removal: uninstall.exe /S. A newer version goes over an older one.
Unicode true
!include MUI2.nsh
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Telltale"
Name "Telltale"
!ifndef OUT
  !define OUT "telltale-${VERSION}-windows-setup.exe"
!endif
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Telltale"
InstallDirRegKey HKCU "${KEY}" "InstallLocation"
!ifdef QUICK
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
!endif

!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English
!insertmacro MUI_LANGUAGE SimpChinese

Section "Application"
  ; Only the program's own folder is emptied before an upgrade. Experts, settings and cases lie elsewhere.
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licenses"
  SetOutPath "$INSTDIR"
  File /r "${FOLDER}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Telltale.lnk" "$INSTDIR\telltale-window.exe"
  WriteRegStr HKCU "${KEY}" "DisplayName" "Telltale"
  WriteRegStr HKCU "${KEY}" "DisplayIcon" "$INSTDIR\telltale-window.exe"
  WriteRegStr HKCU "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
SectionEnd

Section "Uninstall"
  ; Names, not everything: whoever chose a folder with other things in it keeps them.
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licenses"
  RMDir /r "$INSTDIR\packs"
  Delete "$INSTDIR\telltale.exe"
  Delete "$INSTDIR\telltale-window.exe"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Telltale.lnk"
  DeleteRegKey HKCU "${KEY}"
SectionEnd
