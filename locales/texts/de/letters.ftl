letter-state-open = offen
letter-state-redeemed = eingelöst
letter-state-expired = abgelaufen
letter-state-replaced = ersetzt
letter-state-revoked = zurückgezogen
letter-none = kein Brief
letter-number = Brief-Nummer
letter-issue = Ausgabe
letter-made = Gemacht
letter-posted = Versandt
letter-expires = Gültig bis
letter-revoke = Zurückziehen
letters-new = Neue Briefe machen
letters-count = Zählen
letters-waiting = { $n ->
    [0] Niemand wartet auf einen Brief.
    [one] 1 Person wartet auf einen Brief.
   *[other] { $n } Personen warten auf einen Brief.
}
letters-make = { $n ->
    [one] 1 Brief machen
   *[other] { $n } Briefe machen
}
letters-nobody = Niemand wartet auf einen Brief. Alle haben schon einen offenen Brief oder ein Konto.
letters-method-off = Die Registrierung mit Brief ist ausgeschaltet. Sie lässt sich in den Einstellungen wieder einschalten. Vorhandene Briefe bleiben gültig.
letters-texts-too-long = Die Texte des Briefs sind etwa { $zeilen } { $zeilen ->
    [one] Zeile
   *[other] Zeilen
} zu lang für das Blatt. Bitte kürzen Sie sie in der Vorlage.
letters-banned = Für diese Person werden keine Briefe gemacht.
letters-registered = Diese Person hat schon ein Konto.
letters-wrong-state = Das ist bei diesem Stand nicht mehr möglich. Bitte laden Sie die Seite neu.
letters-collision = Jemand anderes hat im selben Moment Briefe für dieselben Personen gemacht. Bitte sehen Sie in die Liste der Druckaufträge.
letters-not-downloaded = Diese Briefe wurden noch nicht heruntergeladen. Bitte laden Sie zuerst die Datei herunter und drucken Sie sie.
letters-posting-day = Bitte geben Sie den Tag des Versands an: nicht vor dem Druckauftrag und nicht in der Zukunft.
batches = Druckaufträge
batches-none = Bisher gibt es keinen Druckauftrag.
batch = Druckauftrag
batch-number = Druckauftrag { $n }
batch-letters = Briefe
batch-redeemed = Eingelöst
batch-facts = Angaben
batch-checked = Geprüft
batch-downloaded = Heruntergeladen
batch-size = Größe der Datei
batch-progress = Gemacht und geprüft:
batch-making-text = Die Briefe werden gemacht. Jeder Code wird aus der fertigen Datei zurückgelesen und geprüft. Sie können diese Seite verlassen.
batch-ready-title = Die Briefe sind fertig und geprüft
batch-ready-text = { $n ->
    [one] 1 Brief: Der Code und die Benutzer-ID wurden aus der Datei gelesen und stimmen.
   *[other] { $n } Briefe: Jeder Code und jede Benutzer-ID wurde aus der Datei gelesen und stimmt.
}
batch-download-apart = Die Datei wird beim Herunterladen gemacht und nicht auf dem Server gespeichert. Sie enthält gültige Codes: Drucken Sie sie selbst und löschen Sie sie danach.
batch-step-download = Herunterladen und drucken
batch-download = PDF herunterladen ({ $groesse })
batch-download-text = Die Datei wird beim Herunterladen gemacht und nicht auf dem Server gespeichert. Sie enthält gültige Codes: Bitte geben Sie sie nur an die Druckerei und löschen Sie sie danach.
batch-step-post = Als versandt melden
batch-post-text = Melden Sie das erst, wenn alle Dateien heruntergeladen und gedruckt sind: Danach lässt sich keine mehr herunterladen. Ab dem Versand gelten die Briefe { $tage } Tage.
batch-post-date = Tag des Versands
batch-post-hint = Zum Beispiel 24, 11, 2026
batch-post-button = Als versandt melden
batch-step-discard = Verwerfen
batch-discard-text = Wenn etwas nicht stimmt: Alle Briefe dieses Auftrags werden ungültig. Die Personen warten dann wieder auf einen Brief.
batch-discard-button = Druckauftrag verwerfen
batch-sealed-title = Dieser Druckauftrag ist versiegelt
batch-sealed-text = Der Schlüssel ist zerstört. Die Datei kann nicht noch einmal gemacht werden. Wer seinen Brief verliert, bekommt einen neuen.
batch-posted-text = Die Briefe gelten bis { $datum }. Der Schlüssel ist zerstört, die Datei kann nicht noch einmal gemacht werden. Wer seinen Brief verliert, bekommt einen neuen.
batch-state-making = wird gemacht
batch-state-ready = bereit
batch-state-failed = fehlgeschlagen
batch-state-sealed = versiegelt
batch-state-posted = versandt
batch-state-discarded = verworfen
batch-failed-title = Die Prüfung ist fehlgeschlagen
batch-failed-texts = Die Texte passen nicht auf die Seite. Bitte kürzen Sie sie in der Vorlage. Es wurde kein Brief gültig.
batch-failed-link = Die Web-Adresse des Portals ist zu lang für den Code. Bitte wenden Sie sich an Ihren IT-Dienstleister. Es wurde kein Brief gültig.
batch-failed-address = Name oder Anschrift auf Brief { $nummer } passt nicht in das Fenster. Bitte prüfen Sie diese Person. Es wurde kein Brief gültig.
batch-failed-unreadable = Seite { $nummer } ließ sich nicht zurücklesen. Es wurde kein Brief gültig. Bitte melden Sie das.
batch-failed-code = Der Code auf Seite { $nummer } stimmt nicht. Es wurde kein Brief gültig. Bitte melden Sie das.
batch-failed-user-id = Die Benutzer-ID auf Seite { $nummer } stimmt nicht. Es wurde kein Brief gültig. Bitte melden Sie das.
batch-failed-window = Im Adressfenster von Seite { $nummer } steht nicht genau die Anschrift. Es wurde kein Brief gültig. Bitte melden Sie das.
batch-failed-number = Auf Seite { $nummer } fehlt die Brief-Nummer. Es wurde kein Brief gültig. Bitte melden Sie das.
batch-failed-twice = Der Code auf Seite { $nummer } kommt zweimal vor. Es wurde kein Brief gültig. Bitte melden Sie das.
back-to-letters = Zurück zu den Briefen
dash-hello = Guten Tag, { $name }
dash-alarm-title = Ungewöhnlich viele falsche Codes
dash-alarm = In den letzten zehn Minuten wurden { $n } falsche Codes eingegeben. Vielleicht versucht jemand, Codes zu erraten. Die Codes sind lang genug, es wird gebremst. Bitte sagen Sie Ihrer IT Bescheid.
dash-residents = Personen im Register
dash-registered = davon mit Konto
dash-response = der Briefe eingelöst
dash-letters = Briefe nach Stand
dash-chart = Registrierungen der letzten 30 Tage
dash-chart-empty = In den letzten 30 Tagen hat sich niemand mit einem Brief registriert.
dash-chart-summary = { $n ->
    [one] 1 Registrierung
   *[other] { $n } Registrierungen
} in 30 Tagen, am stärksten Tag { $meiste }.
dash-registrations = Registrierungen
dash-no-letters = Es wurden noch keine Briefe gemacht.
first-title = Die ersten Schritte
first-done = erledigt
first-settings = Kommune und Kontakt eintragen
first-settings-why = Name, Anschrift und Telefon stehen auf jedem Brief. Die Administration trägt sie ein, auch Logo und Unterschrift.
first-team = Das Meldeamt einladen
first-team-why = Einwohnerlisten und Briefe sind Sache des Meldeamts. Legen Sie dafür mindestens ein Konto an.
first-list = Einwohnerliste hochladen
first-list-why = Das Meldeamt lädt die Liste hoch. Vor dem Übernehmen zeigt das Portal, was fehlt oder nicht stimmt.
first-letters = Briefe machen
first-letters-why = Für jede Person im Register entsteht ein Brief mit einem Code, der einmal gilt.
letters-apart = Gesonderte Briefe
letters-apart-intro = Für Personen mit Auskunftssperre. Diese Briefe werden für sich gedruckt; im Fenster des Umschlags steht nichts von der Kommune. Geben Sie sie nicht an eine Druckerei.
batch-number-apart = Gesonderter Druckauftrag { $n }
batch-apart-title = Nur für befugte Personen
batch-route-desk = Dieser Brief trägt keine Anschrift. Übergeben Sie ihn persönlich am Schalter und melden Sie ihn dann als versandt.
batch-route-neutral = Diese Briefe gehen an Personen mit Auskunftssperre. Drucken Sie sie selbst und nehmen Sie Umschläge ohne Aufdruck.
letter-state-returned = zurückgekommen
letters-address-too-long = { $n ->
    [one] Name oder Anschrift dieser Person passt nicht in das Adressfenster. Bitte kürzen Sie zum Beispiel den Zusatz. Es wurde kein Brief gemacht.
    [0] Name oder Anschrift passt nicht in das Adressfenster.
   *[other] Namen oder Anschriften dieser Personen passen nicht in das Adressfenster. Bitte kürzen Sie zum Beispiel den Zusatz. Es wurde kein Brief gemacht.
}
letters-too-many = Diese Person hat in den letzten { $tage } Tagen schon { $n } Briefe bekommen. Mehr lässt Ihre Kommune nicht zu. Die Administration kann das in den Einstellungen ändern.
letters-needs-second = Diese Anfrage haben Sie selbst gestellt. Bitte lassen Sie eine zweite Person zustimmen.
letters-who = Wer bekommt Briefe?
letters-who-waiting = Alle ohne Konto und ohne offenen Brief
letters-who-silent = Erinnerung an alle, die auf ihren Brief nicht geantwortet haben
letters-silent-days = Tage seit dem Versand
letters-silent-days-hint = Nur für die Erinnerung
letters-silent = { $n ->
    [0] Niemand ist zu erinnern.
    [one] 1 Person hat nicht geantwortet.
   *[other] { $n } Personen haben nicht geantwortet.
}
letters-print-options = Druck: Reihenfolge, Dateien, Großdruck
letters-large = Alle Briefe in Großdruck (16 Punkt, mehrere Seiten)
letters-large-short = Großdruck
letters-order = Reihenfolge
letters-order-address = Postleitzahl, Straße, Hausnummer
letters-order-district = Ortsteil, dann Straße und Hausnummer
separators = Trennblätter
separators-none = keine
separators-postcode = vor jeder Postleitzahl
separators-district = vor jedem Ortsteil
letters-per-file = Briefe je Datei
letters-per-file-hint = Größere Aufträge werden auf mehrere Dateien verteilt. Höchstens 200.000.
letters-megabytes = Megabyte je Datei
letters-megabytes-hint = Manche Druckereien nehmen nur Dateien bis zu einer bestimmten Größe.
batch-download-part = Teil { $teil } herunterladen ({ $groesse })
batch-part = { $n ->
    [one] 1 Brief auf { $blatt } Blatt, Blattnummer { $von }
   *[other] { $n } Briefe auf { $blatt } Blatt, Blattnummern { $von } bis { $bis }
}
batch-part-downloaded = heruntergeladen
batch-state-reserved = Nummern vergeben
manifest-hint = Der Begleitschein nennt der Druckerei Dateien, Briefe, Blätter und Prüfsummen. Er enthält keine Namen und keine Codes.
manifest-pdf = Begleitschein als PDF
manifest-xlsx = Begleitschein als Excel-Datei
manifest-title = Begleitschein zu Druckauftrag
manifest-template = Vorlage
manifest-pages = Seiten
manifest-sheets = Blätter
manifest-file = Datei
manifest-first = Erster Brief
manifest-last = Letzter Brief
manifest-bytes = Bytes
manifest-note = Bitte zählen Sie die gedruckten Blätter und vergleichen Sie die erste und die letzte Brief-Nummer jeder Datei. Löschen Sie die Dateien nach dem Druck.
template-first = Erster Brief
template-reminder = Erinnerung
template-version = Fassung
template-version-short = { $n ->
    [0] Ausgangsfassung
   *[other] Fassung { $n }
}
template-title = Vorlagen für Briefe
template-save = Als neue Fassung speichern
template-preview = Vorschau zeigen
template-saved = Gespeichert als Fassung { $n }. Neue Druckaufträge nehmen diese Fassung. Vorhandene behalten ihre.
template-old-title = Sie sehen Fassung { $n }
template-old = Wenn Sie speichern, wird daraus eine neue Fassung.
template-versions = Frühere Fassungen
template-versions-hint = Jedes Speichern ergibt eine neue Fassung. Ein Druckauftrag behält die Fassung, mit der er gemacht wurde.
template-original = Ausgangsfassung laden
template-saved-at = Gespeichert
template-saved-by = Von
template-group-text = Text
template-group-second = Zweite Sprache
template-group-back = Rückseite
template-group-sender = Absender
template-group-sheet = Blatt und Marken
template-subject = Betreff
template-body = Text vor dem Code
template-steps = Text neben dem Code
template-closing = Grußformel
template-signatory = Wer unterschreibt
template-second-name = Name der Sprache
template-second-name-hint = Steht vor dem Text, zum Beispiel „English“ oder „Українська“
template-second-language = Sprachkürzel
template-second-language-hint = Für Vorleseprogramme, zum Beispiel en, pl, uk
template-second = Text in der zweiten Sprache
template-notice = Text der Rückseite
template-notice-hint = Zum Beispiel die Hinweise nach Artikel 14 DSGVO. Zeilen, die mit „# “ beginnen, werden Überschriften. Leer: Die Rückseite bleibt frei, die Briefe sind einseitig.
template-return-line = Absenderzeile im Fenster
template-contact = Kontakt rechts oben
sheet-form = Form des Briefbogens (DIN 5008)
sheet-form-b = Form B: Fenster 45 mm von oben, viel Platz für den Briefkopf
sheet-form-a = Form A: Fenster 27 mm von oben, mehr Platz für den Text
posting = Druck und Versand
posting-own = Selbst oder mit einer Druckerei
posting-hybrid = Mit einem Hybridpost-Dienst: Im Fenster bleibt Platz für dessen Freimachung, der linke Rand bleibt frei
template-fold-marks = Faltmarken drucken
template-hole-mark = Lochmarke drucken
template-return-mark = Rücklauf-Code ins Fenster drucken: die Brief-Nummer, nicht geheim
template-sheet-number = Blattnummer klein unten rechts drucken
template-insert-marks = Zwei Marken für die Kuvertiermaschine drucken
preview = Vorschau
preview-side = Vorschau des Briefs, Seite { $seite }
preview-person = Brief an
preview-example = eine erfundene Person
preview-example-organisation = eine erfundene Organisation
preview-longest = den längsten Namen und die längste Anschrift
preview-register = eine Person aus dem Register
preview-number = Nummer im Register
preview-hint = So wird gedruckt: dieselben Schriften, dieselben Umbrüche. Die Codes sind Muster.
preview-failed = Die Vorschau lässt sich gerade nicht erneuern. Prüfen Sie die Verbindung.
preview-address-too-long = Name oder Anschrift dieser Person passt nicht in das Fenster.
problem-letter-too-long = Der Text ist etwa { $zeilen } { $zeilen ->
    [one] Zeile
   *[other] Zeilen
} zu lang für die Vorderseite. Bitte kürzen Sie ihn.
problem-notice-too-long = Der Text der Rückseite ist etwa { $zeilen } { $zeilen ->
    [one] Zeile
   *[other] Zeilen
} zu lang. Bitte kürzen Sie ihn.
problem-large-print-too-long = Im Großdruck passt der Brief so nicht: Der Code muss auf der ersten Seite stehen, und es dürfen höchstens sechs Seiten werden. Bitte kürzen Sie die Texte.
problem-contact-lines = Der Kontakt darf höchstens { $most } Zeilen haben.
problem-language-tag = Bitte geben Sie ein Sprachkürzel wie en, pl oder uk an.
problem-reissue-limit = Bitte geben Sie eine Zahl von 1 bis 20 an.
problem-reissue-days = Bitte geben Sie eine Zahl von 7 bis 730 an.
settings-letter-where = Text, Absender, Marken, Logo und Unterschrift stehen in:
settings-reissue-limit = Briefe an dieselbe Person höchstens
settings-reissue-limit-hint = Der erste Brief zählt mit. Das bremst, wer immer neue Briefe abfangen will.
settings-reissue-days = gezählt über so viele Tage
settings-four-eyes = Vier Augen: Neue Briefe an Personen, die schon einen hatten, muss eine zweite Person freigeben
settings-reissue-public = Einwohner dürfen auf einer öffentlichen Seite einen neuen Brief anfordern
near-label = Rund um Briefe
near-batches = Briefe und Druckaufträge
near-requests = Anfragen nach neuen Briefen
near-returns = Rückläufer
near-templates = Vorlagen
near-control = Kontrollbriefe
near-council = Auswertung
near-help = Hilfe
requests-waiting-title = Jemand möchte einen neuen Brief
requests-waiting = { $n ->
    [one] 1 Anfrage wartet
   *[other] { $n } Anfragen warten
}
requests-title = Anfragen nach neuen Briefen
requests-intro = Wenn Sie zustimmen, entsteht ein Druckauftrag mit einem Brief. Der Brief geht an die Anschrift im Register, nie an eine andere. Der frühere Brief gilt dann nicht mehr.
requests-none = Zurzeit wartet keine Anfrage.
request-by-person = der Person selbst, über die öffentliche Seite
request-agree = Brief machen
request-agree-name = Brief machen: { $name }
request-decline = Ablehnen
request-decline-name = Ablehnen: { $name }
request-own = eigene Anfrage, wartet auf eine zweite Person
new-letter-reason = Anlass
new-letter-lost = nicht angekommen oder verloren
new-letter-request = auf Wunsch
new-letter-moved = umgezogen
return-title = Rückläufer
return-intro = Halten Sie zurückgekommene Briefe mit dem kleinen Code im Fenster vor die Kamera oder den Handscanner. Der Code im Brief gilt sofort nicht mehr.
return-camera = Kamera
return-looking = Halten Sie den kleinen Code im Fenster vor die Kamera.
return-foreign = Das ist kein Rücklauf-Code. Er steht klein über der Anschrift.
return-reason = Grund
returned-unknown = unbekannt
returned-moved = verzogen
returned-refused = Annahme verweigert
returned-deceased = verstorben
returned-no_box = kein Briefkasten
return-keep = Grund für die nächsten Briefe beibehalten
return-number-hint = Scannen oder tippen. Fragt das Portal nach dem Grund, drücken Sie 1 bis 5.
return-note = Vermerken
return-which = Welcher Grund? Taste 1 bis 5. Brief
return-pending = Wird vermerkt:
return-failed = Nicht vermerkt, bitte noch einmal. Keine Verbindung. Brief
return-last = Zuletzt
return-noted = { $nummer }: { $grund }. Der Code gilt nicht mehr.
return-was-dead = { $nummer }: { $grund }. Der Code galt schon vorher nicht mehr.
return-again = { $nummer } war schon vermerkt. Der Grund ist jetzt: { $grund }.
return-was-redeemed = { $nummer }: Mit diesem Brief hat sich schon jemand registriert! Das Konto ist jetzt gesperrt, bis die Person einen neuen Brief benutzt. Bitte prüfen Sie, ob der Umschlag geöffnet war, und sprechen Sie mit der Person.
return-redeemed-short = war schon eingelöst
return-not-a-number = „{ $nummer }“ ist keine Brief-Nummer. Sie sieht so aus: L-7K3M-9QX2.
return-unknown = { $nummer } ist keine Brief-Nummer dieser Kommune.
return-not-posted = { $nummer } wurde noch nicht als versandt gemeldet. Bitte melden Sie zuerst den Druckauftrag als versandt.
return-no-reason = Bitte wählen Sie einen Grund.
return-none = Noch nichts vermerkt.
return-newest = Zuletzt vermerkt
return-doubtful = Zweifelhafte Anschriften
return-doubtful-count = { $n ->
    [one] 1 Person.
   *[other] { $n } Personen.
}
return-doubtful-hint = Diese Personen bekommen keinen neuen Brief, bis ihre Daten geändert sind, durch eine neue Liste oder von Hand.
return-doubtful-download = Liste für das Meldeamt (Excel)
return-day = Vermerkt am
control-title = Kontrollbriefe
control-intro = Einige Personen der Verwaltung bekommen mit jedem größeren Druckauftrag (ab 20 Briefen) einen Brief nach Hause. Sie melden, wann er ankam. Die Codes darin benutzt niemand: Wird doch einer benutzt, hat jemand Briefe geöffnet, und Sie bekommen Alarm.
control-recipients = Wer Kontrollbriefe bekommt
control-known = Diese Person bekommt schon Kontrollbriefe.
control-nobody = Noch niemand.
control-add = Person aufnehmen
control-remove = { $name } entfernen
control-arrived = Ein Kontrollbrief ist angekommen
control-number-hint = Steht rechts oben auf dem Brief
control-day = Angekommen am
control-arrived-button = Ankunft vermerken
control-wrong-day = Bitte geben Sie einen Tag zwischen dem Versand und heute an.
control-unknown = Das ist nicht die Nummer eines Kontrollbriefs.
control-letters = Kontrollbriefe bisher
control-no-letters = Noch kein Druckauftrag hatte Kontrollbriefe.
control-took = Laufzeit
control-days = { $n ->
    [0] am selben Tag
    [one] 1 Tag
   *[other] { $n } Tage
}
control-mean = Im Mittel dauerte es { $tage } Tage.
control-used = Code benutzt am { $tag }
control-alarm-title = Der Code eines Kontrollbriefs wurde benutzt
control-alarm = Vielleicht hat jemand Briefe geöffnet oder abfotografiert. Bitte sehen Sie nach:
control-alarm-what = Niemand aus der Verwaltung benutzt diese Codes. Wahrscheinlich hat jemand Briefe geöffnet oder die Druckdatei gesehen. Verwerfen Sie den Druckauftrag, wenn Sie es nicht erklären können, und sprechen Sie mit Druckerei und Post.
council-title = Auswertung der Briefe
council-intro = Zahlen unter { $n } werden nicht gezeigt, damit niemand zu erkennen ist; auch keine, aus denen man sie ausrechnen könnte. Personen mit Auskunftssperre und Kontrollbriefe sind nicht enthalten.
council-none = Noch wurde kein Druckauftrag als versandt gemeldet.
council-what = Bereich
council-sent = Versandt
council-opened = Code geöffnet
council-registered = Registriert
council-returned = Zurückgekommen
council-expired = Abgelaufen
council-hidden = unter 10
council-hidden-hint = „unter 10“ steht auch, wo man eine kleine Zahl sonst ausrechnen könnte.
council-no-district = ohne Ortsteil
council-total = Zusammen
council-week = Woche ab { $tag }
council-districts = Nach Ortsteil
council-weeks = Nach Woche des Versands
council-chart = Anteil der Briefe, mit denen sich jemand registriert hat
council-download = Als Excel-Datei
guessing-title = Lassen sich Codes erraten?
guessing-text = Offene Briefe: { $offen }. Heute wurden { $heute } falsche Codes eingegeben, mehr als { $meist } am Tag lässt das Portal nicht zu. Wer einen Code erraten will, muss eine von mehr als einer Trilliarde Möglichkeiten treffen.
guessing-today = Ginge es so weiter wie heute, bis alle Briefe abgelaufen sind:
guessing-worst = Würde jemand ununterbrochen raten:
guessing-never = Heute hat niemand geraten.
guessing-odds = weniger als eine Chance in einer Zahl mit { $potenz } Nullen, auch nur einen Brief zu treffen.
genuine-title = Ist mein Brief echt?
genuine-intro = Geben Sie die Brief-Nummer ein. Sie steht rechts oben auf dem Brief und ist nicht geheim. Geben Sie hier nicht die Benutzer-ID ein.
genuine-hint = Zum Beispiel L-7K3M-9QX2
genuine-button = Prüfen
genuine-yes-title = Ja, diese Nummer gibt es
genuine-yes = { $sender } hat in der Woche ab { $tag } einen Brief mit dieser Nummer verschickt. Bekamen Sie Ihren Brief zu einer ganz anderen Zeit? Dann rufen Sie uns bitte an: { $telefon }.
genuine-no-title = Diese Nummer ist bei uns nicht vermerkt
genuine-no = Ein Versand mit der Nummer { $nummer } ist bei uns nicht vermerkt. Prüfen Sie, ob sie richtig getippt ist. Stimmt sie, dann warten Sie bitte noch mit der Registrierung und rufen uns an: { $telefon }.
genuine-many-title = Zu viele Fragen
genuine-many = Von Ihrem Anschluss kamen sehr viele Fragen. Bitte versuchen Sie es in einer Stunde noch einmal oder rufen Sie an: { $telefon }.
genuine-not-a-number = Das ist keine Brief-Nummer. Sie beginnt mit L und hat acht weitere Zeichen.
genuine-warning = Eine echte Nummer heißt noch nicht, dass der Brief echt ist: Jemand kann sie abgeschrieben haben. Achten Sie auf die Web-Adresse. Wir fragen nie nach Geld und nie nach Ihrem Passwort. Im Zweifel rufen Sie an: { $telefon }.
new-letter-title = Neuen Brief anfordern
new-letter-intro = Ihr Brief kam nicht an, ist verloren oder abgelaufen? Wir schicken einen neuen an die Anschrift, unter der Sie gemeldet sind. Der alte Brief gilt dann nicht mehr.
new-letter-given = Vorname
new-letter-large = Bitte in großer Schrift
new-letter-button = Brief anfordern
new-letter-done-title = Ihre Anfrage ist eingegangen
new-letter-done = Wenn Ihre Angaben zu einer gemeldeten Person passen, schicken wir einen Brief an die gemeldete Anschrift. Das kann bis zu { $tage } Tage dauern. Aus Datenschutzgründen sagen wir hier nicht, ob die Angaben passen.
new-letter-contact = Sind Sie umgezogen? Dann melden Sie sich zuerst um. Fragen? { $sender }, Telefon { $telefon }.
new-letter-off = Neue Briefe lassen sich hier nicht anfordern. Bitte rufen Sie uns an.
new-letter-many = Von Ihrem Anschluss kamen heute sehr viele Anfragen. Bitte versuchen Sie es morgen noch einmal oder rufen Sie uns an.
refusal-returned-title = Dieser Brief gilt nicht mehr
refusal-returned = Die Post hat diesen Brief an uns zurückgeschickt. Deshalb funktioniert der Code nicht mehr.
refusal-returned-next = Fordern Sie einen neuen Brief an. Stimmt Ihre Anschrift im Melderegister? Fragen? Rufen Sie uns an: { $telefon }.
batch-failed-back = Der Text der Rückseite passt nicht auf die Seite. Bitte kürzen Sie ihn in der Vorlage. Es wurde kein Brief gültig.
batch-failed-mark = Der Rücklauf-Code auf Brief { $nummer } stimmt nicht. Es wurde kein Brief gültig. Bitte melden Sie das.
batch-failed-font = Brief { $nummer } enthält ein Zeichen, das die Schrift nicht hat. Es wurde kein Brief gültig. Bitte melden Sie das.
batch-failed-pages = Eine Datei hat nicht die Seiten, die sie haben muss. Es wurde kein Brief gültig. Bitte melden Sie das.
help-staff-link = Wie aus der Liste Briefe werden
help-print-link = Hilfe zum Drucken und Versenden
help-return-link = Hilfe zu Rückläufern
new-letter-birth-hint = Zum Beispiel 7, 3, 1962
outside-title = Briefe auf einem eigenen Computer machen
offline-hint = Sollen Namen und Codes das Rathaus nie verlassen?
offline-intro = Sie können die Briefe auf einem Computer der Kommune machen. Das Portal bekommt dann nur Prüfwerte, Ortsteile und verschlossene Namen. Öffnen lässt sich ein Name erst mit dem Code aus dem Brief, also wenn sich jemand registriert.
offline-step-1 = Reservieren Sie hier so viele Nummern, wie die Liste Personen hat.
offline-step-2 = Laden Sie die Auftragsdatei herunter und bringen Sie sie auf den Computer, der die Einwohnerliste hat. Er braucht kein Netz.
offline-step-3 = Starten Sie dort das Programm stadtbrief. Es macht das PDF und eine Antwortdatei.
offline-step-4 = Laden Sie die Antwortdatei hier hoch. Ab dann lassen sich die Codes benutzen.
offline-step-5 = Drucken und versenden Sie die Briefe und melden Sie den Auftrag hier als versandt.
offline-trade-title = Was dann anders ist
offline-trade = Im Portal steht niemand, bevor er sich registriert. Deshalb sehen Sie nicht, wer einen Brief bekam; Erinnerungen und neue Briefe machen Sie mit einem neuen Auftrag auf demselben Computer. Sperrvermerke und Abgleich der Listen prüft das Programm dort, nicht das Portal. Bei Rückläufern kennt das Portal nur die Brief-Nummer.
offline-count = Wie viele Nummern?
offline-count-hint = Etwas mehr schadet nicht. Höchstens 200.000.
offline-reserve = Nummern reservieren
offline-job = Auftragsdatei
offline-job-text = Die Datei enthält die Nummern, die Vorlage und einen Schlüssel für die Prüfwerte. Geben Sie sie nur auf dem Weg weiter, auf dem Sie auch die Briefe weitergeben würden.
offline-job-button = Auftragsdatei herunterladen
offline-answer = Antwortdatei
offline-answer-text = Das Programm schreibt sie neben das PDF. Sie enthält keine Namen und keine Codes.
offline-answer-file = Datei antwort.json
offline-batch = Diese Briefe wurden auf einem eigenen Computer der Kommune gemacht. Das Portal kennt die Namen nicht.
answer-damaged = Das ist keine Antwortdatei, oder sie ist beschädigt.
answer-other-job = Diese Antwort gehört zu einem anderen Auftrag.
answer-numbers = In der Antwort steht eine Nummer, die nicht reserviert war, oder jemand kommt zweimal vor.
template-file = Vorlage für die Kommandozeile
help-picture-alt = Bild Ihres Briefs mit drei Nummern: 1 die Brief-Nummer rechts oben, 2 der Code, 3 die Benutzer-ID daneben
help-picture-1 = Die Brief-Nummer. Sie ist nicht geheim. Nennen Sie sie, wenn Sie uns anrufen.
help-picture-2 = Der Code. Richten Sie die Kamera Ihres Handys darauf.
help-picture-3 = Die Benutzer-ID. Sie ist geheim. Tippen Sie sie ein, wenn Sie kein Handy benutzen.
letters-count-again = Sie haben die Auswahl geändert. Die Zahl auf dem Knopf ist jetzt neu gezählt: Bitte prüfen Sie sie und drücken Sie noch einmal.
problem-whole-number = Bitte geben Sie eine ganze Zahl von 1 bis { $most } an.
guessing-about = Rund { $n }
letters-large-one = In Großdruck (16 Punkt, mehrere Seiten)
return-undo = Rückgängig
return-undone = Der Vermerk ist zurückgenommen.
return-cannot-undo = Dieser Vermerk lässt sich nicht mehr zurücknehmen: Die Person hat schon einen neuen Brief, oder der Vermerk ist älter als ein Tag.
manifest-from = Auftraggeber
manifest-how = Druck
manifest-double = beidseitig (lange Kante), A4, 100 %
manifest-single = einseitig, A4, 100 %
manifest-signed = Gedruckt und gezählt am ______________   Unterschrift ______________________________
batch-discard-sure = Ja, alle Briefe dieses Auftrags ungültig machen
