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
