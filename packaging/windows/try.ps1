# Installs, uses, upgrades and removes both installers on a real Windows, in silence. usage: try.ps1 FOLDER PICTURE
# (FOLDER\newer: the same installers of a newer version)
param([string]$Folder, [string]$Picture)
$ErrorActionPreference = "Stop"
$case = Join-Path $env:TEMP "telltale-case"

function Use-Telltale([string]$Program) {
    $doctor = & "$Program\telltale.exe" doctor --json | ConvertFrom-Json
    if ($doctor.error -or -not $doctor.engine.self_test) { throw "the self-test failed: $($doctor.error.code)" }
    Write-Output $doctor.engine.build
    & "$Program\telltale.exe" analyze $Picture --json
    if ($LASTEXITCODE -ne 0) { throw "analyze failed" }
    $window = Start-Process -PassThru "$Program\telltale-window.exe" (Resolve-Path $Picture)
    Start-Sleep 30
    if ($window.HasExited) { throw "the window did not stay open" }
    Stop-Process $window
    Start-Sleep 5
}

function Test-Gone([string]$Program) {
    # An uninstaller copies itself away and returns early.
    for ($n = 0; (Test-Path $Program) -and $n -lt 60; $n++) { Start-Sleep 1 }
    if (Test-Path $Program) { throw "files were left in $Program" }
}

function Test-Listed([string]$Hive, [string]$File) {
    # What Windows lists as installed is the one version that the file's name says.
    $found = @(Get-ItemProperty "${Hive}:\Software\Microsoft\Windows\CurrentVersion\Uninstall\*" | Where-Object DisplayName -eq "Telltale")
    $wanted = ($File -split "-")[1]
    if ($found.Count -ne 1 -or $found[0].DisplayVersion -ne $wanted) { throw "Windows lists $($found.DisplayVersion), not $wanted" }
}

$setup = Get-ChildItem "$Folder\telltale-*-windows-setup.exe"
$program = "$env:LOCALAPPDATA\Programs\Telltale"
Start-Process -Wait $setup.FullName /S
Use-Telltale $program
& "$program\telltale.exe" case new $case --who analyst
& "$program\telltale.exe" case add $case $Picture --who analyst
$newer = Get-ChildItem "$Folder\newer\telltale-*-windows-setup.exe"
Start-Process -Wait $newer.FullName /S
Test-Listed HKCU $newer.Name
Start-Process -Wait "$program\uninstall.exe" /S
Test-Gone $program
if (-not (Test-Path "$case\case.sqlite")) { throw "the user's case is gone" }

$package = Get-ChildItem "$Folder\telltale-*-windows.msi"
$program = "$env:ProgramFiles\Telltale"
if ((Start-Process -Wait -PassThru msiexec "/i `"$($package.FullName)`" /qn").ExitCode -ne 0) { throw "msiexec /i failed" }
Use-Telltale $program
$newer = Get-ChildItem "$Folder\newer\telltale-*-windows.msi"
if ((Start-Process -Wait -PassThru msiexec "/i `"$($newer.FullName)`" /qn").ExitCode -ne 0) { throw "the upgrade failed" }
Test-Listed HKLM $newer.Name
if ((Start-Process -Wait -PassThru msiexec "/x `"$($newer.FullName)`" /qn").ExitCode -ne 0) { throw "msiexec /x failed" }
Test-Gone $program
Write-Output "all held"
