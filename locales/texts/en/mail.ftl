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
