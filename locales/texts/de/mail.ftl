mail-confirm-subject = Bitte bestätigen Sie Ihre E-Mail-Adresse
mail-confirm-body = Guten Tag,

    Sie haben diese E-Mail-Adresse im Bürgerportal { $kommune } angegeben.
    Bitte öffnen Sie diesen Link und bestätigen Sie die Adresse:

    { $link }

    Der Link gilt 24 Stunden. Wenn Sie das nicht waren, tun Sie bitte nichts.

    Bürgerportal { $kommune }
mail-known-subject = Sie haben schon ein Konto
mail-known-body = Guten Tag,

    jemand wollte diese E-Mail-Adresse im Bürgerportal { $kommune } angeben.
    Es gibt schon ein Konto mit dieser Adresse. Wenn Sie das waren, melden Sie sich bitte hier an:

    { $link }

    Wenn Sie das nicht waren, müssen Sie nichts tun. Ihr Konto ist unverändert.

    Bürgerportal { $kommune }
mail-control-alarm-subject = Alarm: Der Code eines Kontrollbriefs wurde benutzt
mail-control-alarm = Guten Tag,

    jemand hat im Bürgerportal den Code eines Kontrollbriefs benutzt. Diese Codes benutzt sonst niemand. Wahrscheinlich hat jemand Briefe geöffnet oder die Druckdatei gesehen.

    Bitte sehen Sie gleich nach:
    { $link }
mail-case-new-subject = Neuer Vorgang im Bürgerportal { $kommune }
mail-case-new-body =
    Guten Tag,

    im Bürgerportal ist ein neuer Vorgang angekommen:
    { $link }

    Diese E-Mail enthält keine persönlichen Daten. Wann Sie solche E-Mails bekommen, stellen Sie im Portal unter „Nachrichten“, „Vorgaben“ ein.
mail-case-news-subject = Neues in einem Vorgang
mail-case-news-body =
    Guten Tag,

    in einem Vorgang, für den Sie zuständig sind, gibt es etwas Neues:
    { $link }
mail-case-assigned-subject = Ein Vorgang wurde an Sie abgegeben
mail-case-assigned-body =
    Guten Tag,

    ein Vorgang wurde an Sie abgegeben:
    { $link }
mail-case-digest-subject = { $n ->
    [one] 1 Vorgang im Bürgerportal { $kommune }
   *[other] { $n } Vorgänge im Bürgerportal { $kommune }
}
mail-case-digest-body =
    Guten Tag,

    seit gestern gibt es { $n ->
        [one] einen neuen oder geänderten Vorgang
       *[other] { $n } neue oder geänderte Vorgänge
    } für Sie:
    { $link }
mail-own-case-subject = Neues zu Ihrem Vorgang im Bürgerportal { $kommune }
mail-own-case-body =
    Guten Tag,

    zu Ihrem Vorgang gibt es etwas Neues. Bitte melden Sie sich an und sehen Sie nach:
    { $link }

    Diese E-Mail enthält keine persönlichen Daten. Wir fragen nie nach Ihrem Passwort.
mail-invite-subject = Einladung ins Bürgerportal { $kommune }
mail-invite-body =
    Guten Tag,

    Sie wurden eingeladen, in der Verwaltung des Bürgerportals { $kommune } mitzuarbeiten. Bitte öffnen Sie diesen Link und wählen Sie ein Passwort:
    { $link }

    Der Link gilt sieben Tage.
mail-password-subject = Neues Passwort für das Bürgerportal { $kommune }
mail-password-body =
    Guten Tag,

    mit diesem Link wählen Sie ein neues Passwort:
    { $link }

    Der Link gilt eine Stunde. Haben Sie das nicht angefordert? Dann müssen Sie nichts tun.
    Geht etwas vor, das Sie nicht waren, frieren Sie Ihr Konto ein: { $adresse } mit der Nummer { $nummer }.
mail-sign-in-subject = Anmelden im Bürgerportal { $kommune }
mail-sign-in-body =
    Guten Tag,

    mit diesem Link melden Sie sich an:
    { $link }

    Oder geben Sie auf der Seite, auf der Sie warten, diesen Code ein:

    { $code }

    Link und Code gelten 10 Minuten und zusammen einmal. Geben Sie den Code niemandem weiter, auch nicht am Telefon.
    Waren Sie das nicht, frieren Sie Ihr Konto ein: { $adresse } mit der Nummer { $nummer }.
mail-changed-subject = Ihre E-Mail-Adresse im Bürgerportal { $kommune } wurde geändert
mail-changed-body =
    Guten Tag,

    für Ihr Konto gilt jetzt eine andere E-Mail-Adresse.

    Waren Sie das nicht, frieren Sie Ihr Konto ein: { $adresse } mit der Nummer { $nummer }.
