start-talk = Mitreden
start-talk-intro = Umfragen und Ideen: Hier sprechen Menschen aus unserem Ort unter ihrem bestätigten Namen.
settings-surveys = Umfragen einschalten
settings-ideas = Ideen einschalten
settings-comments = Kommentare zu Aushängen, Ideen und Ergebnissen einschalten
settings-talk-hint = Ausgeschaltet sind die Seiten verborgen. Was darin steht, bleibt gespeichert.
house-rules = Hausregeln
ideas-title = Ideen
ideas-intro = Was könnte bei uns besser werden? Menschen und Organisationen von hier schlagen etwas vor, andere unterstützen es.
ideas-none = Noch hat niemand etwas geschrieben.
ideas-count = { $n ->
    [one] Eine Idee
   *[other] { $n } Ideen
 }
ideas-order = Reihenfolge
ideas-by-support = Meiste Unterstützung
ideas-by-time = Neueste
idea-new = Idee vorschlagen
idea-title = Überschrift
idea-title-hint = Kurz, worum es geht
idea-text = Ihre Idee
idea-text-hint = Was soll besser werden, und wie? Schreiben Sie nichts, was nur Sie oder andere privat angeht.
idea-send = Veröffentlichen
idea-thanks = Ihre Idee ist veröffentlicht. Danke!
idea-supports = { $n ->
    [0] Noch keine Unterstützung
    [one] Eine Person unterstützt das
   *[other] { $n } Personen unterstützen das
 }
idea-support = Das unterstütze ich
idea-unsupport = Nicht mehr unterstützen
idea-sign-in = und diese Idee unterstützen.
idea-status = Stand
idea-status-new = neu
idea-status-examined = wird geprüft
idea-status-planned = wird gemacht
idea-status-done = ist gemacht
idea-status-declined = wird nicht gemacht
idea-reply = Auf diese Idee antworten
idea-reply-of = Antwort: { $sender }
idea-reply-text = Antwort
idea-reply-hint = Ein Nein braucht eine Begründung. Wer die Idee hatte, bekommt eine E-Mail.
comments-count = { $n ->
    [0] Noch keine Kommentare
    [one] Ein Kommentar
   *[other] { $n } Kommentare
 }
comment-new = Kommentar schreiben
comment-text = Kommentar
comment-send = Veröffentlichen
talk-comment = Kommentar
talk-organisation = Organisation
talk-pseudonym = Pseudonym, der Verwaltung bekannt
talk-no-name = Name nicht öffentlich
talk-changed = geändert am { $datum }, frühere Fassungen
talk-change = Ändern oder löschen
talk-change-title = Beitrag ändern
talk-change-how = Frühere Fassungen bleiben für alle lesbar, damit Antworten verständlich bleiben.
talk-delete = Beitrag löschen
talk-delete-how = Der Beitrag verschwindet mit allen Fassungen.
talk-delete-idea = Die Idee verschwindet mit allen Fassungen, mit der Unterstützung und mit allen Kommentaren dazu.
talk-delete-sure = Ja, löschen
talk-deleted = Ihr Beitrag ist gelöscht.
talk-hidden = verborgen
talk-hidden-because = Die Verwaltung hat diesen Beitrag verborgen. Grund: { $grund }
talk-object = Widersprechen
talk-sign-in = und mitschreiben. Es gelten die
talk-not-verified-title = Ihr Konto ist noch nicht bestätigt
talk-not-verified = Hier schreiben Menschen, deren Name mit einem Brief der Verwaltung bestätigt ist, und geprüfte Organisationen.
talk-too-many = Für heute ist es genug. Bitte schreiben Sie morgen weiter.
talk-own-idea = Die eigene Idee können Sie nicht unterstützen.
talk-as = Sie schreiben als { $name }
talk-as-pseudonym = Sie schreiben als „{ $name }“. Das ist Ihr Pseudonym, weil Ihre Daten im Melderegister gesperrt sind. Die Verwaltung kennt Ihren Namen.
talk-as-new-pseudonym = Sie schreiben unter einem Pseudonym, das wir Ihnen geben, weil Ihre Daten im Melderegister gesperrt sind. Die Verwaltung kennt Ihren Namen.
talk-voice = Sie schreiben als
talk-rules-hint = Ihr Beitrag steht sofort und für alle lesbar unter Ihrem Namen im Internet.
own-talk-title = Meine Beiträge
own-talk-none = Sie haben noch nichts geschrieben.
report-link = Melden
report-link-of = – Beitrag von { $name }
report-title = Beitrag melden
report-how = Sagen Sie uns, was an diesem Beitrag nicht in Ordnung ist. Wer ihn geschrieben hat, erfährt nicht, wer ihn gemeldet hat.
report-target-notice = Aushang
report-target-entry = Eintrag im Verzeichnis
report-target-idea = Idee
report-target-comment = Kommentar
report-reason = Was ist nicht in Ordnung?
report-reason-insult = Beleidigung oder Drohung
report-reason-hatred = Hass gegen eine Gruppe
report-reason-private = Privates über andere
report-reason-false = Falsch oder irreführend
report-reason-spam = Werbung, immer dasselbe
report-reason-illegal = Verstößt gegen ein Gesetz
report-reason-other = Etwas anderes
report-text = Erklärung
report-text-hint = Welche Stelle meinen Sie, und warum?
report-email = Ihre E-Mail-Adresse
report-email-hint = Nur, wenn Sie erfahren möchten, was daraus wird. Danach löschen wir sie.
report-send = Meldung absenden
report-thanks-title = Danke für Ihre Meldung
report-thanks = Die Verwaltung sieht sich den Beitrag an und entscheidet, ob er stehen bleibt.
report-too-many = Von diesem Anschluss kamen heute schon viele Meldungen. Bitte versuchen Sie es morgen wieder, oder rufen Sie an.
report-decided = Darüber ist schon entschieden.
moderation-title = Meldungen
moderation-reported = Gemeldet
moderation-none = Keine Meldungen warten.
moderation-newest = Neueste Beiträge
moderation-person = im Register: { $name }
moderation-reports = { $n ->
    [one] Eine Meldung
   *[other] { $n } Meldungen
 }
moderation-reason = Grund
moderation-reason-hint = Die Person, die es geschrieben hat, liest diesen Grund und kann widersprechen.
moderation-hide = Verbergen
moderation-keep = Stehen lassen
moderation-keep-hint = Die Meldungen sind damit erledigt. Wer eine Adresse angegeben hat, bekommt Bescheid.
moderation-close = Erledigt
moderation-gone = Nicht mehr da
moderation-show = Wieder zeigen
dash-talk = Mitreden
dash-surveys-open = Umfragen offen
dash-surveys-closed = Umfragen ohne Ergebnis
dash-ideas = Ideen
dash-comments = Kommentare
dash-reports = Meldungen warten
mail-idea-reply-subject = Antwort auf Ihre Idee im Bürgerportal { $kommune }
mail-idea-reply-body = Guten Tag,

    die Verwaltung hat auf Ihre Idee „{ $titel }“ geantwortet. Die Antwort lesen Sie hier:
    { $link }

    Bürgerportal { $kommune }
mail-contribution-hidden-subject = Ihr Beitrag im Bürgerportal { $kommune } ist verborgen
mail-contribution-hidden-body = Guten Tag,

    die Verwaltung hat einen Beitrag von Ihnen verborgen: „{ $titel }“

    Grund: { $grund }

    Ihre Beiträge finden Sie hier:
    { $link }

    Wenn Sie nicht einverstanden sind, schreiben Sie uns im Portal unter „Nachricht“. Ein Mensch sieht sich die Sache noch einmal an.

    Bürgerportal { $kommune }
mail-contribution-shown-subject = Ihr Beitrag im Bürgerportal { $kommune } ist wieder zu lesen
mail-contribution-shown-body = Guten Tag,

    die Verwaltung hat Ihren Beitrag noch einmal angesehen. Er steht wieder da:
    { $link }

    Bürgerportal { $kommune }
mail-content-hidden-subject = Ein Aushang von { $organisation } im Bürgerportal { $kommune } ist verborgen
mail-content-hidden-body = Guten Tag,

    die Verwaltung hat einen Aushang von { $organisation } verborgen: „{ $titel }“

    Grund: { $grund }

    Ändern können Sie ihn hier:
    { $link }

    Wenn Sie nicht einverstanden sind, schreiben Sie uns im Portal unter „Nachricht“. Ein Mensch sieht sich die Sache noch einmal an.

    Bürgerportal { $kommune }
mail-entry-hidden-subject = Der Eintrag von { $organisation } im Bürgerportal { $kommune } ist verborgen
mail-entry-hidden-body = Guten Tag,

    die Verwaltung hat den Eintrag von { $organisation } im Verzeichnis verborgen.

    Grund: { $grund }

    Ändern können Sie ihn hier:
    { $link }

    Wenn Sie nicht einverstanden sind, schreiben Sie uns im Portal unter „Nachricht“. Ein Mensch sieht sich die Sache noch einmal an.

    Bürgerportal { $kommune }
mail-report-subject = Ihre Meldung im Bürgerportal { $kommune }
mail-report-hidden = Guten Tag,

    danke für Ihre Meldung. Die Verwaltung hat den Beitrag verborgen.

    Bürgerportal { $kommune }
mail-report-kept = Guten Tag,

    danke für Ihre Meldung. Die Verwaltung hat den Beitrag geprüft und lässt ihn stehen. Wenn Sie nicht einverstanden sind, antworten Sie der Verwaltung oder rufen Sie an.

    Bürgerportal { $kommune }
mail-report-gone = Guten Tag,

    danke für Ihre Meldung. Der Beitrag ist nicht mehr da.

    Bürgerportal { $kommune }
permission-manage-surveys = Umfragen anlegen und veröffentlichen
permission-moderate = Meldungen entscheiden, Beiträge verbergen, auf Ideen antworten
audit-surveys-create = Umfrage angelegt
audit-surveys-write = Umfrage geändert
audit-surveys-release = Umfrage freigegeben
audit-surveys-close = Umfrage beendet
audit-surveys-publish = Ergebnis einer Umfrage veröffentlicht
audit-surveys-discard = Umfrage gelöscht
audit-talk-propose = Idee vorgeschlagen
audit-talk-comment = Kommentar geschrieben
audit-talk-rewrite = Beitrag geändert
audit-talk-take-back = Beitrag gelöscht
audit-talk-reply = Auf eine Idee geantwortet
audit-talk-report = Beitrag gemeldet
audit-talk-decide-report = Über eine Meldung entschieden
audit-talk-hide = Beitrag verborgen
audit-talk-show-again = Beitrag wieder gezeigt
own-data-surveys = Umfragen, an denen Sie teilgenommen haben (was Sie geantwortet haben, wissen wir nicht)
own-data-pseudonym = Pseudonym
own-data-supports = Sie unterstützen
moderation-earlier = Frühere Fassungen
