<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
  <context>
    <name>AboutDialog</name>
    <message>
      <source>A finding says what the evidence supports and how often such findings are wrong. It is never proof of anything.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>About Telltale</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Apache License 2.0. Uses Qt {version} through PySide6 under the LGPL.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing leaves this computer: pictures are read and examined by processes that have no network.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Offline, explainable examination of pictures for traces of AI generation.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Canvas</name>
    <message>
      <source>not analysed</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>CanvasPanel</name>
    <message>
      <source>Analysed frame</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dim what the expert did not see</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Drop pictures here</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Expert: {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Files, folders, or a picture copied from another program. Nothing leaves this computer.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open files…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open folder…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Outline where the expert looked while writing a sentence</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Paste</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading {name}…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Regions</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Strength of the overlay</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no picture to show.
{reason}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name}, {width} × {height} pixels, {state}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ClaimRow</name>
    <message>
      <source>Stated reason {number}: {text}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Your judgement of reason {number}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Commands</name>
    <message>
      <source>&amp;100 %</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;About Telltale</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Analyse again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Cancel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Copy explanation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Exhibit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Export report…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;File</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Fit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Help</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Keyboard shortcuts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Lay view over picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Magnifier</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Next exhibit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Open files…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Paste picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Pause queue</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Remove from the window</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Search exhibits</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;Settings…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>&amp;View</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Analysed f&amp;rame</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Co&amp;mpare…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>E&amp;xperts…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ne&amp;xt stated reason</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Next &amp;panel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open &amp;folder…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pre&amp;vious exhibit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Previous s&amp;tated reason</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Re&amp;gions</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show &amp;log</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom &amp;in</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom &amp;out</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>CompareDialog</name>
    <message>
      <source>Compare two exhibits</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>First exhibit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>First picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>One above the other, with a divider</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Place of the divider</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Second exhibit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Second picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Wheel zooms, dragging moves both</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Dropping</name>
    <message>
      <source>That is a web address. Telltale never goes online: save the picture as a file and drop the file.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no picture in that. Drop picture files, folders or a copied picture.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ExhibitsPanel</name>
    <message>
      <source>All</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>As added</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>By name</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>By outcome</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>By score</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancel all</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancelled</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Exhibits</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Inconclusive</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not analysed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pause</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pause the queue</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pictures under examination, with their state and outcome</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Progress of the queue</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Resume</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Search exhibits</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Show only</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Sort by</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Supports AI</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Supports camera</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unlike calibrated</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Waiting</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>paused</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{done} of {total} done</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ExpertsDialog</name>
    <message>
      <source>About the expert</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>An expert is a folder with a card and two model files. To bring one to a computer without network, make it elsewhere with “telltale models pull” and “telltale models export”, carry it on a stick and import it here.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Experts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Experts on this computer</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Import from a folder…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Progress</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Remove</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The folder with the expert</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>There is no expert on this computer yet.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Use this expert</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Verify files</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} is asked from now on.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>✓ Every file is the one that its card describes.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>✕ Damaged: {problems}. Import it again.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>FindingsPanel</name>
    <message>
      <source>Between the stated reasons</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Code: {code}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Findings</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Findings appear here as soon as there is an exhibit.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No regions: {why}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Progress of this exhibit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The expert's score</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The model's stated reasons</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try again</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Written by the model, not checked by anyone. Point at a sentence to see where it looked.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>– Cancelled</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>✕ Not analysed: {why}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>LogDialog</name>
    <message>
      <source>Copy</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Kept on this computer only, in {where}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Log</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing went wrong so far.</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>MainWindow</name>
    <message>
      <source>All files</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dropped picture {number}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Expert: loading…</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Expert: {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Export the report into this folder</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Findings</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Marks</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Offline</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open a folder of pictures</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Open pictures</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pasted picture {number}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Pictures</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Questions</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Record</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Telltale never uses the network; the processes that read and examine pictures cannot.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The model's stated reasons for {name}:</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The report of {name} is in {where}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The report of {name} was not written: {why}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The report was not written</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The settings could not be saved; they hold until you quit.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Tools</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Views</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What is known of the exhibit</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{name} – Telltale</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>✕ No expert: {why}</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>MarksPanel</name>
    <message>
      <source>Facts of {mark}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Marks</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Marks are read when the exhibit is analysed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No marks.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What the file says about itself. A mark can be removed or forged, and having none means nothing.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>– Looked for and not found</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>∅ Not applicable to this file</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>QuestionsPanel</name>
    <message>
      <source>Answers are the model's words, not findings, and never change the score.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ask</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ask about this picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ask: {question}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Conversation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Experimental: this expert was not trained to answer questions. Its answers never change the score.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Questions</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Your question</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>RecordPanel</name>
    <message>
      <source>Card: </source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Differs from what the model's own loader would do:</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Expert: {name} ({type}), {licence}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>File: {path}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Log-odds: {value}, both answer words hold {mass} of the mass</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Name: {name}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Network: blocked by {how}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Notes</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Picture: {kind}, {width} × {height} pixels</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Record</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>SHA-256 of the pixels: </source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Seconds: looking {encode}, verdict {score}, text {explain}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Size: {size}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Tags</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Tags, separated by commas</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Telltale {version}, {when}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What was examined</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Your notes on this exhibit</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ScoreBar</name>
    <message>
      <source>Score of the expert</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>fake ▸</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>◂ real</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Session</name>
    <message numerus="yes">
      <source>%n other file(s) in the folder are no pictures and were left out</source>
      <translation type="unfinished">
        <numerusform />
      </translation>
    </message>
    <message>
      <source>the file has changed since it was analysed</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Settings</name>
    <message>
      <source>As the system</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Ask for an explanation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Colours</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Dark</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>High contrast</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>How strongly the map of a claim covers the picture, in percent.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In megabytes; pictures beyond it are read again when shown.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>In percent of your desktop's text size.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Language</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Light</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Memory for pictures</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Of menus and sentences. Explanations stay in the expert's own language.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Off is much faster: only the verdict is read, without the model's stated reasons.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Off leaves new exhibits waiting until you press Resume.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Off shows the same plain dialog on every system.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Start when pictures are added</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Strength of the heat overlay</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>System follows your desktop's light or dark setting.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Text size</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Use the system's file dialogs</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ShortcutsDialog</name>
    <message>
      <source>Arrow keys</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Judge a stated reason: confirmed, not seen, unsure, not examined</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Keyboard shortcuts</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Mouse wheel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Move the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>On the picture and on a stated reason</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Zoom</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>ViewsPanel</name>
    <message>
      <source>Applies to: {gate}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancel</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Compute</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Computing the view</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Diagram of the view</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>For your eye only: no view changes the finding.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It can show</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>It does not show</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Lay over the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>View</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Views</source>
      <translation type="unfinished" />
    </message>
  </context>
  <context>
    <name>Wording</name>
    <message>
      <source>; hiding as much elsewhere changes it by {control} on average</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>? Unsure</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Answering a question</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Calibration: of {reals} camera pictures it flagged {false}, of {fakes} AI-made ones it recognised {true}.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Cancelled</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Checking whether the verdict is stable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Choose another expert, or import this one again, then retry.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Close other programs or choose a smaller expert, then retry.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Effect on the verdict not measured.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Hiding these regions changes the log-odds by {delta}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Inconclusive</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Loading the expert</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Log-odds {value}: the expert answered with neither word</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Log-odds {value}: the expert {lean}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Looking at the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Make room or connect the drive again, then retry. What was finished before is kept.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No detector was asked, so nothing is said about how the picture was made.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No explanation was asked for.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No finding</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>No region was found for this sentence.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not analysed: {reason}</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Not examined</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing else was lost; the other exhibits go on. Try again. If it happens again, suspect this picture.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Nothing follows from this, either way. Treat the question as open.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Reading the picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Supports AI</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Supports camera</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The evidence supports AI generation</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The evidence supports a camera picture</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The expert was not tested on pictures like this one; its reading carries no weight here.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The model's own scale, not a probability. The line at {value} is the calibrated threshold.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The model's own scale, not a probability. This expert has no calibration.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The text ends here because the expert failed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The text was cancelled here.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>The text was cut off here: it reached the longest length.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This does not prove that the picture is AI-made: some real pictures are judged so too.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>This does not prove that the picture is genuine: new generators and small edits are missed.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Try again. If it happens again, Help › Show log holds what a developer needs.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unlike anything calibrated</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Unlike calibrated</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Waiting</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>What would change this: the original file, a RAW file, other frames of the same scene.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Working</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>Writing its reasons</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>You stopped this one. Retry it when you like.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>a helper process ended</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>cancelled</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>leans neither way</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>leans towards “fake”</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>leans towards “real”</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>not enough memory</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>something went wrong</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the disk is full or was removed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the expert cannot be used</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>the picture cannot be read</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{change}. The verdict does not rest on them.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>{change}. The verdict rests on them.</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>– none</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>∅ not applicable</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>✓ Confirmed</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>✓ found</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>✕ Not seen</source>
      <translation type="unfinished" />
    </message>
    <message>
      <source>✕ does not verify</source>
      <translation type="unfinished" />
    </message>
  </context>
</TS>
