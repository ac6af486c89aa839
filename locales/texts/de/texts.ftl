# Public texts of the municipality, and the reports of barriers. The format of long texts: domain/src/municipality/public_text.rs
text-imprint = Impressum
text-privacy = Datenschutz
text-contact = Kontakt
text-accessibility = Erklärung zur Barrierefreiheit
text-easy-language = Leichte Sprache
text-sign-language = Gebärdensprache
ways-label = Andere Sprachformen
sign-film = Film in Deutscher Gebärdensprache
text-in-german = Diesen Text gibt es nur auf Deutsch.
text-as-of = Stand: { $tag }
imprint-text-1 =
    { $sender }

    { $strasse }

    { $plz } { $ort }

    Telefon { $telefon }

    E-Mail [{ $email }](mailto:{ $email })
contact-page-heading-1 = So erreichen Sie uns
contact-page-text-1 =
    { $sender }, { $abteilung }

    { $strasse }, { $plz } { $ort }

    Telefon { $telefon }

    E-Mail [{ $email }](mailto:{ $email })
contact-page-heading-2 = Wann wir da sind
contact-page-text-2 = { $zeiten }
contact-page-heading-3 = Im Portal
contact-page-text-3 =
    Wenn Sie ein Konto haben, können Sie uns hier schreiben: [Dem Rathaus schreiben](/konto/nachricht).

    Hindert Sie etwas daran, das Portal zu benutzen? [Barriere melden](/barrierefreiheit/melden).
accessibility-heading-1 = Wofür diese Erklärung gilt
accessibility-text-1 = { $sender } möchte, dass alle das Bürgerportal { $kommune } benutzen können. Diese Erklärung gilt für alle Seiten des Portals. Grundlage ist das Gesetz unseres Landes, das die Richtlinie (EU) 2016/2102 umsetzt.
accessibility-heading-2 = Wie weit wir sind
accessibility-text-2 = Das Portal ist mit der Norm EN 301 549 und den WCAG 2.2, Stufe AA, zum größten Teil vereinbar. Alle Seiten lassen sich mit der Tastatur und mit Vorleseprogrammen bedienen, auch bei 400 % Vergrößerung. Alle Formulare funktionieren ohne JavaScript. Die Registrierung geht auch ohne Kamera, ohne Handy und ohne E-Mail-Adresse.
accessibility-heading-3 = Was noch nicht barrierefrei ist
accessibility-text-3 =
    - Briefe als PDF für den Druck sind nicht für Vorleseprogramme ausgezeichnet. Briefe, die als Datei verschickt werden, sind es.
    - Was Einwohnerinnen, Einwohner und Organisationen selbst schreiben oder hochladen, haben wir nicht geprüft.
accessibility-heading-4 = Wie geprüft wurde
accessibility-text-4 = Die Angaben beruhen auf einer Selbstbewertung: Jede Fassung der Software wird mit automatischen Prüfungen und mit der Tastatur getestet. Die Kommune prüft diese Erklärung einmal im Jahr.
easy-text-1 =
    ## Was ist das Bürger-Portal?

    Das Bürger-Portal ist eine Internet-Seite.

    Die Internet-Seite gehört zum Rathaus von { $kommune }.

    Im Bürger-Portal können Sie dem Rathaus schreiben.

    Sie können zum Beispiel sagen:

    - Mein Name ist jetzt anders.
    - Ich habe eine Frage.

    ## Wie komme ich in das Bürger-Portal?

    Sie bekommen einen Brief vom Rathaus.

    In dem Brief ist ein Bild mit vielen kleinen Vierecken.

    Das Bild heißt: QR-Code.

    Halten Sie das Handy über das Bild.

    Dann öffnet sich das Bürger-Portal.

    Sie haben kein Handy?

    In dem Brief steht auch eine Benutzer-ID.

    Das sind 16 Buchstaben und Zahlen.

    Die können Sie am Computer eintippen: [Mit Brief registrieren](/registrieren).

    Danach denken Sie sich ein Pass-Wort aus.

    Das Pass-Wort ist geheim.

    Sagen Sie es keinem anderen Menschen.

    ## Sie brauchen Hilfe?

    Dann rufen Sie uns an.

    Die Telefon-Nummer ist: { $telefon }

    Oder Sie schreiben eine E-Mail: [{ $email }](mailto:{ $email })

    Oder Sie kommen in das Rathaus.

    Die Adresse ist: { $strasse }, { $plz } { $ort }

    ## Ist etwas schwer zu benutzen?

    Vielleicht können Sie etwas nicht lesen.

    Oder Sie können etwas nicht anklicken.

    Das nennt man: Barriere.

    Sagen Sie uns das bitte: [Barriere melden](/barrierefreiheit/melden).

    Wir antworten Ihnen.

    Sie bekommen keine gute Antwort?

    Dann gibt es Hilfe von einer anderen Stelle.

    Hier steht mehr: [Erklärung zur Barriere-Freiheit](/barrierefreiheit)
signs-text-1 =
    ## Was im Film gesagt wird

    Das Bürgerportal { $kommune } ist eine Internetseite der Verwaltung.

    Sie bekommen einen Brief. Mit dem Code aus dem Brief machen Sie sich ein Konto. Danach können Sie dem Rathaus schreiben und sehen, was daraus wird.

    Hindert Sie etwas daran, das Portal zu benutzen? [Barriere melden](/barrierefreiheit/melden). Mehr steht in der [Erklärung zur Barrierefreiheit](/barrierefreiheit).
enforcement-title = Wenn unsere Antwort nicht hilft
enforcement-text = Haben wir nicht innerhalb eines Monats geantwortet, oder hilft die Antwort nicht? Dann können Sie sich kostenlos an die Stelle wenden, die in unserem Bundesland dafür da ist:
barrier-title = Barriere melden
barrier-intro = Hindert Sie etwas daran, das Portal zu benutzen? Sagen Sie es uns. Sie brauchen dafür kein Konto.
barrier-form-intro = Schreiben Sie, was nicht geht. Wir kümmern uns darum und antworten, wenn Sie eine Adresse angeben oder angemeldet sind.
barrier-or = Oder rufen Sie uns an: { $telefon }. Oder schreiben Sie an { $email }.
barrier-send = Absenden
barrier-too-many = Heute sind von hier schon viele Meldungen gekommen. Bitte rufen Sie uns an oder versuchen Sie es morgen noch einmal.
barrier-thanks-title = Danke, Ihre Meldung ist angekommen
barrier-thanks = Sie hat die Nummer { $nummer }. Nennen Sie diese Nummer, wenn Sie uns anrufen.
barrier-nobody = Ohne Konto
field-barrier = Was geht nicht?
field-barrier-hint = Zum Beispiel: Das Vorleseprogramm liest einen Knopf nicht vor.
field-barrier_page = Auf welcher Seite?
field-contact_name = Ihr Name
field-contact_email = Ihre E-Mail-Adresse
field-contact_email-hint = Nur, wenn Sie eine Antwort möchten.
case-kind-barrier = Gemeldete Barriere
mail-barrier-subject = Antwort auf Ihre Meldung { $nummer }
mail-barrier-body =
    Guten Tag,

    Sie haben uns eine Barriere im Bürgerportal { $kommune } gemeldet. Das ist unsere Antwort:

    { $text }

    Möchten Sie etwas dazu sagen? Schreiben Sie an { $email } und nennen Sie die Nummer { $nummer }.
texts-title = Öffentliche Texte
texts-intro = Was die Kommune über sich und das Portal sagt. Jede Veröffentlichung ist eine neue Fassung; alle Fassungen bleiben.
text-built-in = mitgelieferter Text
text-published = veröffentlicht
text-since = Seit
text-address = Seite
text-saved = Der Text ist veröffentlicht. Alle sehen ihn in einigen Sekunden:
text-built-in-title = Das ist der mitgelieferte Text
text-built-in-why = Er wird gezeigt, bis Sie einen eigenen veröffentlichen. Bitte prüfen Sie ihn und passen Sie ihn an.
text-format-hint = Absätze trennt eine leere Zeile. Überschriften beginnen mit ##, Punkte einer Liste mit einem Strich und einer Lücke. Links: [Worte](https://adresse)
text-publish = Veröffentlichen
text-looks = So sieht es aus
text-versions = Fassungen
text-no-versions = Noch keine Fassung.
text-version = Fassung { $fassung }
text-put-back = Fassung { $fassung } wieder veröffentlichen
text-taken-back = Leer: Seitdem stand hier der mitgelieferte Text.
easy-check-title = Leichte Sprache muss geprüft werden
easy-check = Der mitgelieferte Text folgt den Regeln der Leichten Sprache. Ob er verständlich ist, sagen Menschen mit Lernschwierigkeiten: Bitte lassen Sie ihn von einer Prüfgruppe lesen.
film-none = Die Seite in Gebärdensprache gibt es erst, wenn ein Film hochgeladen und sein Text veröffentlicht ist.
film-there = Es gibt einen Film vom { $tag }.
film-file = Film als Datei
film-hint = MP4 oder WebM, höchstens { $mb } MB. Er ersetzt den bisherigen Film.
film-upload = Film hochladen
film-delete = Film löschen
film-large = Die Datei ist zu groß.
film-kind = Das ist kein Film als MP4 oder WebM.
due-do = Zum Text
due-later = In 90 Tagen wieder erinnern
due-easy-language-title = Leichte Sprache ist noch nicht geprüft
due-easy-language = Das Gesetz verlangt Erläuterungen in Leichter Sprache auf der Startseite (§ 4 BITV 2.0). Zurzeit steht dort der mitgelieferte Text.
due-sign-language-title = Die Seite in Gebärdensprache fehlt
due-sign-language = Das Gesetz verlangt Erläuterungen in Deutscher Gebärdensprache auf der Startseite (§ 4 BITV 2.0). Bitte laden Sie einen Film hoch und veröffentlichen Sie seinen Text.
due-statement-title = Die Erklärung zur Barrierefreiheit ist noch nicht geprüft
due-statement = Zurzeit steht dort der mitgelieferte Text. Bitte prüfen Sie ihn, ergänzen Sie Ihr Bundesland in den Einstellungen und veröffentlichen Sie die Erklärung.
due-statement-old-title = Die Erklärung zur Barrierefreiheit ist älter als ein Jahr
due-statement-old = Sie soll einmal im Jahr geprüft werden (§ 7 BITV 2.0). Bitte sehen Sie den Text durch und veröffentlichen Sie ihn neu.
settings-land = Bundesland
settings-land-none = nicht gewählt
settings-land-hint = Die Erklärung zur Barrierefreiheit nennt dann die Durchsetzungsstelle des Landes. Anschrift und Formular ergänzen Sie im Text der Erklärung.
audit-settings-text = Öffentlicher Text veröffentlicht
audit-settings-film = Film in Gebärdensprache hochgeladen
audit-settings-delete-film = Film in Gebärdensprache gelöscht
audit-settings-put-off = Erinnerung aufgeschoben
