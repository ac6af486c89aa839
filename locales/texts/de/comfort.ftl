columns-choose = Spalten wählen
columns-legend = Diese Spalten zeigen
columns-first = „{ $name }“ steht immer da. Die Auswahl gilt auch für die Excel-Datei und bleibt in diesem Browser.
columns-show = Auswahl zeigen
columns-standard = Wie am Anfang
export-xlsx = Als Excel-Datei
export-left-out = Hier endet das Blatt: Mehr als { $n } Zeilen passen nicht hinein. Bitte filtern Sie die Liste.
table-submitted = Eingegangen
table-changed = Zuletzt geändert
table-decided = Entschieden
table-members = Mitglieder
table-admitted = Zugesagt am
table-confirm-by = Zu bestätigen bis
table-validity = Gültig (Tage)
table-hash = Prüfsumme
density-label = Darstellung:
density-comfortable = bequem
density-compact = dicht
palette-open = Suchen und springen
palette-shortcut = Strg+K
palette-keys = Pfeiltasten wählen, Eingabe öffnet, Esc schließt.
palette-count = Einträge: { $n }
palette-none = Dazu gibt es hier nichts.
palette-close = Schließen
palette-page = Seite
palette-action = Aktion
palette-search = Suche
palette-typed = Suchwort oder Nummer
palette-typed-hint = Ein Name, eine Anschrift, eine Brief-Nummer (L-7K3M-9QX2) oder eine Vorgangsnummer (V-7K3M-9QX2)
palette-actions = Aktionen
palette-pages = Seiten
palette-in-register = Im Register suchen
palette-in-inbox = In Nachrichten suchen
palette-in-organisations = In Organisationen suchen
palette-number = Nummer öffnen
palette-case-setup = Vorgaben für Nachrichten
palette-templates = Vorlagen für Briefe
palette-council = Auswertung für den Rat
palette-help = Hilfe zu Listen und Briefen
palette-new-person = Neue Person
palette-upload = Liste hochladen
palette-letters = Briefe machen
palette-returned = Brief zurück
problem-number-unknown = Zu dieser Nummer gibt es nichts, was Sie sehen dürfen. Bitte prüfen Sie die Schreibweise.
chart-letters = Briefe nach Stand
chart-letters-summary = { $n } Briefe insgesamt, davon { $eingeloest } eingelöst.
chart-cases = Vorgänge nach Woche
chart-cases-summary = { $wochen ->
    [one] In einer Woche
   *[other] In { $wochen } Wochen
 } { $neu ->
    [one] kam ein Vorgang
   *[other] kamen { $neu } Vorgänge
 }. { $entschieden ->
    [one] Einer wurde entschieden.
   *[other] Entschieden wurden { $entschieden }.
 }
chart-cases-new = neu
chart-cases-decided = entschieden
chart-week = Woche ab
cancelled-somebody = Jemand, den es hier nicht mehr gibt,
batch-cancel-text = Sie können abbrechen, solange die Briefe nicht fertig sind. Dann gilt kein Brief dieses Auftrags, und die Personen warten wieder auf einen Brief.
batch-cancel-button = Druckauftrag abbrechen
batch-cancelled-title = Abgebrochen
batch-cancelled = { $wer } hat diesen Druckauftrag am { $wann } abgebrochen, bevor er fertig war.
batch-cancelled-letters = { $n ->
    [one] Der Brief ist zurückgezogen. Die Person wartet wieder auf einen Brief.
   *[other] Alle { $n } Briefe sind zurückgezogen. Die Personen warten wieder auf einen Brief.
}
batch-state-cancelled = abgebrochen
letters-too-late = Der Druckauftrag wird nicht mehr gemacht: Er ist fertig geworden, oder jemand anderes hat ihn gestoppt. Wenn er fertig ist, können Sie ihn verwerfen.
list-state-cancelled = abgebrochen
list-cancelled = { $wer } hat das Lesen am { $wann } abgebrochen.
list-too-late = Die Liste war schneller gelesen, als Sie abbrechen konnten. Sie können sie jetzt verwerfen.
list-applied-so-far = { $n } von { $alle } Zeilen sind übernommen.
list-applying-no-cancel = Abbrechen geht jetzt nicht: Sonst wäre das Register halb nach der alten und halb nach der neuen Liste.
audit-audit-export = Protokoll als Excel-Datei heruntergeladen
audit-cases-export = Liste der Nachrichten als Excel-Datei heruntergeladen
audit-feature-audit = Protokoll
audit-letters-cancel = Druckauftrag abgebrochen
audit-letters-export = Liste der Druckaufträge als Excel-Datei heruntergeladen
audit-organisations-export = Liste der Organisationen als Excel-Datei heruntergeladen
audit-residents-cancel = Lesen einer Liste abgebrochen
audit-residents-export = Register als Excel-Datei heruntergeladen
