mail-confirm-subject = Please confirm your e-mail address
mail-confirm-body = Hello,

    you entered this e-mail address on the citizen portal of { $kommune }.
    Please open this link and confirm the address:

    { $link }

    The link works for 24 hours. If this was not you, please do nothing.

    Citizen portal of { $kommune }
mail-known-subject = You already have an account
mail-known-body = Hello,

    somebody wanted to use this e-mail address on the citizen portal of { $kommune }.
    There is already an account with this address. If this was you, please sign in here:

    { $link }

    If this was not you, you need not do anything. Your account is unchanged.

    Citizen portal of { $kommune }
mail-control-alarm-subject = Alarm: the code of a control letter was used
mail-control-alarm = Good day,

    somebody has used the code of a control letter on the citizen portal. Nobody else uses these codes. Probably somebody has opened letters or seen the print file.

    Please have a look at once:
    { $link }
mail-case-new-subject = New case in the citizen portal of { $kommune }
mail-case-new-body =
    Hello,

    a new case has arrived in the citizen portal:
    { $link }

    This e-mail contains no personal data. You choose when you get such e-mails in the portal under “Inbox”, “Preferences”.
mail-case-news-subject = News in a case
mail-case-news-body =
    Hello,

    there is something new in a case that is assigned to you:
    { $link }
mail-case-assigned-subject = A case was handed to you
mail-case-assigned-body =
    Hello,

    a case was handed to you:
    { $link }
mail-case-digest-subject = { $n ->
    [one] 1 case in the citizen portal of { $kommune }
   *[other] { $n } cases in the citizen portal of { $kommune }
}
mail-case-digest-body =
    Hello,

    since yesterday there { $n ->
        [one] is one new or changed case
       *[other] are { $n } new or changed cases
    } for you:
    { $link }
mail-own-case-subject = News about your case in the citizen portal of { $kommune }
mail-own-case-body =
    Hello,

    there is something new about your case. Please sign in and look:
    { $link }

    This e-mail contains no personal data. We never ask for your password.
mail-invite-subject = Invitation to the citizen portal of { $kommune }
mail-invite-body =
    Hello,

    you were invited to work in the administration of the citizen portal of { $kommune }. Please open this link and choose a password:
    { $link }

    The link works for seven days.
mail-password-subject = New password for the citizen portal of { $kommune }
mail-password-body =
    Hello,

    with this link you choose a new password:
    { $link }

    The link works for one hour. Did you not ask for it? Then you need not do anything.
    If something happens that was not you, freeze your account: { $adresse } with the number { $nummer }.
mail-sign-in-subject = Sign in to the citizen portal of { $kommune }
mail-sign-in-body =
    Hello,

    with this link you sign in:
    { $link }

    Or type this code on the page where you are waiting:

    { $code }

    Link and code work for 10 minutes, and once between them. Do not give the code to anybody, not on the telephone either.
    If this was not you, freeze your account: { $adresse } with the number { $nummer }.
mail-changed-subject = Your e-mail address in the citizen portal of { $kommune } was changed
mail-changed-body =
    Hello,

    your account has another e-mail address now.

    If this was not you, freeze your account: { $adresse } with the number { $nummer }.
