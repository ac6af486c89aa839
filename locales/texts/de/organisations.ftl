nav-organisations = Organisationen
field-organisation_kind = Art der Organisation
field-organisation_name = Name der Organisation
field-organisation_name-hint = So, wie er im Register oder in der Satzung steht
field-register = Register
field-register-hint = Zum Beispiel „Vereinsregister, Amtsgericht Cottbus“. Leer lassen, wenn Sie in keinem Register stehen.
field-register_number = Registernummer
field-register_number-hint = Zum Beispiel VR 1234 oder HRB 5678
field-purpose = Zweck
field-purpose-hint = Was macht die Organisation? Zwei, drei Sätze reichen.
field-web = Internetseite
field-web-hint = Mit https:// am Anfang
field-person = Zuständige Person
field-person_role = Funktion
field-person_role-hint = Zum Beispiel Vorsitzende oder Geschäftsführer
field-telephone = Telefon für Rückfragen
organisation-kind-club = Verein
organisation-kind-company = Unternehmen
organisation-kind-farm = Hof, Landwirtschaft
organisation-kind-school = Schule oder Kita
organisation-kind-parish = Kirche, Religionsgemeinschaft
organisation-kind-authority = Behörde, öffentliche Einrichtung
organisation-kind-other = Andere
organisation-state = Stand
organisation-state-admitted = aufgenommen, Brief unterwegs
organisation-state-active = angemeldet
organisation-state-suspended = ausgesetzt
member-role-owner = Verantwortlich
member-role-editor = Redaktion
member-role-owner-long = Verantwortlich: darf alles, auch einladen und beenden
member-role-editor-long = Redaktion: darf den öffentlichen Eintrag schreiben
member-make-owner = Verantwortlich machen
member-make-editor = Zur Redaktion machen
member-remove = Entfernen
member-invite-title = Jemanden einladen
member-invite-how = Wir schicken eine E-Mail mit einem Link. Er gilt 14 Tage und einmal. So geben Sie auch die Verantwortung weiter, zum Beispiel nach einer Wahl.
members-title = Wer für die Organisation handelt
members-none = Noch niemand. Der Brief ist noch nicht benutzt.
invitation-until = { $email }, eingeladen bis { $datum }
invitation-take-back = Zurücknehmen
category = Kategorie
category-sport = Sport
category-culture = Kultur
category-music = Musik
category-youth = Kinder und Jugend
category-seniors = Senioren
category-social = Soziales und Gesundheit
category-nature = Natur und Tiere
category-rescue = Feuerwehr und Rettung
category-education = Bildung
category-religion = Religion
category-food = Essen und Trinken
category-crafts = Handwerk
category-shop = Einkaufen
category-services = Dienstleistungen
directory-title = Verzeichnis
directory-intro = Vereine, Betriebe und Einrichtungen, die unsere Verwaltung geprüft hat.
directory-open = Verzeichnis ansehen
directory-search = Suchbegriff
directory-find = Suchen
directory-all = Alle
directory-count = { $n ->
    [0] Kein Eintrag
    [1] 1 Eintrag
   *[other] { $n } Einträge
  }
directory-none = Dazu gibt es keinen Eintrag. Versuchen Sie es mit einem anderen Wort.
directory-empty = Noch steht niemand im Verzeichnis.
directory-apply = Fehlt Ihre Organisation?
directory-apply-how = Vereine, Betriebe und Einrichtungen können die Aufnahme beantragen. Nach der Prüfung kommt ein Brief mit dem Zugang.
directory-confirmed = Name und Anschrift hat { $sender } geprüft. Den Text schreibt die Organisation selbst.
apply-title = Aufnahme beantragen
apply-intro = Ihre Organisation möchte im Bürgerportal auftreten? So geht es:
apply-step-1 = Sie füllen dieses Formular aus und bestätigen Ihre E-Mail-Adresse.
apply-step-2 = Sie zeigen ein Foto Ihres Ausweises oder kommen mit dem Ausweis ins Rathaus.
apply-step-3 = Die Verwaltung prüft Ihre Angaben. Fragen stellt sie Ihnen hier im Portal.
apply-step-4 = Ein Brief geht an die Anschrift der Organisation. Mit seinem Code melden Sie die Organisation an.
apply-organisation = Organisation
apply-address = Anschrift
apply-address-hint = Hierhin schicken wir den Brief. Bei Vereinen und Unternehmen ist es die Anschrift aus dem Register.
apply-person = Zuständige Person
apply-person-hint = Wer darf für die Organisation handeln? An diese Person richten wir den Brief.
apply-you = Ihr Konto
apply-own-name = Ihr Name
apply-account = Über dieses Konto stellen wir Rückfragen, und Sie sehen, wie weit Ihr Antrag ist.
apply-have-account = Haben Sie schon ein Konto?
apply-signed-in = Der Antrag läuft über Ihr Konto: { $name }.
apply-mailed = Wir haben eine E-Mail an { $email } geschickt. Öffnen Sie den Link darin. Danach zeigen Sie Ihren Ausweis. Erst dann geht der Antrag an die Verwaltung.
apply-not-staff = Mit einem Konto der Verwaltung können Sie keine Aufnahme beantragen. Melden Sie sich dafür ab.
case-kind-admission = Aufnahme einer Organisation
proof-intro-admission = Bitte zeigen Sie, wer Sie sind. Die Verwaltung vergleicht Ihren Ausweis mit der zuständigen Person im Antrag.
admission-check = Vergleichen Sie vor der Zusage: Stimmt der Name im Register? Passt der Ausweis zur zuständigen Person? Ist die Anschrift die des Registers?
admission-approve = Aufnehmen und Brief machen
admission-done = Die Organisation ist aufgenommen.
admission-open = Zur Organisation und zum Brief
admission-similar-title = Gibt es diese Organisation schon?
admission-similar = Name oder Registernummer gleichen einer Organisation, die schon aufgenommen ist:
admission-address-too-long = Name oder Anschrift passen nicht in das Fenster des Briefs. Bitten Sie um eine kürzere Schreibweise.
admission-texts-too-long = Die Briefvorlage für Organisationen passt nicht auf die Seite. Bitte kürzen Sie sie unter „Vorlagen“.
admission-no-letter = Der Brief konnte nicht gemacht werden. Bitte versuchen Sie es noch einmal.
account-organisations = Sie handeln für
account-form-organisation = Wer diesen Brief benutzt, handelt künftig für die Organisation. Haben Sie schon ein Konto, zum Beispiel vom Antrag? Dann melden Sie sich zuerst an und benutzen den Code danach.
account-form-organisation-signed-in = Sie sind angemeldet als { $name }. Mit diesem Brief handeln Sie künftig auch für die Organisation. Ihr eigenes Konto ändert sich nicht.
organisation-note-oeffentlich = Der Eintrag ist jetzt öffentlich.
organisation-note-geprueft = Der Eintrag liegt jetzt bei der Verwaltung. Nach der Prüfung ist er öffentlich.
organisation-note-gespeichert = Gespeichert.
organisation-suspended-note = Die Verwaltung hat den Eintrag ausgesetzt. Er ist zurzeit nicht öffentlich. Bitte melden Sie sich bei uns.
organisation-fixed = Name und Anschrift ändert nur die Verwaltung.
organisation-confirm-title = Stimmen die Angaben noch?
organisation-due = Bitte bestätigen Sie bis { $datum }, dass Name, Anschrift und Eintrag noch stimmen. Sonst ist der Eintrag danach nicht mehr öffentlich.
organisation-overdue = Der Eintrag ist seit { $datum } nicht mehr öffentlich, weil niemand ihn bestätigt hat.
organisation-confirm = Ja, alles stimmt noch
organisation-leave-title = Verlassen oder beenden
organisation-leave-how = Wenn Sie nicht mehr zuständig sind, laden Sie zuerst jemanden ein und machen die Person verantwortlich.
organisation-leave = Organisation verlassen
organisation-end = Organisation aus dem Portal nehmen
organisation-end-what = Eintrag, Mitglieder und alle Angaben werden gelöscht. Das lässt sich nicht zurücknehmen. Für eine neue Aufnahme ist ein neuer Antrag nötig.
organisation-end-yes = Ja, alles löschen
organisations-none = Keine Organisation passt dazu.
organisations-off = Das Verzeichnis ist ausgeschaltet. Die Daten bleiben erhalten, öffentlich ist nichts.
organisation-removed = Die Organisation ist entfernt.
organisation-admitted = Aufgenommen am
organisation-active = Angemeldet am
organisation-confirm-by = Zu bestätigen bis
organisation-open-case = Antrag ansehen
organisation-letter = Brief
organisation-no-letter = Zu dieser Organisation gibt es keinen Brief.
organisation-letter-made = Gemacht am
organisation-letter-posted = Versandt am
organisation-letter-until = Gültig bis
organisation-letter-making = Der Brief wird gerade gemacht und geprüft. Laden Sie die Seite in einem Augenblick neu.
organisation-letter-how = Schicken Sie den Brief mit der Post, oder schicken Sie das barrierefreie PDF als E-Mail an die zuständige Person. Melden Sie ihn danach als verschickt: Erst damit beginnt die Frist.
organisation-letter-print = Zum Druckauftrag
organisation-letter-pdf = Barrierefreies PDF herunterladen
organisation-letter-sent = Heute verschickt
organisation-new-letter-what = Ein neuer Brief macht den alten sofort ungültig. Wer mit ihm anmeldet, wird verantwortlich für die Organisation.
organisation-new-letter = Neuen Brief machen
organisation-method-open = Organisationen melden sich ohne Brief an. Das steht in den Einstellungen.
organisation-not-downloaded = Laden Sie den Brief zuerst herunter.
organisation-letter-state = Das geht beim jetzigen Stand des Briefs nicht.
organisation-more = Aussetzen oder entfernen
organisation-suspend-what = Ausgesetzte Organisationen sind nicht öffentlich. Ihre Daten bleiben erhalten.
organisation-suspend = Aussetzen
organisation-resume = Wieder öffentlich machen
organisation-remove = Organisation entfernen
entry-title = Öffentlicher Eintrag
entry-state-waiting = wartet auf Prüfung
entry-state-public = öffentlich
entry-state-none = noch kein Eintrag
entry-moderated = Die Verwaltung sieht sich jede Änderung an, bevor sie öffentlich wird.
entry-description = Beschreibung
entry-description-hint = Was bieten Sie an? Für wen? Bis 2 000 Zeichen.
entry-hours = Öffnungs- oder Trainingszeiten
entry-telephone = Öffentliche Telefonnummer
entry-email = Öffentliche E-Mail-Adresse
entry-show-address = Straße und Hausnummer öffentlich zeigen
entry-send = Zur Prüfung schicken
entry-publish = Veröffentlichen
entry-review = Neuer Eintrag wartet auf Prüfung
entry-now = Jetzt öffentlich
entry-new = Neu
entry-review-how = Bei „Nicht veröffentlichen“ bekommen die Verantwortlichen eine E-Mail. Der bisherige Eintrag bleibt.
entry-approve = Veröffentlichen
entry-reject = Nicht veröffentlichen
join-title = Für { $organisation } handeln
join-as = Sie sind angemeldet als { $name }. Mit diesem Konto handeln Sie künftig auch für die Organisation.
join-new = Wir legen ein Konto mit der Adresse { $email } an. Haben Sie schon eines, melden Sie sich zuerst an und öffnen den Link danach noch einmal.
join-button = Einladung annehmen
join-gone = Die Einladung wurde schon benutzt, zurückgenommen oder ist zu alt. Bitten Sie um eine neue.
problem-join-known = Mit dieser E-Mail-Adresse gibt es schon ein Konto. Melden Sie sich damit an, und öffnen Sie den Link danach noch einmal.
problem-last-owner = Mindestens eine Person muss verantwortlich bleiben. Machen Sie zuerst jemand anderen verantwortlich.
problem-sure = Bitte setzen Sie das Häkchen, wenn Sie sicher sind.
problem-web = Bitte geben Sie eine vollständige Adresse ein, zum Beispiel https://www.verein.example.
problem-entry-changed = Der Eintrag wurde gerade geändert. Bitte laden Sie die Seite neu.
problem-organisation-suspended = Solange die Organisation ausgesetzt oder noch nicht angemeldet ist, lässt sich der Eintrag nicht ändern.
settings-directory = Verzeichnis der Organisationen einschalten
settings-directory-hint = Ausgeschaltet sind die öffentlichen Seiten nicht erreichbar. Die Daten bleiben erhalten. Die Aufnahme beantragen kann man, solange eines von beiden eingeschaltet ist.
settings-moderate = Einträge vor der Veröffentlichung prüfen
template-organisation = Brief an Organisationen
mail-join-subject = Einladung: für { $organisation } handeln
mail-join-body = Guten Tag,

    Sie sind eingeladen, im Bürgerportal { $kommune } für { $organisation } zu handeln.

    Einladung ansehen und annehmen:
    { $link }

    Der Link gilt 14 Tage und einmal. Kennen Sie die Organisation nicht, löschen Sie diese E-Mail einfach.
mail-organisation-confirm-subject = Stimmen die Angaben im Bürgerportal { $kommune } noch?
mail-organisation-confirm-body = Guten Tag,

    einmal im Jahr fragen wir, ob die Angaben Ihrer Organisation noch stimmen. Bitte bestätigen Sie das im Portal, sonst ist der Eintrag bald nicht mehr öffentlich:
    { $link }
mail-organisation-new-owner-subject = Jemand Neues hat alle Rechte für { $organisation }
mail-organisation-new-owner-body = Guten Tag,

    im Bürgerportal { $kommune } hat jetzt noch jemand alle Rechte für { $organisation }. Wer das ist, sehen Sie hier:
    { $link }

    Haben Sie das nicht erwartet? Nehmen Sie der Person die Rechte, und melden Sie sich bei uns.
mail-organisation-ended-subject = Ihre Organisation ist nicht mehr im Bürgerportal { $kommune }
mail-organisation-ended-body = Guten Tag,

    der Eintrag und alle Angaben Ihrer Organisation wurden aus dem Portal gelöscht. Wenn das ein Irrtum ist, melden Sie sich bitte bei uns.
mail-entry-public-subject = Ihr Eintrag im Bürgerportal { $kommune } ist öffentlich
mail-entry-public-body = Guten Tag,

    der Eintrag Ihrer Organisation ist geprüft und jetzt öffentlich:
    { $link }
mail-entry-refused-subject = Ihr Eintrag im Bürgerportal { $kommune } wurde nicht veröffentlicht
mail-entry-refused-body = Guten Tag,

    die Verwaltung hat die Änderung am Eintrag Ihrer Organisation nicht veröffentlicht. Bitte melden Sie sich bei Fragen. Ihren Eintrag sehen Sie hier:
    { $link }
settings-market = Markt für Angebote und Hinweise einschalten
start-organisations = Vereine und Betriebe
market-title = Markt
market-intro = Angebote, Gesuche, Termine und Neues von geprüften Vereinen, Betrieben und Einrichtungen.
market-open = Markt ansehen
market-empty = Zurzeit gibt es keine Aushänge.
market-count = { $n ->
    [0] Kein Aushang
    [1] 1 Aushang
   *[other] { $n } Aushänge
  }
notices-title = Aushänge
notices-how = Angebote, Gesuche, Termine und Neues. Jeder Aushang steht bis zu einem Tag im Markt und verschwindet dann von selbst.
notice-kind = Art
notice-kind-offer = Angebot
notice-kind-wanted = Gesuch
notice-kind-event = Termin
notice-kind-news = Neues
notice-headline = Überschrift
notice-text = Text
notice-last-day = Letzter Tag
notice-last-day-hint = So lange steht der Aushang im Markt, höchstens ein halbes Jahr.
notice-until = bis { $datum }
notice-hidden = nicht veröffentlicht
notice-end = Aushang wegnehmen
notice-hide = Nicht zeigen
problem-notice-day = Bitte geben Sie einen Tag von heute an bis in höchstens { $most } Tagen an.
problem-notices-full = Mehr als { $most } Aushänge zugleich gehen nicht. Nehmen Sie zuerst einen weg.
audit-organisations-write-notice = Aushang geschrieben
audit-organisations-end-notice = Aushang weggenommen
audit-organisations-review-notice = Aushang geprüft
mail-notice-hidden-subject = Ein Aushang im Bürgerportal { $kommune } wird nicht gezeigt
mail-notice-hidden-body = Guten Tag,

    die Verwaltung zeigt einen Aushang Ihrer Organisation nicht. Bitte melden Sie sich bei Fragen. Ihre Aushänge sehen Sie hier:
    { $link }
organisation-change-title = Name oder Anschrift ändern
organisation-change-how = Ändern Sie, was sich geändert hat. Die Verwaltung prüft es. Bis dahin steht im Verzeichnis, was jetzt dort steht.
organisation-change-reason = Was ist geschehen, zum Beispiel ein Umzug oder ein Beschluss? Einen Registerauszug können Sie danach im Vorgang mitschicken.
organisation-change-send = Antrag senden
organisation-change-check = Vergleichen Sie mit dem Register. Mit der Zustimmung ändern sich Name und Anschrift im Verzeichnis, im Markt und auf Briefen.
organisation-change-gone = Wer das beantragt hat, ist nicht mehr verantwortlich für die Organisation, oder es gibt sie nicht mehr. Lehnen Sie mit dieser Begründung ab.
organisation-nothing-new = Es hat sich nichts geändert.
case-kind-organisation_change = Organisation: Name oder Anschrift ändern
member-invite-language = Sprache der E-Mail
logo-title = Logo
logo-file = Bild
logo-hint = PNG, JPEG oder WebP. Wir machen es klein; alles andere in der Datei wird entfernt.
logo-send = Logo hochladen
logo-remove = Logo entfernen
logo-alt = Das Logo
logo-approve = Logo zeigen
logo-reject = Logo nicht zeigen
audit-organisations-logo = Logo hochgeladen
audit-organisations-remove-logo = Logo entfernt
audit-organisations-review-logo = Logo geprüft
council-active = Angemeldet
council-people = Menschen, die für sie handeln
council-ideas = Ideen
council-answered = Davon beantwortet
council-comments = Kommentare
council-writers = Menschen, die etwas geschrieben haben
council-supporters = Menschen, die eine Idee unterstützen
organisation-change-old = Name oder Anschrift haben sich seit dem Antrag schon geändert. Lehnen Sie ab und bitten Sie um einen neuen Antrag.
dash-admissions = Anträge auf Aufnahme
organisation-change-approve = Zustimmen
organisation-change-masked = Straße und zuständige Person von Organisationen sieht nur die Meldebehörde. Soll sich daran etwas ändern, entscheidet sie.
organisation-change-covered = Hier soll sich etwas ändern, was nur die Meldebehörde sieht. Geben Sie den Vorgang bitte dorthin ab.
